// SPDX-License-Identifier: Apache-2.0
//
// A layer below SQLite: a VFS that looks at what is written into databases and their logs before
// the system's own VFS writes it. Everything else goes through.
//
// Thread safety: Install once, before any database is opened by it; `Judge` is called by whatever
// thread writes, many at once.
#pragma once

#include <sqlite3.h>

#include <functional>
#include <string>
#include <string_view>

namespace store_sim::ways {

// What becomes of a write: an SQLite result code. With SQLITE_OK and something in `instead` that is
// written, of the same size.
using Judge = std::function<int(std::string_view bytes, std::string& instead)>;

// Becomes the default VFS of this process, for good.
void InstallShim(Judge judge);

}  // namespace store_sim::ways
