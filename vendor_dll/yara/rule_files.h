// SPDX-License-Identifier: Apache-2.0
//
// Which rule files there are. Looks and reads, compiles nothing (compiler.h does). [control]
#ifndef VSAPI_VENDOR_DLL_YARA_RULE_FILES_H_
#define VSAPI_VENDOR_DLL_YARA_RULE_FILES_H_

#include <string>
#include <vector>

#include "../common/definition_files.h"

namespace vsapi::yara {

// One look at the parameter `rules`. Two equal ones hold the same rules, but for included files.
struct RuleFiles {
  std::string folder;
  bool whole_folder = false;          // else one file of it
  std::vector<DefinitionFile> files;  // empty: nothing there
  bool operator==(const RuleFiles&) const = default;

  std::string PathOf(const DefinitionFile& file) const { return folder + "/" + file.name; }
};

// `place` is a file, or a folder with *.yar and *.yara; what lies deeper is left alone.
RuleFiles FindRuleFiles(const std::string& place);

// A whole file. Throws Failure if it can't be read, or holds a zero byte, at which libyara would
// stop without a sign.
std::string ReadRules(const std::string& path);

}  // namespace vsapi::yara

#endif  // VSAPI_VENDOR_DLL_YARA_RULE_FILES_H_
