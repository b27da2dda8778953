// SPDX-License-Identifier: Apache-2.0
//
// The encodings of a .reg file: UTF-8 with or without its mark, and UTF-16LE as `reg export` writes
// it; and the byte lists that texts of type hex(2) are.
//
// Thread safety: pure functions.
#pragma once

#include <string>
#include <string_view>

namespace vsapi::engine {

struct RegistryText {
  enum class Encoding { kUtf8, kUtf8WithMark, kUtf16 } encoding = Encoding::kUtf8;
  std::string utf8 = {};
};

RegistryText DecodeRegistry(std::string_view bytes);
std::string EncodeRegistry(const RegistryText& text);

// Little-endian; what is broken becomes U+FFFD.
std::string FromUtf16(std::string_view bytes);
std::string ToUtf16(std::string_view utf8);

}  // namespace vsapi::engine
