// SPDX-License-Identifier: Apache-2.0
//
// SHA-256, the identity of a content and of a raw message.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace store_sim {

using Digest = std::array<uint8_t, 32>;

Digest Sha256(std::string_view bytes);
// Of its 32 bytes; zero of any others.
Digest ToDigest(std::string_view bytes);
std::string ToHex(const Digest& digest);

}  // namespace store_sim
