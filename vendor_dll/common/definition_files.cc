// SPDX-License-Identifier: Apache-2.0
#include "definition_files.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

namespace vsapi {
namespace {

constexpr int64_t kNanoseconds = 1'000'000'000;

}  // namespace

std::optional<DefinitionFile> LookAt(const std::string& path, const std::string& name) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return DefinitionFile{name, static_cast<uint64_t>(status.st_size),
                        status.st_mtim.tv_sec * kNanoseconds + status.st_mtim.tv_nsec,
                        status.st_ino};
}

std::vector<DefinitionFile> ListFiles(
    const std::string& folder, const std::function<bool(const std::string& extension)>& wanted) {
  std::vector<DefinitionFile> files;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::filesystem::path& path = entry->path();
    if (!wanted(path.extension().string())) continue;
    if (auto file = LookAt(path.string(), path.filename().string())) files.push_back(*file);
  }
  std::ranges::sort(files, {}, &DefinitionFile::name);
  return files;
}

}  // namespace vsapi
