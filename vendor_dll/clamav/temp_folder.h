// SPDX-License-Identifier: GPL-2.0-only
//
// The private folder for libclamav's temporary files. libclamav makes a folder there for each scan
// and unpacks into it, so it should be in memory: /dev/shm if it can be used, else $TMPDIR, else
// /tmp. Mode 0700, a name of its own for each instance, removed with its owner. The owner holds a
// lock on the folder; what a dead process left behind has none, and is swept when the next one
// comes. Where somebody sweeps the folder of a living owner, it is made again.
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

  TempFolder(TempFolder&& other) noexcept;
  ~TempFolder();

  const std::string& path() const { return path_; }
  int fd() const { return fd_.get(); }

  // Are `bytes` and some more free? Two system calls. [any]
  bool HasRoom(uint64_t bytes) const;

  // Makes the folder again, under its name, if somebody has taken it away; false if that can't be
  // done now. Two system calls where all is well. [any]
  bool EnsureThere() const;

  // Whether the folder has been in its place all the time since this was made. One thread.
  class Presence {
   public:
    explicit Presence(const TempFolder& folder);
    bool unbroken() const;

   private:
    const TempFolder& folder_;
    const uint64_t made_again_;  // how often, until then
  };

  // Leaves the folder to the process that this one was forked from, and uses `other` from now on.
  void LeaveFor(TempFolder other);

 private:
  TempFolder(std::string path, UniqueFd fd, const Log& log);

  std::string path_;  // "": it is another's to remove
  UniqueFd fd_;       // the number never changes, what it stands for may
  Log log_;
};

}  // namespace vsapi::clamav

#endif  // VSAPI_VENDOR_DLL_CLAMAV_TEMP_FOLDER_H_
