// SPDX-License-Identifier: GPL-2.0-only
#include "unopenable.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace vsapi::clamav {
namespace {

constexpr std::string_view kRarMagic{"Rar!\x1a\x07", 6};

// A header of a zip, and where in it the flags are; the method follows them.
struct ZipHeader {
  std::string_view magic;
  size_t flags_at;
};
constexpr ZipHeader kMemberHeader{{"PK\x03\x04", 4}, 6};
constexpr ZipHeader kDirectoryHeader{{"PK\x01\x02", 4}, 8};

unsigned Word(std::string_view bytes, size_t at) {
  return static_cast<uint8_t>(bytes[at]) |
         static_cast<unsigned>(static_cast<uint8_t>(bytes[at + 1])) << 8;
}

// Stored, imploded, deflated, deflate64, bzip2. An encrypted member is alerted on by libclamav.
bool IsOpenable(unsigned flags, unsigned method) {
  static constexpr unsigned kMethods[] = {0, 6, 8, 9, 12};
  return (flags & 1) || std::ranges::find(kMethods, method) != std::end(kMethods);
}

// Both kinds of headers count: libclamav falls back to the one where the other is missing.
bool HasUncommonMember(std::string_view zip, const ZipHeader& header) {
  for (size_t at = zip.find(header.magic); at != std::string_view::npos;
       at = zip.find(header.magic, at + 1)) {
    const size_t flags_at = at + header.flags_at;
    if (flags_at + 4 > zip.size()) return false;
    if (!IsOpenable(Word(zip, flags_at), Word(zip, flags_at + 2))) return true;
  }
  return false;
}

bool Contains(std::string_view content, std::string_view part) {
  return content.find(part) != std::string_view::npos;
}

}  // namespace

const char* FindUnopenable(std::string_view content) noexcept {
  if (content.starts_with(kRarMagic)) return "a RAR archive";
  if (content.starts_with("MZ") && Contains(content, kRarMagic))
    return "a self-extracting RAR archive";
  if (content.starts_with(kMemberHeader.magic) &&
      (HasUncommonMember(content, kMemberHeader) || HasUncommonMember(content, kDirectoryHeader)))
    return "a zip archive with members packed by an uncommon method";
  return nullptr;
}

}  // namespace vsapi::clamav
