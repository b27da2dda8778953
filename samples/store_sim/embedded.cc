// SPDX-License-Identifier: Apache-2.0
#include "embedded.h"

#include <strings.h>

#include <algorithm>
#include <array>

#include "lines.h"

namespace store_sim {
namespace {

constexpr size_t kMostFiles = 1'000;
constexpr char kBroken[] = "a uuencoded file in a text that does not keep the rules";

bool StartsWithWord(std::string_view line, std::string_view word) {
  return line.size() >= word.size() && strncasecmp(line.data(), word.data(), word.size()) == 0;
}

// "begin 644 name": the name, or nothing.
std::string_view NameOfBegin(std::string_view line) {
  constexpr std::string_view kBegin = "begin";
  if (!StartsWithWord(line, kBegin)) return {};
  line = WithoutLineEnd(line).substr(kBegin.size());
  const size_t mode = line.find_first_not_of(" \t");
  if (mode == 0 || mode == line.npos) return {};
  line.remove_prefix(mode);
  const size_t end = std::min(line.find_first_not_of("01234567"), line.size());
  if (end < 3 || end > 4) return {};
  const std::string_view name = Trimmed(line.substr(end));
  return line.substr(end, 1).find_first_of(" \t") == line.npos ? std::string_view() : name;
}

bool IsBeginOfBase64(std::string_view line) { return StartsWithWord(line, "begin-base64 "); }

int ValueOf(char c) { return (c - ' ') & 0x3f; }

// The bytes that the line decodes to, or -1 if it breaks the rules.
int BytesOfLine(std::string_view line) {
  if (line.empty()) return -1;
  const bool legal =
      std::all_of(line.begin(), line.end(), [](char c) { return c >= ' ' && c <= '`'; });
  const int bytes = ValueOf(line[0]);
  const size_t digits = static_cast<size_t>((bytes + 2) / 3 * 4);
  return legal && line.size() == 1 + digits ? bytes : -1;
}

// `text` begins with the line `begin`; false if what follows breaks the rules.
bool ReadFile(std::string_view text, UuBlock& file) {
  std::string_view rest = text;
  TakeLine(rest);
  bool ended = false;  // by the line of no bytes
  while (!rest.empty()) {
    const std::string_view line = WithoutLineEnd(TakeLine(rest));
    if (ended) {
      file.size = text.size() - rest.size();
      return line == "end";
    }
    const int bytes = BytesOfLine(line);
    if (bytes < 0) return false;
    file.decoded_size += static_cast<size_t>(bytes);
    ended = bytes == 0;
  }
  return false;
}

bool IsFieldOf(std::string_view line, std::string_view name) {
  line = Trimmed(line);
  if (line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
  if (!StartsWithWord(line, name)) return false;
  line.remove_prefix(name.size());
  return Trimmed(line).starts_with(':');
}

bool IsMimeField(std::string_view line) {
  return IsFieldOf(line, "content-type") || IsFieldOf(line, "content-transfer-encoding");
}

// A field, or the continuation of one.
bool IsHeaderLine(std::string_view line) {
  if (line.starts_with(' ') || line.starts_with('\t')) return true;
  const size_t end = line.find_first_of(": \t\r\n");
  return end != line.npos && end > 0 && line.find(':') != line.npos;
}

}  // namespace

Embedded FindEmbedded(std::string_view text) {
  Embedded found;
  if (text.find("(This file must be converted with BinHex") != text.npos)
    found.flaw = "BinHex in a text";
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view here = rest;
    const std::string_view line = TakeLine(rest);
    if (line.starts_with("=ybegin ")) found.flaw = "yEnc in a text";
    if (IsBeginOfBase64(line)) found.flaw = kBroken;
    const std::string_view name = NameOfBegin(line);
    if (name.empty()) continue;
    UuBlock file;
    file.offset = text.size() - here.size();
    file.name = name;
    if (found.files.size() >= kMostFiles || !ReadFile(here, file)) {
      found.flaw = kBroken;
      continue;
    }
    rest = here.substr(file.size);
    found.files.push_back(std::move(file));
  }
  return found;
}

bool LooksLikeMessage(std::string_view bytes) {
  constexpr size_t kMostLines = 1'000;
  const size_t start = bytes.find_first_not_of("\r\n \t");
  bytes.remove_prefix(std::min(start, bytes.size()));
  bool mime = false;
  for (size_t lines = 0; !bytes.empty() && lines < kMostLines && !mime; ++lines) {
    const std::string_view line = TakeLine(bytes);
    // An mbox begins so.
    if (lines == 0 && line.starts_with("From ")) continue;
    if (!IsHeaderLine(line)) return false;
    mime = IsMimeField(line) || IsFieldOf(line, "mime-version");
  }
  return mime;
}

bool HasMimeFields(std::string_view text) { return AnyLine(text, IsMimeField); }

bool HasMimeFieldsBeforeText(std::string_view text) {
  bool field = false;
  bool header_ended = false;
  return AnyLine(text, [&](std::string_view line) {
    const bool blank = Trimmed(line).empty();
    field |= IsMimeField(line);
    header_ended |= field && blank;
    return header_ended && !blank;
  });
}

}  // namespace store_sim
