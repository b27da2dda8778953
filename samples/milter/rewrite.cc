// SPDX-License-Identifier: Apache-2.0
#include "rewrite.h"

#include <strings.h>

#include <algorithm>

#include "header_fields.h"
#include "lines.h"

namespace store_milter {
namespace {

// All that a replaced part changes in the header of the message it is the only part of.
constexpr const char* kMimeFields[] = {
    "MIME-Version",        "Content-Type", "Content-Transfer-Encoding",
    "Content-Disposition", "Content-MD5",  "Content-Length"};

std::string_view BodyOf(std::string_view raw) {
  while (!raw.empty())
    if (store_sim::WithoutLineEnd(store_sim::TakeLine(raw)).empty()) break;
  return raw;
}

bool IsMimeField(std::string_view line) {
  return std::any_of(std::begin(kMimeFields), std::end(kMimeFields), [&](std::string_view name) {
    return line.size() > name.size() && strncasecmp(line.data(), name.data(), name.size()) == 0 &&
           line.find_first_not_of(" \t", name.size()) == line.find(':');
  });
}

std::string OtherFieldsOf(std::string_view raw) {
  std::string others;
  bool is_mime = false;  // the field that a folded line goes on with
  while (!raw.empty()) {
    const std::string_view line = store_sim::WithoutLineEnd(store_sim::TakeLine(raw));
    if (line.empty()) break;
    if (line[0] != ' ' && line[0] != '\t') is_mime = IsMimeField(line);
    if (!is_mime) others.append(line).append("\n");
  }
  return others;
}

// From the last one on, so that a field that goes leaves the numbers of the others as they are.
void Compare(const char* name, const std::vector<std::string>& before,
             const std::vector<std::string>& after, std::vector<FieldChange>& changes) {
  for (size_t at = std::max(before.size(), after.size()); at-- > 0;) {
    const auto value = at < after.size() ? std::optional(after[at]) : std::nullopt;
    if (at < before.size() && value == before[at]) continue;
    changes.push_back({name, static_cast<int>(at) + 1, value});
  }
}

}  // namespace

std::optional<Rewrite> RewriteOf(std::string_view before, std::string_view after) {
  if (OtherFieldsOf(before) != OtherFieldsOf(after)) return std::nullopt;
  Rewrite rewrite;
  for (const char* name : kMimeFields)
    Compare(name, store_sim::FieldsOf(before, name), store_sim::FieldsOf(after, name),
            rewrite.fields);
  rewrite.body = BodyOf(after);
  return rewrite;
}

}  // namespace store_milter
