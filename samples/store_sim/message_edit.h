// SPDX-License-Identifier: Apache-2.0
//
// What an outcome does to the bytes of a message: puts something else in the place of one part, or
// takes it out. Every byte outside that part stays as it is, but for what encodes it: a message
// that was attached in base64 is encoded anew around it.
//
// The result was taken apart again and is what was asked for. Where that can't be had (a part whose
// header is nowhere to be found, say) there is none, and the message is to be left alone.
//
// Thread safety: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "mime_parts.h"

namespace store_sim {

struct Substitute {
  std::string content;
  // "": type and name stay. Else it is a text of its own, with `name` unless that is "".
  std::string content_type = {};
  std::string name = {};
};

std::optional<std::string> WithPartReplaced(std::string_view raw, const TakenApart& apart,
                                            size_t index, const Substitute& substitute);

// A part that can't be taken out without others is emptied, under its name.
std::optional<std::string> WithPartRemoved(std::string_view raw, const TakenApart& apart,
                                           size_t index);

// A message with the same sender, recipients, subject, date and id, and this text.
std::string MessageWithText(const MessageDetails& details, const std::string& text);

}  // namespace store_sim
