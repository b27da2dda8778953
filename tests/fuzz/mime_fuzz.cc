// SPDX-License-Identifier: Apache-2.0
//
// A mail from anywhere: taken apart, and each of its parts decoded. A message that is not clean
// must be there as a whole too.
#include <glib.h>

#include "fuzz.h"
#include "mime_parts.h"

using vsapi::fuzz::Require;

namespace {

// GMime warns of what it meets in strange mail; that is not ours to judge.
const bool is_quiet = [] {
  g_log_set_default_handler([](const char*, GLogLevelFlags, const char*, void*) {}, nullptr);
  return true;
}();

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view raw = vsapi::fuzz::Bytes(data, size);
  const store_sim::TakenApart message = store_sim::TakeApart(raw);
  const auto& parts = message.parts;
  Require(message.unclean_reason.empty() ||
              (!parts.empty() && parts.front().kind == store_sim::PartKind::kWhole &&
               parts.front().size == size),
          "an unclean message is scanned as a whole");
  for (size_t i = 0; i < parts.size(); ++i) {
    Require(!parts[i].container || *parts[i].container < i, "a container comes before its parts");
    Require(
        parts[i].container || (parts[i].offset <= size && parts[i].size <= size - parts[i].offset),
        "a part lies within the message");
    store_sim::ContentOf(raw, parts, i);
  }
  return 0;
}
