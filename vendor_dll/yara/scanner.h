// SPDX-License-Identifier: Apache-2.0
//
// One session: libyara's scanner, and one scan at a time with the guards that libyara needs. Bytes
// as they are given: nothing is unpacked or decoded.
#ifndef VSAPI_VENDOR_DLL_YARA_SCANNER_H_
#define VSAPI_VENDOR_DLL_YARA_SCANNER_H_

#include <vsapi/vendor.h>
#include <yara.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "parameters.h"
#include "rule_set.h"

namespace vsapi::yara {

class Scanner final : public Session {
 public:
  // Both outlive the session. Throws std::bad_alloc. [control]
  Scanner(const Parameters& parameters, const RuleSet& rules);

  // The verdict; throws Failure for what was not judged. [scan]
  int32_t Scan(const Request& request, Result& result);

 private:
  struct Destroy {
    void operator()(YR_SCANNER* scanner) const { yr_scanner_destroy(scanner); }
  };
  static int OnMessage(YR_SCAN_CONTEXT* context, int message, void* data, void* self) noexcept;

  void Define(const char* variable, std::string text);
  void DefineVariables(const Request& request);
  void Match(const Request& request, Bytes content);
  [[noreturn]] void ThrowFor(int error) const;
  int32_t Report(Result& result);

  const Parameters& parameters_;
  const RuleSet& rules_;
  const std::unique_ptr<YR_SCANNER, Destroy> scanner_;
  std::vector<char> buffer_;

  // Of the scan that runs.
  const Request* request_ = nullptr;
  std::vector<const Meaning*> found_;  // has room for all rules, so that adding never allocates
  bool hit_limit_ = false;
  bool stopped_ = false;
  bool finished_ = false;
};

}  // namespace vsapi::yara

#endif  // VSAPI_VENDOR_DLL_YARA_SCANNER_H_
