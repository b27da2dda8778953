// SPDX-License-Identifier: Apache-2.0
//
// What the tests over all of our vendors need to know of each, and the fixture that runs them once
// for each that is built.
#ifndef VSAPI_TESTS_VENDOR_DLL_ANY_VENDOR_H_
#define VSAPI_TESTS_VENDOR_DLL_ANY_VENDOR_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "support/samples.h"
#include "support/test_folder.h"
#include "support/vendor_harness.h"
#include "support/vendor_matchers.h"

namespace vsapi::test {

struct Kind {
  std::string name;  // in the names of tests
  std::string dll;
  std::string stamp_name;  // in stamps and settings
  uint32_t flags;
  std::string place_key;  // of Parameters: where its definitions are
  std::string size_key;   // of Parameters: its largest content
  std::string extension;  // of a file of definitions
  std::string shipped;    // the folder of its own
  std::string (*rule)(const std::string& name, const std::string& text);  // finds `text`
  std::string eicar;                                                      // what it calls EICAR
};

inline std::string ClamavRule(const std::string& name, const std::string& text) {
  return name + ":0:*:" + HexOf(text) + "\n";
}

inline std::string YaraRule(const std::string& name, const std::string& text) {
  return "rule " + name + " { strings: $text = \"" + text + "\" condition: $text }\n";
}

inline std::vector<Kind> Kinds() {
  const std::string sources = VSAPI_VENDOR_SOURCES;
  std::vector<Kind> kinds;
#ifdef VSAPI_CLAMAV_DLL
  kinds.push_back({"Clamav", VSAPI_CLAMAV_DLL, "OpenVSAPI-ClamAV", VSAPI_VENDOR_KEEP_RESIDENT,
                   "definitions", "max_file_size", ".ndb", sources + "/clamav/definitions",
                   ClamavRule, "Eicar-Test-Signature.UNOFFICIAL"});
#endif
#ifdef VSAPI_YARA_DLL
  kinds.push_back({"Yara", VSAPI_YARA_DLL, "OpenVSAPI-YARA", 0, "rules", "max_size", ".yar",
                   sources + "/yara/rules", YaraRule, "EICAR_Test_File"});
#endif
  return kinds;
}

class AnyVendor : public testing::TestWithParam<Kind> {
 protected:
  const LoadedVendor& Dll() const {
    static std::map<std::string, LoadedVendor> loaded;
    return loaded.try_emplace(GetParam().dll, GetParam().dll).first->second;
  }

  // Parameters: definitions from `place`.
  std::string From(const std::string& place, const std::string& more = "") const {
    return GetParam().place_key + "=" + place + ";" + more;
  }
  std::string From(const TestFolder& folder) const { return From(folder.path()); }
  std::string Shipped(const std::string& more = "") const { return From(GetParam().shipped, more); }

  // Writes a file of definitions that finds `text`; its path.
  std::string Add(const TestFolder& folder, const std::string& name,
                  const std::string& text) const {
    return folder.Write(name + GetParam().extension, GetParam().rule("Found_" + name, text));
  }

  StartedVendor Started(const std::string& parameters) const {
    return StartedVendor(GetParam().dll, parameters);
  }

  // Where definitions hold a rule for EICAR too, it is found twice.
  auto IsEicar() const {
    const auto is_eicar =
        testing::AllOf(testing::Field(&Finding::kind, VSAPI_FINDING_THREAT),
                       testing::Field(&Finding::name, testing::EndsWith(GetParam().eicar)));
    return testing::AllOf(Says(VSAPI_VERDICT_INFECTED),
                          testing::Field(&Outcome::findings, testing::Contains(is_eicar)),
                          testing::Field(&Outcome::findings, testing::Each(is_eicar)));
  }
};

// In the file of each suite, behind its `class Suite : public AnyVendor {};`.
#define VSAPI_FOR_EACH_VENDOR(Suite)                            \
  INSTANTIATE_TEST_SUITE_P(, Suite, testing::ValuesIn(Kinds()), \
                           [](const auto& kind) { return kind.param.name; })

inline void PrintTo(const Kind& kind, std::ostream* out) { *out << kind.name; }

}  // namespace vsapi::test

#endif  // VSAPI_TESTS_VENDOR_DLL_ANY_VENDOR_H_
