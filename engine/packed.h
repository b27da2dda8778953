// SPDX-License-Identifier: Apache-2.0
//
// Values one after the other in a string of bytes, for the other process: written by one side, read
// by the other, which believes none of it. Not for files: both sides are of one build.
//
// Thread safety: values.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace vsapi::engine {

class Packer {
 public:
  Packer& Add(uint64_t number) {
    bytes_.append(reinterpret_cast<const char*>(&number), sizeof number);
    return *this;
  }
  Packer& Add(std::string_view text) {
    Add(text.size());
    bytes_.append(text);
    return *this;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

class Unpacker {
 public:
  explicit Unpacker(std::string_view bytes) : left_(bytes) {}

  uint64_t Number() {
    uint64_t number = 0;
    const std::string_view bytes = Take(sizeof number);
    if (is_good_) std::memcpy(&number, bytes.data(), sizeof number);
    return number;
  }
  int32_t Small() { return static_cast<int32_t>(Number()); }
  std::string_view Text() { return Take(Number()); }

  // Was all there that was asked for?
  bool is_good() const { return is_good_; }
  bool is_at_end() const { return is_good_ && left_.empty(); }

 private:
  std::string_view Take(uint64_t size) {
    is_good_ &= size <= left_.size();
    if (!is_good_) return {};
    const std::string_view taken = left_.substr(0, size);
    left_.remove_prefix(size);
    return taken;
  }

  std::string_view left_;
  bool is_good_ = true;
};

}  // namespace vsapi::engine
