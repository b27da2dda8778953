// SPDX-License-Identifier: Apache-2.0
#include "rule_files.h"

#include <vsapi/vendor.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace vsapi::yara {
namespace {

namespace fs = std::filesystem;

bool IsRuleFile(const std::string& extension) {
  return extension == ".yar" || extension == ".yara";
}

}  // namespace

RuleFiles FindRuleFiles(const std::string& place) {
  std::error_code none_there;
  if (fs::is_directory(place, none_there)) return {place, true, ListFiles(place, IsRuleFile)};
  const fs::path path(place);
  RuleFiles found{path.parent_path().string(), false, {}};
  if (const auto file = LookAt(place, path.filename().string())) found.files.push_back(*file);
  return found;
}

std::string ReadRules(const std::string& path) {
  std::ostringstream text;
  std::ifstream file(path, std::ios::binary);
  if (file.peek() != std::ifstream::traits_type::eof()) text << file.rdbuf();
  if (!file.is_open() || file.bad() || text.fail())
    throw Failure(VSAPI_E_BUSY, "rules: can't read " + path);
  if (text.view().find('\0') != std::string_view::npos)
    throw Failure(VSAPI_E_ARGUMENT, "rules: " + path + " is no text, it holds a zero byte");
  return text.str();
}

}  // namespace vsapi::yara
