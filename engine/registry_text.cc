// SPDX-License-Identifier: Apache-2.0
#include "registry_text.h"

#include <boost/locale/utf.hpp>
#include <iterator>

namespace vsapi::engine {
namespace {

using Utf8 = boost::locale::utf::utf_traits<char>;
using Utf16 = boost::locale::utf::utf_traits<char16_t>;

constexpr std::string_view kUtf16Mark = "\xFF\xFE";
constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";
constexpr boost::locale::utf::code_point kReplacement = 0xFFFD;

// `Text` from one encoding to the other; a unit that begins no character is replaced alone.
template <class From, class To, class Out, class In>
Out Convert(const In& in) {
  Out out;
  for (auto at = in.begin(); at != in.end();) {
    auto next = at;
    auto point = From::decode(next, in.end());
    if (!boost::locale::utf::is_valid_codepoint(point)) {
      point = kReplacement;
      next = std::next(at);
    }
    To::encode(point, std::back_inserter(out));
    at = next;
  }
  return out;
}

}  // namespace

std::string FromUtf16(std::string_view bytes) {
  std::u16string units;
  for (size_t at = 0; at + 1 < bytes.size(); at += 2)
    units += static_cast<char16_t>(static_cast<unsigned char>(bytes[at]) |
                                   static_cast<unsigned char>(bytes[at + 1]) << 8);
  return Convert<Utf16, Utf8, std::string>(units);
}

std::string ToUtf16(std::string_view utf8) {
  std::string bytes;
  for (const char16_t unit : Convert<Utf8, Utf16, std::u16string>(utf8))
    bytes += {static_cast<char>(unit & 0xFF), static_cast<char>(unit >> 8)};
  return bytes;
}

RegistryText DecodeRegistry(std::string_view bytes) {
  using enum RegistryText::Encoding;
  if (bytes.starts_with(kUtf16Mark)) return {kUtf16, FromUtf16(bytes.substr(kUtf16Mark.size()))};
  if (bytes.starts_with(kUtf8Mark))
    return {kUtf8WithMark, std::string(bytes.substr(kUtf8Mark.size()))};
  return {kUtf8, std::string(bytes)};
}

std::string EncodeRegistry(const RegistryText& text) {
  switch (text.encoding) {
    case RegistryText::Encoding::kUtf16:
      return std::string(kUtf16Mark) + ToUtf16(text.utf8);
    case RegistryText::Encoding::kUtf8WithMark:
      return std::string(kUtf8Mark) + text.utf8;
    default:
      return text.utf8;
  }
}

}  // namespace vsapi::engine
