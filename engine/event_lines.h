// SPDX-License-Identifier: Apache-2.0
//
// An event as one line: of JSON for machines, of plain text for people.
//
// Thread safety: pure functions.
#pragma once

#include <string>

#include "event_queue.h"

namespace vsapi::engine {

// {"time":"2026-02-28T12:30:00.000000001Z","id":1010,"severity":"info","category":"load",
//  "text":"...","fields":{"name":"value"},"do":"..."} and a line end; without "do" if nothing is.
std::string JsonLine(const LoggedEvent& event);

// "warning 1002: text  name=value", without control characters and line end.
std::string PlainLine(const LoggedEvent& event);

}  // namespace vsapi::engine
