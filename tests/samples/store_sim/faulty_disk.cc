// SPDX-License-Identifier: Apache-2.0
//
// A disk that fails when it is told to, for a program that is started with this preloaded. The file
// that FAULTY_DISK names says what fails for the databases of a store: "write 28" or "read 5", with
// the number of the system's error; an empty one, or none: nothing does.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

bool IsOfADatabase(int file) {
  char link[64], path[4096];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  const ssize_t size = readlink(link, path, sizeof path - 1);
  if (size < 0) return false;
  path[size] = '\0';
  return std::strstr(path, ".db") != nullptr;
}

// The error of this call, or 0.
int ErrorOf(const char* call, int file) {
  const char* const orders = std::getenv("FAULTY_DISK");
  const int opened = orders == nullptr ? -1 : open(orders, O_RDONLY | O_CLOEXEC);
  if (opened < 0) return 0;
  char text[64] = "", ordered[16] = "";
  int error = 0;
  const ssize_t size = read(opened, text, sizeof text - 1);
  close(opened);
  if (size <= 0 || std::sscanf(text, "%15s %d", ordered, &error) != 2) return 0;
  return std::strcmp(ordered, call) == 0 && IsOfADatabase(file) ? error : 0;
}

template <class Call, class... Arguments>
ssize_t Do(const char* kind, const char* name, int file, Arguments... arguments) {
  if (const int error = ErrorOf(kind, file); error != 0) {
    errno = error;
    return -1;
  }
  return reinterpret_cast<Call*>(dlsym(RTLD_NEXT, name))(file, arguments...);
}

}  // namespace

// The calls that SQLite makes.
#pragma GCC visibility push(default)
extern "C" {

ssize_t pwrite64(int file, const void* bytes, size_t size, off64_t at) {
  return Do<decltype(pwrite64)>("write", "pwrite64", file, bytes, size, at);
}

ssize_t pwrite(int file, const void* bytes, size_t size, off_t at) {
  return Do<decltype(pwrite)>("write", "pwrite", file, bytes, size, at);
}

ssize_t pread64(int file, void* bytes, size_t size, off64_t at) {
  return Do<decltype(pread64)>("read", "pread64", file, bytes, size, at);
}

ssize_t pread(int file, void* bytes, size_t size, off_t at) {
  return Do<decltype(pread)>("read", "pread", file, bytes, size, at);
}

}  // extern "C"
#pragma GCC visibility pop
