// SPDX-License-Identifier: GPL-2.0-only
//
// The private folder for libclamav's temporary files. libclamav makes a folder there for each scan
// and unpacks into it, so it should be in memory: /dev/shm if it can be used, else $TMPDIR, else
// /tmp. Mode 0700, a name of its own for each instance, removed with its owner. The owner holds a
// lock on the folder; what a dead process left behind has none, and is swept when the next one
// comes.
#ifndef VSAPI_VENDOR_DLL_CLAMAV_TEMP_FOLDER_H_
#define VSAPI_VENDOR_DLL_CLAMAV_TEMP_FOLDER_H_

#include <cstdint>
#include <string>

#include "log.h"
#include "unique_fd.h"

namespace vsapi::clamav {

class TempFolder {
 public:
  // Makes a folder in `parent`, or in the best of the usual places if `parent` is "". A place that
  // has less than `wanted_bytes` free is taken only if there is no better one, with a warning.
  // Throws Failure if no place can be written to.
  static TempFolder Create(const std::string& parent, uint64_t wanted_bytes, const Log& log);

  // Uses a folder that belongs to somebody else, and leaves it there. Throws Failure if it can't be
  // written to.
  static TempFolder Borrow(const std::string& path);

  TempFolder(TempFolder&&) = default;
  TempFolder& operator=(TempFolder&&) = delete;
  ~TempFolder();

  const std::string& path() const { return path_; }
  int fd() const { return fd_.get(); }

  // Are `bytes` and some more free? Two system calls. [any]
  bool HasRoom(uint64_t bytes) const;

  // Leaves the folder to the process that this one was forked from, and uses another from now on.
  void BorrowInstead(const std::string& path);

 private:
  TempFolder(std::string path, UniqueFd fd, bool owned);

  std::string path_;
  UniqueFd fd_;
  bool owned_;
};

}  // namespace vsapi::clamav

#endif  // VSAPI_VENDOR_DLL_CLAMAV_TEMP_FOLDER_H_
