// SPDX-License-Identifier: Apache-2.0
//
// Synthetic virus definitions in libclamav's plain formats, written to a temp folder. Shaped after
// real sets; no signature of them matches anything.
//
// Thread safety: distinct objects are independent.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

namespace vsapi::bench {

// How many signatures of each format.
struct DefinitionsShape {
  const char* name;
  size_t file_hashes;  // .hsb, SHA-256
  size_t md5_hashes;   // .hdb
  size_t bodies;       // .ndb: 20 to 60 bytes, a quarter with wildcards, half for any file type
  size_t logical;      // .ldb: two parts joined by "and", for any, programs or text
};

inline constexpr DefinitionsShape kSmall = {"small", 1, 2, 1, 1};
inline constexpr DefinitionsShape kBodies = {"bodies", 0, 0, 10'000, 0};
inline constexpr DefinitionsShape kLarge = {"large", 100'000, 100'000, 100'000, 5'000};

// A folder of its own below `parent`, gone with its owner.
class TempFolder {
 public:
  explicit TempFolder(const std::filesystem::path& parent);
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Where temp files meet a disk: $VSAPI_BENCH_DISK, else /var/tmp.
std::string DiskFolder();
// Where they stay in memory: $VSAPI_BENCH_MEMORY, else /dev/shm.
std::string MemoryFolder();

class DefinitionsFolder {
 public:
  explicit DefinitionsFolder(const DefinitionsShape& shape);
  const std::string& path() const { return folder_.path(); }

 private:
  const TempFolder folder_;
};

}  // namespace vsapi::bench
