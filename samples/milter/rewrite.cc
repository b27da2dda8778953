// SPDX-License-Identifier: Apache-2.0
#include "rewrite.h"

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

Rewrite RewriteOf(std::string_view before, std::string_view after) {
  Rewrite rewrite;
  for (const char* name : kMimeFields)
    Compare(name, store_sim::FieldsOf(before, name), store_sim::FieldsOf(after, name),
            rewrite.fields);
  rewrite.body = BodyOf(after);
  return rewrite;
}

}  // namespace store_milter
