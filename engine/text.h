// SPDX-License-Identifier: Apache-2.0
//
// Small care for text that comes from outside: vendors, mail, settings.
//
// Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace vsapi::engine {

bool IsUtf8(std::string_view text);

// Copies at most `size` - 1 bytes without cutting a UTF-8 character, and ends with NUL.
void CopyText(std::string_view from, char* to, size_t size);

// One line of valid UTF-8 of at most `limit` bytes: what is not becomes '?', control characters
// too.
std::string CleanLine(std::string_view text, size_t limit);

// "2024-02-29T12:30:00.000000000Z" of nanoseconds since 1970 UTC.
std::string TimeText(int64_t ns);

// Lower-case hexadecimal.
std::string Hex(const unsigned char* bytes, size_t size);

}  // namespace vsapi::engine
