// SPDX-License-Identifier: Apache-2.0
//
// What an MTA must be told so that one message becomes another: a new body, and the fields of the
// header that say what it is.
//
// Thread safety: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace store_milter {

// Of several fields of one name, `number` counts from 1. No value: the field goes.
struct FieldChange {
  std::string name;
  int number = 1;
  std::optional<std::string> value;
  bool operator==(const FieldChange&) const = default;
};

struct Rewrite {
  std::vector<FieldChange> fields;  // in the order in which they are to be told
  std::string body;
  bool operator==(const Rewrite&) const = default;
};

// None: fields differ that an MTA is told nothing of, so it would send what nobody has judged.
std::optional<Rewrite> RewriteOf(std::string_view before, std::string_view after);

}  // namespace store_milter
