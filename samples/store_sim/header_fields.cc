// SPDX-License-Identifier: Apache-2.0
#include "header_fields.h"

#include <strings.h>

#include <algorithm>

#include "lines.h"

namespace store_sim {
namespace {

bool SameFieldName(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

bool IsFolded(std::string_view line) {
  return !line.empty() && (line[0] == ' ' || line[0] == '\t');
}

}  // namespace

std::vector<std::string> FieldsOf(std::string_view raw, std::string_view name) {
  std::vector<std::string> values;
  bool is_ours = false;  // the field that a folded line goes on with
  for (std::string_view rest = raw.substr(0, kMostHeader); !rest.empty();) {
    const std::string_view line = TakeLine(rest);
    if (IsFolded(line)) {
      if (is_ours) values.back() += " " + std::string(Trimmed(line));
      continue;
    }
    if (Trimmed(line).empty()) break;
    const size_t colon = line.find(':');
    is_ours = colon != line.npos && SameFieldName(Trimmed(line.substr(0, colon)), name);
    if (is_ours) values.emplace_back(Trimmed(line.substr(colon + 1)));
  }
  return values;
}

bool IsBulkMail(std::string_view raw) {
  const auto is_bulk = [](const std::string& value) {
    return SameFieldName(value, "bulk") || SameFieldName(value, "list") ||
           SameFieldName(value, "junk");
  };
  const std::vector<std::string> precedence = FieldsOf(raw, "Precedence");
  return std::any_of(precedence.begin(), precedence.end(), is_bulk) ||
         !FieldsOf(raw, "List-Id").empty();
}

std::string_view LineEndOf(std::string_view raw) {
  const size_t end = raw.find('\n');
  return end != raw.npos && end > 0 && raw[end - 1] == '\r' ? "\r\n" : "\n";
}

}  // namespace store_sim
