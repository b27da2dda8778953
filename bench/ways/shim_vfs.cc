// SPDX-License-Identifier: Apache-2.0
#include "shim_vfs.h"

#include <stdexcept>

namespace store_sim::ways {
namespace {

struct Shim : sqlite3_vfs {
  sqlite3_vfs* real = nullptr;
  Judge judge;
};

// The shim's file; the real one follows in the same memory, which SQLite aligns to eight bytes.
struct ShimFile : sqlite3_file {
  const Shim* shim;
};

static_assert(sizeof(ShimFile) % 8 == 0 && alignof(ShimFile) <= 8);

sqlite3_file* RealOf(sqlite3_file* file) {
  return reinterpret_cast<sqlite3_file*>(static_cast<ShimFile*>(file) + 1);
}

template <auto method, class... Arguments>
int Forward(sqlite3_file* file, Arguments... arguments) {
  sqlite3_file* const real = RealOf(file);
  return (real->pMethods->*method)(real, arguments...);
}

void ForwardBarrier(sqlite3_file* file) {
  sqlite3_file* const real = RealOf(file);
  real->pMethods->xShmBarrier(real);
}

int Write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
  std::string instead;
  const auto* from = static_cast<const char*>(bytes);
  const int code = static_cast<ShimFile*>(file)->shim->judge({from, size_t(size)}, instead);
  if (code != SQLITE_OK) return code;
  const void* const written = instead.empty() ? bytes : instead.data();
  return Forward<&sqlite3_io_methods::xWrite>(file, written, size, offset);
}

sqlite3_io_methods MethodsOver(int version) {
  sqlite3_io_methods methods = {};
  methods.iVersion = version;
  methods.xClose = Forward<&sqlite3_io_methods::xClose>;
  methods.xRead = Forward<&sqlite3_io_methods::xRead>;
  methods.xWrite = Write;
  methods.xTruncate = Forward<&sqlite3_io_methods::xTruncate>;
  methods.xSync = Forward<&sqlite3_io_methods::xSync>;
  methods.xFileSize = Forward<&sqlite3_io_methods::xFileSize>;
  methods.xLock = Forward<&sqlite3_io_methods::xLock>;
  methods.xUnlock = Forward<&sqlite3_io_methods::xUnlock>;
  methods.xCheckReservedLock = Forward<&sqlite3_io_methods::xCheckReservedLock>;
  methods.xFileControl = Forward<&sqlite3_io_methods::xFileControl>;
  methods.xSectorSize = Forward<&sqlite3_io_methods::xSectorSize>;
  methods.xDeviceCharacteristics = Forward<&sqlite3_io_methods::xDeviceCharacteristics>;
  methods.xShmMap = Forward<&sqlite3_io_methods::xShmMap>;
  methods.xShmLock = Forward<&sqlite3_io_methods::xShmLock>;
  methods.xShmBarrier = ForwardBarrier;
  methods.xShmUnmap = Forward<&sqlite3_io_methods::xShmUnmap>;
  methods.xFetch = Forward<&sqlite3_io_methods::xFetch>;
  methods.xUnfetch = Forward<&sqlite3_io_methods::xUnfetch>;
  return methods;
}

constexpr int kWatched = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL;

// What is only temporary is none of its business.
const sqlite3_io_methods* MethodsFor(const sqlite3_file& real, int flags) {
  static const sqlite3_io_methods with_shm = MethodsOver(3), without = MethodsOver(1);
  static const sqlite3_io_methods unwatched = [] {
    sqlite3_io_methods methods = MethodsOver(1);
    methods.xWrite = Forward<&sqlite3_io_methods::xWrite>;
    return methods;
  }();
  if ((flags & kWatched) == 0) return &unwatched;
  return real.pMethods->iVersion >= 3 ? &with_shm : &without;
}

int Open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* got_flags) {
  auto& shim = *static_cast<Shim*>(vfs);
  static_cast<ShimFile*>(file)->shim = &shim;
  file->pMethods = nullptr;  // nothing is to be closed if this fails
  sqlite3_file* const real = RealOf(file);
  const int code = shim.real->xOpen(shim.real, name, real, flags, got_flags);
  if (real->pMethods) file->pMethods = MethodsFor(*real, flags);
  return code;
}

}  // namespace

// SQLite never lets go of it, and neither does this process.
void InstallShim(Judge judge) {
  static Shim shim;
  shim.real = sqlite3_vfs_find(nullptr);
  if (!shim.real) throw std::runtime_error("SQLite has no VFS");
  static_cast<sqlite3_vfs&>(shim) = *shim.real;
  shim.judge = std::move(judge);
  shim.zName = "ways-shim";
  shim.pNext = nullptr;
  shim.szOsFile = static_cast<int>(sizeof(ShimFile)) + shim.real->szOsFile;
  shim.xOpen = Open;
  if (sqlite3_vfs_register(&shim, 1) != SQLITE_OK)
    throw std::runtime_error("SQLite refuses the shim");
}

}  // namespace store_sim::ways
