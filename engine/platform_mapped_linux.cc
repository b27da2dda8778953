// SPDX-License-Identifier: Apache-2.0
#include <sys/mman.h>

#include <cerrno>
#include <cstring>

#include "platform.h"

namespace vsapi::engine::platform {

std::unique_ptr<MappedFile> MappedFile::Anonymous(size_t size, Failure& failure) {
  void* const data =
      mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (data == MAP_FAILED) {
    failure = {std::string("cannot map memory: ") + std::strerror(errno)};
    return nullptr;
  }
  return std::unique_ptr<MappedFile>(new MappedFile(data, size));
}

MappedFile::~MappedFile() { munmap(data_, size_); }

}  // namespace vsapi::engine::platform
