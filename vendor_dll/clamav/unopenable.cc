// SPDX-License-Identifier: GPL-2.0-only
#include "unopenable.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "little_endian.h"

namespace vsapi::clamav {
namespace {

constexpr std::string_view kRarStart{"Rar!\x1a\x07", 6};
constexpr std::string_view kRar4{"Rar!\x1a\x07\x00", 7};
constexpr std::string_view kRar5{"Rar!\x1a\x07\x01\x00", 8};

bool Contains(std::string_view content, std::string_view part) {
  return content.find(part) != std::string_view::npos;
}

// Programs name the signature of the old format, so its first header has to follow.
bool ContainsRar4(std::string_view content) {
  constexpr size_t kTypeAt = 9;
  constexpr char kMainHeader = 0x73;
  for (size_t at = content.find(kRar4); at != std::string_view::npos;
       at = content.find(kRar4, at + 1))
    if (at + kTypeAt < content.size() && content[at + kTypeAt] == kMainHeader) return true;
  return false;
}

const char* FindRar(std::string_view content) {
  if (content.starts_with(kRarStart)) return "a RAR archive";
  if (content.starts_with("MZ") && Contains(content, kRarStart))
    return "a self-extracting RAR archive";
  if (Contains(content, kRar5) || ContainsRar4(content)) return "a RAR archive behind other data";
  return nullptr;
}

// A header of a zip, and where in it things are; the method follows the flags.
struct ZipHeader {
  std::string_view magic;
  size_t flags_at;
  size_t name_length_at;
  size_t size;
};
constexpr ZipHeader kMemberHeader{{"PK\x03\x04", 4}, 6, 26, 30};
constexpr ZipHeader kDirectoryHeader{{"PK\x01\x02", 4}, 8, 28, 46};

// Stored, imploded, deflated, deflate64, bzip2.
bool IsOpenable(uint64_t method) {
  static constexpr unsigned kMethods[] = {0, 6, 8, 9, 12};
  return std::ranges::find(kMethods, method) != std::end(kMethods);
}

// The other methods that were ever given a number, but for WinZip's mark of encryption.
bool IsKnown(uint64_t method) { return method <= 20 || (method >= 93 && method <= 98); }

// What is no zip from its first byte on may hold the magic by chance.
bool IsPlausible(std::string_view zip, size_t at, const ZipHeader& header, uint64_t method) {
  const uint64_t name_length = LittleEndian(zip, at + header.name_length_at, 2);
  return IsKnown(method) && name_length > 0 && at + header.size + name_length <= zip.size();
}

// Both kinds of headers count: libclamav falls back to the one where the other is missing. An
// encrypted member is alerted on by libclamav.
bool HasUncommonMember(std::string_view zip, const ZipHeader& header) {
  const bool is_zip = zip.starts_with(kMemberHeader.magic);
  for (size_t at = zip.find(header.magic); at != std::string_view::npos;
       at = zip.find(header.magic, at + 1)) {
    if (at + header.size > zip.size()) return false;
    const bool encrypted = LittleEndian(zip, at + header.flags_at, 2) & 1;
    const uint64_t method = LittleEndian(zip, at + header.flags_at + 2, 2);
    if (!encrypted && !IsOpenable(method) && (is_zip || IsPlausible(zip, at, header, method)))
      return true;
  }
  return false;
}

// libclamav looks into the first stream only.
bool HasSecondBzip2Stream(std::string_view content) {
  constexpr std::string_view kBlock = "1AY&SY";
  if (!content.starts_with("BZh")) return false;
  for (size_t at = content.find("BZh", 1); at != std::string_view::npos;
       at = content.find("BZh", at + 1))
    if (content.substr(at).size() > 4 && content.substr(at + 4).starts_with(kBlock)) return true;
  return false;
}

// The bits per code, nine to sixteen, and two bits that are always 0.
bool IsCompress(std::string_view content) {
  if (content.size() < 3 || !content.starts_with("\x1f\x9d")) return false;
  const unsigned bits = static_cast<uint8_t>(content[2]) & 0x7f;
  return bits >= 9 && bits <= 16;
}

// No magic: the usual properties, a dictionary of 2^n or 2^n + 2^(n-1), a size of less than 256 GiB
// or none.
bool IsLzma(std::string_view content) {
  if (content.size() < 14 || content[0] != 0x5d || content[13] != 0) return false;
  const uint64_t dictionary = LittleEndian(content, 1, 4);
  const uint64_t size = LittleEndian(content, 5, 8);
  const bool plausible = std::has_single_bit(dictionary) ||
                         (dictionary % 3 == 0 && std::has_single_bit(dictionary / 3));
  return plausible && dictionary >= 4096 && (size == UINT64_MAX || size >> 38 == 0);
}

// A mark, a method, and a name of up to twelve letters with its end.
bool IsArc(std::string_view content) {
  if (content.size() < 29 || content[0] != 0x1a || content[1] < 1 || content[1] > 9) return false;
  const std::string_view name = content.substr(2, 13);
  const size_t end = name.find('\0');
  return end != 0 && end != std::string_view::npos &&
         std::ranges::all_of(name.substr(0, end), [](char c) { return c > 0x20 && c < 0x7f; });
}

struct Magic {
  size_t at;
  std::string_view bytes;
  const char* what;
};

constexpr Magic kMagics[] = {
    {0, {"\x28\xb5\x2f\xfd", 4}, "a Zstandard stream"},
    {0, {"\x04\x22\x4d\x18", 4}, "an LZ4 stream"},
    {0, {"\x02\x21\x4c\x18", 4}, "an LZ4 stream"},
    {0, {"LZIP\x01", 5}, "an lzip stream"},
    {0, {"\x89LZO\x00\x0d\x0a\x1a\x0a", 9}, "an lzop stream"},
    {0, {"LRZI\x00", 5}, "an lrzip stream"},
    {0, {"!<arch>\n", 8}, "an ar archive"},
    {7, {"**ACE**", 7}, "an ACE archive"},
    {20, {"\xdc\xa7\xc4\xfd", 4}, "a ZOO archive"},
};

// Frames to be skipped stand before Zstandard and LZ4 alike.
bool IsSkippableFrame(std::string_view content) {
  return content.size() >= 8 && (static_cast<uint8_t>(content[0]) & 0xf0) == 0x50 &&
         content.substr(1).starts_with("\x2a\x4d\x18");
}

const char* FindPlainData(std::string_view content) {
  for (const Magic& magic : kMagics)
    if (content.size() > magic.at && content.substr(magic.at).starts_with(magic.bytes))
      return magic.what;
  if (IsSkippableFrame(content)) return "a Zstandard or LZ4 stream";
  if (IsCompress(content)) return "a file of compress(1)";
  if (IsLzma(content)) return "an LZMA stream";
  if (IsArc(content)) return "an ARC archive";
  return nullptr;
}

}  // namespace

const char* FindUnopenable(std::string_view content) noexcept {
  if (const char* rar = FindRar(content)) return rar;
  if (HasUncommonMember(content, kMemberHeader) || HasUncommonMember(content, kDirectoryHeader))
    return "a zip archive with members packed by an uncommon method";
  if (HasSecondBzip2Stream(content)) return "a bzip2 file of several streams";
  return FindPlainData(content);
}

}  // namespace vsapi::clamav
