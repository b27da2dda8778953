// SPDX-License-Identifier: Apache-2.0
//
// What stands behind the = of a line of a .reg file: "text", dword:, hex: and its kin, or -.
//
// Thread safety: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "settings.h"

namespace vsapi::engine {

// Reads `data` into the type and content of `value`, and the comment behind it into `comment`; says
// what is wrong with it, or nothing.
std::optional<std::string> ParseRegistryData(std::string_view data, SettingValue& value,
                                             std::string& comment);
// The data that says `value`: a number or a text.
std::string RegistryData(const SettingValue& value);

// `text` begins behind the opening quote; leaves what follows the closing one.
bool Unquote(std::string_view& text, std::string& out);
std::string Quote(std::string_view text);

std::string_view TrimBlanks(std::string_view text);

}  // namespace vsapi::engine
