// SPDX-License-Identifier: Apache-2.0
#include "save_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "error.h"

namespace store_sim {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void Fail(const fs::path& file) {
  throw Error(file.string() + ": can't be written: " + std::strerror(errno) +
              "; check the folder and the disk");
}

bool WriteAll(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

// A device or a pipe can't be replaced.
void WriteTo(const fs::path& file, std::string_view bytes) {
  const int descriptor = open(file.c_str(), O_WRONLY | O_CLOEXEC);
  const bool done = descriptor >= 0 && WriteAll(descriptor, bytes);
  const int error = errno;
  if (descriptor >= 0) close(descriptor);
  errno = error;
  if (!done) Fail(file);
}

// A file beside another one, that takes its place or vanishes.
class FileBeside {
 public:
  explicit FileBeside(const fs::path& file)
      : file_(file), name_(file.string() + ".XXXXXX"), descriptor_(mkstemp(name_.data())) {
    if (descriptor_ < 0) Fail(file_);
  }
  ~FileBeside() {
    close(descriptor_);
    if (!renamed_) unlink(name_.c_str());
  }
  FileBeside(const FileBeside&) = delete;
  FileBeside& operator=(const FileBeside&) = delete;

  void Write(std::string_view bytes) {
    if (!WriteAll(descriptor_, bytes)) Fail(file_);
  }

  void TakePlace() {
    const mode_t mask = umask(0);
    umask(mask);
    if (fchmod(descriptor_, 0666 & ~mask) != 0 || fsync(descriptor_) != 0) Fail(file_);
    if (rename(name_.c_str(), file_.c_str()) != 0) Fail(file_);
    renamed_ = true;
    KeepFolder();
  }

 private:
  // The new name outlives a power failure too.
  void KeepFolder() const {
    const fs::path folder = file_.has_parent_path() ? file_.parent_path() : ".";
    const int opened = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool kept = opened >= 0 && fsync(opened) == 0;
    if (opened >= 0) close(opened);
    if (!kept) Fail(file_);
  }

  const fs::path& file_;
  std::string name_;
  const int descriptor_;
  bool renamed_ = false;
};

}  // namespace

std::string ReadCheckedRaw(Mdb& mdb, const StoredMessage& message) {
  const std::string name = mdb.name() + "/" + std::to_string(message.number);
  auto raw = mdb.ReadRaw(message.number);
  if (raw && Sha256(*raw) == message.digest) return std::move(*raw);
  const auto now = mdb.FindWithoutParts(message.number);
  const bool changed = !now || now->digest != message.digest;
  throw Error(name + ": " + (changed ? "has changed meanwhile; ask again" : kNotWhatWasStored));
}

void SaveFile(const fs::path& file, std::string_view bytes) {
  std::error_code ignored;
  const bool special = fs::exists(file, ignored) && !fs::is_regular_file(file, ignored);
  if (special) return WriteTo(file, bytes);
  FileBeside beside(file);
  beside.Write(bytes);
  beside.TakePlace();
}

}  // namespace store_sim
