// SPDX-License-Identifier: Apache-2.0
//
// The bytes of one message while they come: in memory at first, then in a file that no other
// program sees and that is gone with this object, however the process ends.
//
// Thread safety: one thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace store_milter {

class Spool {
 public:
  static constexpr size_t kInMemory = 1 << 20;

  struct Options {
    std::filesystem::path folder = "/var/tmp";
    uint64_t largest = 256u << 20;  // bytes of one message
  };

  explicit Spool(const Options& options) : options_(options) {}
  ~Spool();
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  // What goes beyond the largest size is dropped, and so is all that was there. Throws Error where
  // the folder or the disk fails.
  void Append(std::string_view bytes);
  bool is_too_large() const { return size_ > options_.largest; }

  // All of it, once.
  std::string Take();

 private:
  void WriteOut();

  const Options& options_;
  uint64_t size_ = 0;
  std::string memory_;  // all of it, or what is not in the file yet
  int file_ = -1;
};

}  // namespace store_milter
