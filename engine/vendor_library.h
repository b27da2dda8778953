// SPDX-License-Identifier: Apache-2.0
//
// A vendor DLL in memory: found, mapped from a private copy, its entry checked. Calls nothing of
// it.
//
// Thread safety: constant after Open.
#pragma once

#include <memory>
#include <string>

#include "vsapi/abi/entry.h"

namespace vsapi::engine {

class VendorLibrary {
 public:
  // Null with `problem` filled: who asks for what and who has what.
  static std::shared_ptr<VendorLibrary> Open(const std::string& path, std::string& problem);
  ~VendorLibrary();
  VendorLibrary(const VendorLibrary&) = delete;
  VendorLibrary& operator=(const VendorLibrary&) = delete;

  const vsapi_entry& entry() const { return entry_; }
  const std::string& path() const { return path_; }
  bool serial() const { return (entry_.info->flags & VSAPI_VENDOR_SERIAL) != 0; }

  // What the setting Library names: a path, or (without a slash) a file in the vendor folder.
  static std::string Find(const std::string& library);

 private:
  VendorLibrary(void* library, const vsapi_entry& entry, std::string path)
      : library_(library), entry_(entry), path_(std::move(path)) {}

  void* const library_;
  const vsapi_entry& entry_;
  const std::string path_;
};

}  // namespace vsapi::engine
