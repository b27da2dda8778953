// SPDX-License-Identifier: Apache-2.0
//
// What a client writes on the ground of a message that it has opened: a reply, and a forward, which
// brings every part of the original again, byte for byte.
//
// Thread safety: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "message_details.h"

namespace store_sim {

// Of a mailbox: "alice@example.org", or the name itself if it is an address.
std::string AddressOf(const std::string& mailbox);

// `text` quoted, with `answer` above it.
std::string ReplyTo(const MessageDetails& original, const std::string& text,
                    const std::string& from, const std::vector<std::string>& to,
                    const std::string& answer);

std::string ForwardOf(std::string_view raw, const std::string& from,
                      const std::vector<std::string>& to);

}  // namespace store_sim
