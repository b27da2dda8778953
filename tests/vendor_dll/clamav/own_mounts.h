// SPDX-License-Identifier: Apache-2.0
//
// Mounts that nothing outside the process sees, for tests of full and read-only disks. In a child
// process only, whose mounts end with it.
#ifndef VSAPI_TESTS_VENDOR_DLL_CLAMAV_OWN_MOUNTS_H_
#define VSAPI_TESTS_VENDOR_DLL_CLAMAV_OWN_MOUNTS_H_

#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <fstream>
#include <string>

namespace vsapi::test {

inline bool WriteTo(const char* path, const std::string& text) {
  std::ofstream file(path);
  return static_cast<bool>(file << text << std::flush);
}

// Gives this process mounts of its own: as root, or else as the root of a user namespace.
inline bool HasOwnMounts() {
  const std::string user = "0 " + std::to_string(::geteuid()) + " 1";
  const std::string group = "0 " + std::to_string(::getegid()) + " 1";
  const bool entered =
      ::unshare(CLONE_NEWNS) == 0 ||
      (::unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 && WriteTo("/proc/self/setgroups", "deny") &&
       WriteTo("/proc/self/uid_map", user) && WriteTo("/proc/self/gid_map", group));
  return entered && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
}

// An empty file system over a folder.
inline bool MountEmpty(const std::string& folder, unsigned long flags, const char* options) {
  return ::mount("tmpfs", folder.c_str(), "tmpfs", flags, options) == 0;
}

}  // namespace vsapi::test

#endif  // VSAPI_TESTS_VENDOR_DLL_CLAMAV_OWN_MOUNTS_H_
