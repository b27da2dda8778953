// SPDX-License-Identifier: Apache-2.0
//
// What the tests of the libclamav vendor share: the built DLL, folders, and a started instance with
// one session.
#ifndef VSAPI_TESTS_VENDOR_DLL_CLAMAV_CLAMAV_SUPPORT_H_
#define VSAPI_TESTS_VENDOR_DLL_CLAMAV_CLAMAV_SUPPORT_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <memory>
#include <string>

#include "support/samples.h"
#include "support/test_folder.h"
#include "support/vendor_harness.h"
#include "support/vendor_matchers.h"

namespace vsapi::test {

inline const LoadedVendor& Dll() {
  static const LoadedVendor dll(VSAPI_CLAMAV_DLL);
  return dll;
}

// The shipped test definitions, named, so that what is installed on the machine has no say.
inline std::string WithShipped(const std::string& more = "") {
  return std::string("definitions=") + VSAPI_CLAMAV_DEFINITIONS + ";" + more;
}

// A started instance, with one session and a temp folder of its own.
class Started {
 public:
  explicit Started(const std::string& parameters = WithShipped())
      : vendor(Dll(), parameters + ";temp=" + temp.path()) {
    if (vendor.create_status() != VSAPI_OK || vendor.Start() != VSAPI_OK)
      throw std::runtime_error("the vendor does not start: " + vendor.LogText());
    session = std::make_unique<VendorSession>(vendor);
  }
  ~Started() { session.reset(); }

  Outcome Scan(const std::string& content) { return session->Scan(content); }
  Outcome Scan(const Script& script) { return session->Scan(script); }

  TestFolder temp;
  VendorInstance vendor;
  std::unique_ptr<VendorSession> session;
};

// A real threat, and a text that the rule "first-marker" of the tests finds.
inline std::string TestFile() { return ReadFile(fs::path(CLAMAV_TESTFILES_DIR) / "clam.exe"); }
inline constexpr char kMarked[] = "here is the first-marker of the test";

// In hex, as signatures by hash have it: HashOf(EVP_md5(), bytes).
inline std::string HashOf(const EVP_MD* by, const std::string& bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest, &size, by, nullptr);
  return HexOf({reinterpret_cast<const char*>(digest), size});
}

MATCHER(IsEicar, "") {
  return arg.status == VSAPI_OK && arg.verdict == VSAPI_VERDICT_INFECTED &&
         arg.findings.size() == 1 && arg.findings[0].kind == VSAPI_FINDING_THREAT &&
         arg.findings[0].name == "Eicar-Test-Signature.UNOFFICIAL";
}

}  // namespace vsapi::test

#endif  // VSAPI_TESTS_VENDOR_DLL_CLAMAV_CLAMAV_SUPPORT_H_
