// SPDX-License-Identifier: Apache-2.0
//
// What the tests of the libyara vendor share: the built DLL, rules, and a started instance with one
// session.
#ifndef VSAPI_TESTS_VENDOR_DLL_YARA_YARA_SUPPORT_H_
#define VSAPI_TESTS_VENDOR_DLL_YARA_YARA_SUPPORT_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "support/samples.h"
#include "support/test_folder.h"
#include "support/vendor_harness.h"
#include "support/vendor_matchers.h"

namespace vsapi::test {

inline const LoadedVendor& Dll() {
  static const LoadedVendor dll(VSAPI_YARA_DLL);
  return dll;
}

// A rule that finds `text`; `head` goes behind its name, `meta` before its strings.
inline std::string RuleFor(const std::string& name, const std::string& text,
                           const std::string& head = "", const std::string& meta = "") {
  return "rule " + name + head + " {\n" + (meta.empty() ? "" : "  meta: " + meta + "\n") +
         "  strings: $text = \"" + text + "\"\n  condition: $text\n}\n";
}

// A rule with a condition alone.
inline std::string RuleThat(const std::string& name, const std::string& condition) {
  return "rule " + name + " {\n  condition: " + condition + "\n}\n";
}

// A started instance, with one session.
class Started {
 public:
  explicit Started(const std::string& parameters) : vendor(Dll(), parameters) {
    if (vendor.create_status() != VSAPI_OK || vendor.Start() != VSAPI_OK)
      throw std::runtime_error("the vendor does not start: " + vendor.LogText());
    session = std::make_unique<VendorSession>(vendor);
  }
  ~Started() { session.reset(); }

  Outcome Scan(const std::string& content) { return session->Scan(content); }
  Outcome Scan(const Script& script) { return session->Scan(script); }

  VendorInstance vendor;
  std::unique_ptr<VendorSession> session;
};

// The same, on one file that holds `rules`.
class StartedWith {
 public:
  explicit StartedWith(const std::string& rules, const std::string& more = "")
      : yara("rules=" + folder.Write("test.yar", rules) + ";" + more) {}

  Outcome Scan(const std::string& content) { return yara.Scan(content); }
  Outcome Scan(const Script& script) { return yara.Scan(script); }

  TestFolder folder;
  Started yara;
};

MATCHER_P(IsInfectedBy, name, "") {
  return arg.status == VSAPI_OK && arg.verdict == VSAPI_VERDICT_INFECTED &&
         arg.findings.size() == 1 && arg.findings[0].kind == VSAPI_FINDING_THREAT &&
         arg.findings[0].name == name;
}

inline auto IsEicar() { return IsInfectedBy("EICAR_Test_File"); }

}  // namespace vsapi::test

#endif  // VSAPI_TESTS_VENDOR_DLL_YARA_YARA_SUPPORT_H_
