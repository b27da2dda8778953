// SPDX-License-Identifier: Apache-2.0
#include "mime_checks.h"

#include <strings.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "lines.h"

namespace store_sim {
namespace {

// GMime spends some 2 KB on a part and 300 bytes on a header field: these keep it under 500 MB.
constexpr size_t kMostBoundaryLines = 100'000;
constexpr size_t kMostHeaderLines = 1'000'000;
// GMime recurses into groups of addresses within groups; each begins with a colon.
constexpr size_t kMostAddressColons = 1'000;
constexpr size_t kLargestHeader = 1 << 20;
constexpr size_t kLargestGap = 1 << 16;

bool IsBlankLine(std::string_view line) { return line == "\n" || line == "\r\n"; }

// A field, or the continuation of one.
bool LooksLikeHeader(std::string_view line) {
  if (line.starts_with(' ') || line.starts_with('\t')) return true;
  for (const char c : line) {
    if (c == ':') return true;
    if (c <= ' ' || c == 0x7f) return false;
  }
  return false;
}

bool StartsWithWord(std::string_view line, std::string_view word) {
  return line.size() >= word.size() && strncasecmp(line.data(), word.data(), word.size()) == 0;
}

// Counts the colons of each field that GMime may take for one with addresses: by how it begins
// only, wherever in the message it stands, so that no trick with its name gets around it.
class AddressColons {
 public:
  void AddLine(std::string_view line) {
    const size_t indent = line.find_first_not_of(" \t");
    const bool goes_on = indent != 0 && in_field_;
    if (!goes_on) {
      in_field_ = indent != line.npos && BeginsAddresses(line.substr(indent));
      count_ = 0;
    }
    if (in_field_) count_ += static_cast<size_t>(std::count(line.begin(), line.end(), ':'));
  }
  bool too_many() const { return count_ > kMostAddressColons; }

 private:
  static bool BeginsAddresses(std::string_view line) {
    if (line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
    constexpr std::array<std::string_view, 7> kNames{"from",   "to",       "cc",     "bcc",
                                                     "sender", "reply-to", "resent-"};
    return std::any_of(kNames.begin(), kNames.end(),
                       [&](std::string_view name) { return StartsWithWord(line, name); });
  }

  bool in_field_ = false;
  size_t count_ = 0;
};

}  // namespace

bool IsHarmlessPrologue(std::string_view prologue) {
  constexpr std::array<const char*, 6> kHints{"this is a multi-part message",
                                              "this is a multipart message",
                                              "this is a mime",
                                              "this is a cryptographically signed message",
                                              "this is an openpgp/mime",
                                              "this is a message in mime"};
  const std::string_view text = Trimmed(prologue);
  return text.size() <= 256 && std::any_of(kHints.begin(), kHints.end(), [&](const char* hint) {
           return strncasecmp(text.data(), hint, std::min(text.size(), std::strlen(hint))) == 0;
         });
}

std::string_view HeaderOf(std::string_view raw) {
  std::string_view rest = raw;
  while (!rest.empty() && !IsBlankLine(TakeLine(rest))) {
  }
  return raw.substr(0, raw.size() - rest.size());
}

// Header lines count only where a header may stand: at the start, after a blank line or a boundary.
const char* WhyNotTakeApart(std::string_view raw) {
  if (HeaderOf(raw).size() > kLargestHeader) return "its header is longer than 1 MiB";
  size_t boundary_lines = 0;
  size_t header_lines = 0;
  bool in_header = true;
  AddressColons colons;
  for (std::string_view rest = raw; !rest.empty();) {
    const std::string_view line = TakeLine(rest);
    const bool boundary = line.starts_with("--");
    colons.AddLine(line);
    const bool opens_header = boundary || IsBlankLine(line);
    in_header = opens_header || (in_header && LooksLikeHeader(line));
    boundary_lines += boundary;
    header_lines += in_header && !opens_header;
    if (boundary_lines > kMostBoundaryLines) return "it has too many lines that may begin a part";
    if (colons.too_many()) return "it has groups of addresses within groups";
    if (header_lines > kMostHeaderLines) return "it has too many lines that may be header fields";
  }
  return nullptr;
}

void StructureCheck::Add(std::string_view piece) {
  large_ |= piece.size() > kLargestGap;
  for (size_t i = 0; i < piece.size(); ++i) {
    const char c = piece[i];
    if (c == '\0') nul_ = true;
    if (c == '\r') {
      const bool pair = i + 1 < piece.size() && piece[i + 1] == '\n';
      (pair ? crlf_ : bare_cr_) = true;
      i += pair;
    } else if (c == '\n') {
      bare_lf_ = true;
    }
  }
}

void StructureCheck::Report(Doubts& doubts) const {
  if (nul_) doubts.AddNotCovered("a NUL outside of its parts");
  if (bare_cr_) doubts.AddNotCovered("a lone carriage return outside of its parts");
  if (bare_lf_ && crlf_) doubts.Add("CRLF and LF line ends mixed");
  if (large_) doubts.Add("more than 64 KiB in one piece outside of its parts");
}

}  // namespace store_sim
