// SPDX-License-Identifier: Apache-2.0
//
// A raw message on its way out of the store: checked, and written whole or not at all.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "mdb.h"

namespace store_sim {

// The raw message; throws if its bytes are not those that were stored.
std::string ReadCheckedRaw(Mdb& mdb, const StoredMessage& message);

// Durable when it returns; where it throws, what `file` was before is still there.
void SaveFile(const std::filesystem::path& file, std::string_view bytes);

}  // namespace store_sim
