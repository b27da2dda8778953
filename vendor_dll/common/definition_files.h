// SPDX-License-Identifier: Apache-2.0
//
// The files that definitions lie in, as one look at their folder shows them: enough to tell by stat
// alone whether a later look would find others.
#ifndef VSAPI_VENDOR_DLL_COMMON_DEFINITION_FILES_H_
#define VSAPI_VENDOR_DLL_COMMON_DEFINITION_FILES_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace vsapi {

struct DefinitionFile {
  std::string name;
  uint64_t size;
  int64_t modified_ns;
  uint64_t inode;
  bool operator==(const DefinitionFile&) const = default;
};

// A regular file, under the name `name`; nothing where there is none.
std::optional<DefinitionFile> LookAt(const std::string& path, const std::string& name);

// The files of `folder` (not of its subfolders) whose extension (".yar") is wanted, by name; none
// where it can't be read.
std::vector<DefinitionFile> ListFiles(
    const std::string& folder, const std::function<bool(const std::string& extension)>& wanted);

}  // namespace vsapi

#endif  // VSAPI_VENDOR_DLL_COMMON_DEFINITION_FILES_H_
