// SPDX-License-Identifier: Apache-2.0
//
// libyara's own global state, held for as long as somebody needs it. libyara counts, but without a
// lock; this one is for all instances of this DLL.
#ifndef VSAPI_VENDOR_DLL_YARA_LIBRARY_H_
#define VSAPI_VENDOR_DLL_YARA_LIBRARY_H_

#include <vsapi/vendor.h>
#include <yara.h>

#include <mutex>

namespace vsapi::yara {

class Library {
 public:
  Library() {
    const std::lock_guard lock(CountMutex());
    if (yr_initialize() != ERROR_SUCCESS)
      throw Failure(VSAPI_E_INTERNAL, "libyara can't be initialised");
  }
  ~Library() {
    const std::lock_guard lock(CountMutex());
    yr_finalize();
  }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

 private:
  static std::mutex& CountMutex() {
    static std::mutex mutex;
    return mutex;
  }
};

}  // namespace vsapi::yara

#endif  // VSAPI_VENDOR_DLL_YARA_LIBRARY_H_
