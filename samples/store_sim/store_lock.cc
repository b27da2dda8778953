// SPDX-License-Identifier: Apache-2.0
#include "store_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include "error.h"

namespace store_sim {
namespace {

std::string HolderOf(int descriptor) {
  std::array<char, 24> text{};
  const ssize_t size = pread(descriptor, text.data(), text.size(), 0);
  const std::string_view read(text.data(), size > 0 ? static_cast<size_t>(size) : 0);
  const std::string pid(read.substr(0, read.find_first_not_of("0123456789")));
  return pid.empty() ? "another process" : "process " + pid;
}

// Only for the error text of others, so a failure changes nothing.
void WriteHolder(int descriptor) {
  const std::string pid = std::to_string(getpid()) + "\n";
  if (ftruncate(descriptor, 0) == 0) (void)!pwrite(descriptor, pid.data(), pid.size(), 0);
}

}  // namespace

StoreLock::StoreLock(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / "store.lock";
  descriptor_ = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor_ < 0) {
    throw Error(file.string() + ": " + std::strerror(errno) +
                "; check the folder, its permissions and the disk");
  }
  if (flock(descriptor_, LOCK_EX | LOCK_NB) == 0) {
    WriteHolder(descriptor_);
    return;
  }
  const int error = errno;
  const std::string holder = HolderOf(descriptor_);
  close(descriptor_);
  if (error != EWOULDBLOCK) throw Error(file.string() + ": " + std::strerror(error));
  throw Error(folder.string() + ": " + holder +
              " is writing this store; wait until it ends, or stop it");
}

StoreLock::~StoreLock() { close(descriptor_); }

}  // namespace store_sim
