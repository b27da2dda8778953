// SPDX-License-Identifier: Apache-2.0
//
// What is scanned in the background before what: the latest first, where attachments count as if
// they had come a week later, and those that run, or hide what runs, a month later. So yesterday's
// mail goes before last year's programs, and among what came together the dangerous goes first.
//
// Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <string_view>

#include "mime_parts.h"

namespace store_sim {

// The higher the sooner.
int64_t RiskOf(PartKind kind, std::string_view name, std::string_view content_type,
               int64_t received_ns);

}  // namespace store_sim
