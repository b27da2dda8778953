// SPDX-License-Identifier: Apache-2.0
#include "spool.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "error.h"

namespace store_milter {
namespace {

[[noreturn]] void Fail(const std::filesystem::path& folder, int error) {
  throw store_sim::Error("the folder " + folder.string() +
                         " can't keep a large message: " + std::strerror(error) +
                         "; check its rights and the disk, or choose " + "another one by --spool");
}

// Without a name: nobody else opens it, and no crash leaves it behind.
int OpenNameless(const std::filesystem::path& folder) {
  std::string name = (folder / "store_milter_XXXXXX").string();
  const int file = mkostemp(name.data(), O_CLOEXEC);
  if (file < 0) Fail(folder, errno);
  unlink(name.c_str());
  return file;
}

}  // namespace

Spool::~Spool() {
  if (file_ >= 0) close(file_);
}

void Spool::Append(std::string_view bytes) {
  size_ += bytes.size();
  if (is_too_large()) {
    memory_ = {};
    return;
  }
  memory_ += bytes;
  if (memory_.size() > kInMemory) WriteOut();
}

void Spool::WriteOut() {
  if (file_ < 0) file_ = OpenNameless(options_.folder);
  for (size_t done = 0; done < memory_.size();) {
    const ssize_t n = write(file_, memory_.data() + done, memory_.size() - done);
    if (n < 0 && errno != EINTR) Fail(options_.folder, errno);
    done += n > 0 ? static_cast<size_t>(n) : 0;
  }
  memory_.clear();
}

std::string Spool::Take() {
  if (file_ < 0) return std::move(memory_);
  WriteOut();
  std::string all(size_, '\0');
  for (size_t done = 0; done < all.size();) {
    const ssize_t n = pread(file_, all.data() + done, all.size() - done, static_cast<off_t>(done));
    if (n == 0) Fail(options_.folder, EIO);
    if (n < 0 && errno != EINTR) Fail(options_.folder, errno);
    done += n > 0 ? static_cast<size_t>(n) : 0;
  }
  return all;
}

}  // namespace store_milter
