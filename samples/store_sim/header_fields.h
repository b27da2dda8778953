// SPDX-License-Identifier: Apache-2.0
//
// The header of a raw message, field by field, as it stands: for what is looked at before anybody
// takes the message apart.
//
// Thread safety: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace store_sim {

// A header of more bytes is not looked at any further.
inline constexpr size_t kMostHeader = size_t{1} << 20;

// The values of all fields of that name, unfolded and trimmed. Names compare without case.
std::vector<std::string> FieldsOf(std::string_view raw, std::string_view name);

// Is it sent to many at once? Precedence bulk, list or junk, or any List-Id.
bool IsBulkMail(std::string_view raw);

// How its lines end: "\r\n", or "\n" where the first one does.
std::string_view LineEndOf(std::string_view raw);

}  // namespace store_sim
