// SPDX-License-Identifier: Apache-2.0
#include "boundary_checks.h"

#include <algorithm>

#include "gmime.h"
#include "lines.h"

namespace store_sim {
namespace {

constexpr size_t kLongestBoundary = 70;  // RFC 2046

// The text outside of quotes, in lower case; each quoted piece is one '"'.
std::string WithoutQuoted(std::string_view text) {
  std::string bare;
  bool quoted = false;
  for (const char c : text) {
    if (c == '"') {
      if (!quoted) bare += c;
      quoted = !quoted;
    } else if (!quoted) {
      bare += g_ascii_tolower(c);
    }
  }
  return quoted ? bare + "(" : bare;  // an open quote is as doubtful as a comment
}

size_t Count(std::string_view text, std::string_view word) {
  size_t count = 0;
  for (size_t at = text.find(word); at != text.npos; at = text.find(word, at + 1)) ++count;
  return count;
}

// The parameter as it stands there, if it stands there in the one plain way.
bool DeclaresPlainly(std::string_view content_type, std::string_view boundary) {
  std::string text(content_type);
  std::transform(text.begin(), text.end(), text.begin(), g_ascii_tolower);
  std::string value(boundary);
  std::transform(value.begin(), value.end(), value.begin(), g_ascii_tolower);
  std::string joined;
  for (const char c : text) {
    if (!g_ascii_isspace(c)) joined += c;
  }
  value.erase(std::remove(value.begin(), value.end(), ' '), value.end());
  const size_t quoted = joined.find(";boundary=\"" + value + "\"");
  if (quoted != joined.npos) return true;
  const size_t bare = joined.find(";boundary=" + value);
  const size_t end = bare + 10 + value.size();
  return bare != joined.npos && (end == joined.size() || joined[end] == ';');
}

}  // namespace

const char* FlawOfMultipartType(std::string_view content_type, std::string_view boundary) {
  if (boundary.empty()) return "a multipart without boundary";
  if (boundary.size() > kLongestBoundary) return "a boundary longer than 70 characters";
  const std::string bare = WithoutQuoted(content_type);
  const bool odd = Count(bare, "multipart/") != 1 || bare.find('(') != bare.npos ||
                   Count(bare, ";boundary") + Count(bare, " boundary") + Count(bare, "\tboundary") +
                           Count(bare, "\nboundary") !=
                       1 ||
                   boundary.find_first_of("\\%") != boundary.npos ||
                   boundary.find("=?") != boundary.npos || boundary.back() == ' ';
  if (odd || !DeclaresPlainly(content_type, boundary))
    return "a boundary declared in a doubtful way";
  return nullptr;
}

void BoundaryLines::Add(std::string_view boundary) {
  if (boundary.empty() || boundary.size() > kLongestBoundary) return;
  boundaries_.emplace(boundary);
  lengths_.insert(boundary.size());
}

bool BoundaryLines::Begins(std::string_view line) const {
  if (!line.starts_with("--")) return false;
  const std::string_view rest = line.substr(2);
  return std::any_of(lengths_.begin(), lengths_.end(), [&](size_t length) {
    return length <= rest.size() && boundaries_.find(rest.substr(0, length)) != boundaries_.end();
  });
}

bool BoundaryLines::Is(std::string_view line) const {
  std::string_view rest = Trimmed(line).substr(2);
  if (boundaries_.find(rest) != boundaries_.end()) return true;
  if (!rest.ends_with("--")) return false;
  rest.remove_suffix(2);
  return boundaries_.find(rest) != boundaries_.end();
}

bool BoundaryLines::AnyIn(std::string_view text) const {
  return AnyLine(text, [&](std::string_view line) { return Begins(line); });
}

bool BoundaryLines::AnyInexactIn(std::string_view text) const {
  return AnyLine(text, [&](std::string_view line) { return Begins(line) && !Is(line); });
}

}  // namespace store_sim
