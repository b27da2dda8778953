// SPDX-License-Identifier: Apache-2.0
#include "mime_checks.h"

namespace store_sim {
namespace {

// GMime spends some 2 KB on a part and 300 bytes on a header field: these keep it under 500 MB.
constexpr size_t kMostBoundaryLines = 100'000;
constexpr size_t kMostHeaderLines = 1'000'000;
constexpr size_t kLargestHeader = 1 << 20;
constexpr size_t kLargestGap = 1 << 16;

std::string_view TakeLine(std::string_view& rest) {
  const size_t end = rest.find('\n');
  const std::string_view line = rest.substr(0, end == rest.npos ? rest.size() : end + 1);
  rest.remove_prefix(line.size());
  return line;
}

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

}  // namespace

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
  for (std::string_view rest = raw; !rest.empty();) {
    const std::string_view line = TakeLine(rest);
    const bool boundary = line.starts_with("--");
    const bool opens_header = boundary || IsBlankLine(line);
    in_header = opens_header || (in_header && LooksLikeHeader(line));
    boundary_lines += boundary;
    header_lines += in_header && !opens_header;
    if (boundary_lines > kMostBoundaryLines) return "it has too many lines that may begin a part";
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

const char* StructureCheck::flaw() const {
  if (nul_) return "a NUL outside of its parts";
  if (bare_cr_) return "a lone carriage return outside of its parts";
  if (bare_lf_ && crlf_) return "CRLF and LF line ends mixed";
  if (large_) return "more than 64 KiB in one piece outside of its parts";
  return nullptr;
}

}  // namespace store_sim
