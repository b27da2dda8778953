// SPDX-License-Identifier: Apache-2.0
//
// Reads the project's own source tree, for the tests that hold rules about its text. Knows just
// enough of C to tell comments from code.
#ifndef VSAPI_TESTS_API_SOURCE_TREE_H_
#define VSAPI_TESTS_API_SOURCE_TREE_H_

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>
#include <vector>

namespace vsapi::test {

inline std::filesystem::path SourceRoot() { return VSAPI_SOURCE_DIR; }

inline std::string ReadText(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

inline bool IsSource(const std::filesystem::path& path) {
  const std::string extension = path.extension();
  return extension == ".h" || extension == ".cc" || extension == ".c";
}

// The sources under `folder` of the tree, at any depth, in order of their names.
inline std::vector<std::filesystem::path> SourcesUnder(const std::string& folder) {
  std::vector<std::filesystem::path> sources;
  if (!std::filesystem::exists(SourceRoot() / folder)) return sources;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(SourceRoot() / folder)) {
    if (entry.is_regular_file() && IsSource(entry.path())) sources.push_back(entry.path());
  }
  std::sort(sources.begin(), sources.end());
  return sources;
}

// `text` with each block comment blanked out, so that positions stay.
inline std::string WithoutComments(std::string text) {
  for (size_t begin = text.find("/*"); begin != std::string::npos; begin = text.find("/*", begin)) {
    const size_t end = std::min(text.find("*/", begin + 2), text.size() - 2) + 2;
    text.replace(begin, end - begin, end - begin, ' ');
  }
  return text;
}

// What stands between the quotes or angle brackets of the include lines of `text`.
inline std::vector<std::string> IncludesOf(const std::string& text) {
  static const std::regex kInclude(R"re((?:^|\n)[ \t]*#[ \t]*include[ \t]*["<]([^">\n]+)[">])re");
  std::vector<std::string> includes;
  for (std::sregex_iterator i(text.begin(), text.end(), kInclude), end; i != end; ++i) {
    includes.push_back((*i)[1]);
  }
  return includes;
}

}  // namespace vsapi::test

#endif  // VSAPI_TESTS_API_SOURCE_TREE_H_
