// SPDX-License-Identifier: Apache-2.0
//
// A folder of a test's own, and what tests do with files.
#ifndef VSAPI_TESTS_SUPPORT_TEST_FOLDER_H_
#define VSAPI_TESTS_SUPPORT_TEST_FOLDER_H_

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

namespace vsapi::test {

namespace fs = std::filesystem;

// A folder of the test's own, gone with it.
class TestFolder {
 public:
  TestFolder() : path_((fs::temp_directory_path() / "vsapi-test-XXXXXX").string()) {
    if (!::mkdtemp(path_.data())) throw std::runtime_error("no folder for a test: " + path_);
  }
  ~TestFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string Write(const std::string& name, const std::string& bytes) const {
    const std::string path = path_ + "/" + name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  std::vector<fs::path> Entries() const {
    return {fs::directory_iterator(path_), fs::directory_iterator()};
  }

 private:
  std::string path_;
};

inline std::string ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline void SetTime(const std::string& path, int64_t unix_seconds) {
  timespec times[2] = {{unix_seconds, 0}, {unix_seconds, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
}

}  // namespace vsapi::test

#endif  // VSAPI_TESTS_SUPPORT_TEST_FOLDER_H_
