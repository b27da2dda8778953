// SPDX-License-Identifier: Apache-2.0
//
// Changes one value of a settings file and nothing else: comments, order, unknown values, encoding
// and line ends stay. A crash leaves the old file or the new one.
//
// Thread safety: any thread and any process; writers of one folder take turns.
#pragma once

#include <optional>
#include <string>

#include "settings.h"

namespace vsapi::engine {

// `content`, the bytes of `file`, with `value` in it: in the place of the last one of its name,
// else behind the last value of its key, else under that key at the end. Nothing with `problem`
// filled if `content` is malformed.
std::optional<std::string> EditRegistry(const std::string& content, const std::string& file,
                                        const SettingValue& value, std::string& problem);

// The same on disk; false with `problem` filled.
bool WriteSetting(const std::string& path, const SettingValue& value, std::string& problem);

}  // namespace vsapi::engine
