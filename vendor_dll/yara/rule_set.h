// SPDX-License-Identifier: Apache-2.0
//
// What `start` makes and `stop` frees: the rules of one generation, compiled, with their meaning
// and identity. Constant once made; any number of sessions scan with it at once.
#ifndef VSAPI_VENDOR_DLL_YARA_RULE_SET_H_
#define VSAPI_VENDOR_DLL_YARA_RULE_SET_H_

#include <vsapi/vendor.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "compiler.h"
#include "library.h"
#include "meaning.h"
#include "parameters.h"
#include "rule_files.h"

namespace vsapi::yara {

class RuleSet {
 public:
  // For `sessions` scans at a time. Throws Failure. [control]
  RuleSet(const Parameters& parameters, uint32_t sessions, const Services& services);

  YR_RULES* compiled() const { return compiled_.get(); }
  const std::vector<Meaning>& meanings() const { return meanings_; }
  vsapi_signatures_identity identity() const;

  // Would a new rule set hold other rules? Looks at names, sizes and times only. [control]
  bool HasNewer() const;

 private:
  void AddFiles(Compiler* compiler);
  std::string SpaceOf(const DefinitionFile& file) const;
  static uint64_t TimeOf(const DefinitionFile& file);
  void LogWhatWasLoaded(const Services& services) const;
  uint64_t count() const;  // of rules that can be found, the built-in one left out

  const Library library_;
  const std::string place_;  // file or folder; "" : the built-in rule alone
  const RuleFiles files_;
  std::vector<DefinitionFile> included_;
  uint64_t version_ = 1;  // time of the newest file; the built-in rule counts as 1
  std::array<uint8_t, 32> digest_{};
  CompiledRules compiled_;
  std::vector<Meaning> meanings_;
};

// What rules may ask of an item, with properties=on; see scanner.cc for `extension`.
struct Variable {
  const char* name;
  uint32_t property;
};
inline constexpr Variable kVariables[] = {
    {"filename", VSAPI_PROPERTY_ATTACHMENT_NAME},
    {"content_type", VSAPI_PROPERTY_CONTENT_TYPE},
    {"sender", VSAPI_PROPERTY_SENDER},
    {"subject", VSAPI_PROPERTY_SUBJECT},
    {"part_path", VSAPI_PROPERTY_PART_PATH},
};
inline constexpr char kExtensionVariable[] = "extension";

}  // namespace vsapi::yara

#endif  // VSAPI_VENDOR_DLL_YARA_RULE_SET_H_
