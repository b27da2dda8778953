// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "platform.h"

namespace vsapi::engine::platform {
namespace {

Failure MappingFailure(const std::string& what) {
  return {"cannot map " + what + ": " + std::strerror(errno)};
}

// Also on the disk: what is written into a mapped file has nobody to fail to.
bool HasRoomFor(int file, size_t size) {
  const auto bytes = static_cast<off_t>(size);
  if (ftruncate(file, bytes) != 0) return false;
  errno = posix_fallocate(file, 0, bytes);
  return errno == 0;
}

}  // namespace

std::unique_ptr<MappedFile> MappedFile::Anonymous(size_t size, Failure& failure) {
  void* const data =
      mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (data != MAP_FAILED) return std::unique_ptr<MappedFile>(new MappedFile(data, size, -1));
  failure = MappingFailure("memory");
  return nullptr;
}

std::unique_ptr<MappedFile> MappedFile::Open(const std::string& path, size_t size,
                                             Failure& failure) {
  failure = {};
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  void* data = MAP_FAILED;
  if (file >= 0 && flock(file, LOCK_EX | LOCK_NB) == 0 &&
      HasRoomFor(file, size))
    data = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (data != MAP_FAILED) return std::unique_ptr<MappedFile>(new MappedFile(data, size, file));
  if (errno != EWOULDBLOCK) failure = MappingFailure(path);
  if (file >= 0) close(file);
  return nullptr;
}

MappedFile::~MappedFile() {
  munmap(data_, size_);
  if (file_ >= 0) close(file_);
}

}  // namespace vsapi::engine::platform
