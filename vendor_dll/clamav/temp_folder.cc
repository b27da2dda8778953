// SPDX-License-Identifier: GPL-2.0-only
#include "temp_folder.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <vsapi/vendor.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

namespace vsapi::clamav {
namespace {

namespace fs = std::filesystem;

constexpr char kPrefix[] = "vsapi-clamav-";
constexpr uint64_t kSpareBytes = uint64_t{1} << 20;
constexpr fsfilcnt_t kSpareInodes = 64;
constexpr int kMostFolders = 1000;  // that others take away before one is had

UniqueFd OpenFolder(const std::string& path) {
  return UniqueFd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

bool IsMine(int folder) {
  struct stat status {};
  return ::fstat(folder, &status) == 0 && status.st_uid == ::geteuid();
}

// Or has somebody taken it away since it was opened?
bool IsAt(const std::string& path, int folder) {
  struct stat there {
  }, held{};
  return ::lstat(path.c_str(), &there) == 0 && ::fstat(folder, &held) == 0 &&
         there.st_ino == held.st_ino && there.st_dev == held.st_dev;
}

void RemoveIfStale(const fs::path& path) {
  const UniqueFd folder = OpenFolder(path);
  if (!folder || !IsMine(folder.get())) return;
  if (::flock(folder.get(), LOCK_EX | LOCK_NB) != 0) return;
  std::error_code ignored;
  fs::remove_all(path, ignored);
}

void Sweep(const std::string& parent) {
  std::error_code error;
  for (fs::directory_iterator entry(parent, error), end; !error && entry != end;
       entry.increment(error))
    if (entry->path().filename().string().starts_with(kPrefix)) RemoveIfStale(entry->path());
}

// Creates, fills and removes a file; the error number, or 0.
int ProbeWrite(int folder) {
  static constexpr char kName[] = "write-probe";
  const UniqueFd file(::openat(folder, kName, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file) return errno;
  static constexpr std::array<char, 8192> kBytes{};
  const ssize_t written = ::write(file.get(), kBytes.data(), kBytes.size());
  const int error = written < 0 ? errno : written != ssize_t{kBytes.size()} ? ENOSPC : 0;
  ::unlinkat(folder, kName, 0);
  return error;
}

[[noreturn]] void RefuseFolder(const std::string& path, int error) {
  throw Failure(VSAPI_E_BUSY, "temp folder: can't write to " + path + ": " + std::strerror(error) +
                                  "; make room there or set Parameters temp=DIR");
}

// The lock may go to another process's sweep between the two calls: then that removes the folder,
// and another one is made. It never waits for who has it, who need not be a sweep.
std::pair<std::string, UniqueFd> MakeLockedFolder(const std::string& parent) {
  for (int tries = 0; tries < kMostFolders; ++tries) {
    std::string path = parent + "/" + kPrefix + "XXXXXX";
    if (!::mkdtemp(path.data())) RefuseFolder(parent, errno);
    UniqueFd folder = OpenFolder(path);
    if (!folder && errno != ENOENT) RefuseFolder(path, errno);
    if (!folder) continue;
    if (::flock(folder.get(), LOCK_EX | LOCK_NB) == 0) {
      if (IsAt(path, folder.get())) return {std::move(path), std::move(folder)};
    } else if (errno != EWOULDBLOCK && errno != EINTR) {
      const int error = errno;
      ::rmdir(path.c_str());
      RefuseFolder(path, error);
    }
  }
  RefuseFolder(parent, EBUSY);
}

// Folders of all instances that were made again. Raised before a new one takes an old one's place;
// a scan that reads the same number before and after has met no new one.
std::atomic<uint64_t> made_again = 0;

// The new folder takes the descriptor's place in one step: other threads may be using it.
bool MakeAgain(const std::string& path, int descriptor) {
  if (::mkdir(path.c_str(), 0700) != 0) return false;
  const UniqueFd folder = OpenFolder(path);
  ++made_again;
  const bool made = folder && ::flock(folder.get(), LOCK_EX | LOCK_NB) == 0 &&
                    ::dup3(folder.get(), descriptor, O_CLOEXEC) >= 0;
  if (!made) ::rmdir(path.c_str());
  return made;
}

std::vector<std::string> UsualPlaces() {
  std::vector<std::string> places{"/dev/shm"};
  if (const char* set = ::getenv("TMPDIR"); set && *set == '/') places.emplace_back(set);
  places.emplace_back("/tmp");
  return places;
}

}  // namespace

TempFolder::TempFolder(std::string path, UniqueFd fd, const Log& log)
    : path_(std::move(path)), fd_(std::move(fd)), log_(log) {}

TempFolder::TempFolder(TempFolder&& other) noexcept
    : path_(std::exchange(other.path_, {})), fd_(std::move(other.fd_)), log_(other.log_) {}

TempFolder TempFolder::Create(const std::string& parent, uint64_t wanted_bytes, const Log& log) {
  std::optional<TempFolder> cramped;
  std::string refusals;
  for (const std::string& place : parent.empty() ? UsualPlaces() : std::vector{parent}) try {
      Sweep(place);
      auto [path, fd] = MakeLockedFolder(place);
      TempFolder folder(std::move(path), std::move(fd), log);
      if (const int error = ProbeWrite(folder.fd())) RefuseFolder(place, error);
      if (folder.HasRoom(wanted_bytes)) return folder;
      if (!cramped) cramped.emplace(std::move(folder));
    } catch (const Failure& failure) {
      refusals = failure.what();
    }
  if (!cramped) throw Failure(VSAPI_E_BUSY, refusals);
  log.Warning("temp folder: " + cramped->path() + " has less than " +
              std::to_string(wanted_bytes >> 20) +
              " MiB free (max_scan_size); large archives may fail to be scanned");
  return std::move(*cramped);
}

TempFolder::~TempFolder() {
  if (path_.empty()) return;
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

bool TempFolder::HasRoom(uint64_t bytes) const {
  struct statvfs room {};
  if (::fstatvfs(fd(), &room) != 0) return false;
  const bool has_inodes = room.f_files == 0 || room.f_favail >= kSpareInodes;
  return has_inodes && uint64_t{room.f_bavail} * room.f_frsize >= bytes + kSpareBytes;
}

bool TempFolder::EnsureThere() const {
  static std::mutex one_at_a_time;  // of any instance: it is rarely taken
  if (IsAt(path_, fd())) return true;
  const std::lock_guard lock(one_at_a_time);
  if (IsAt(path_, fd())) return true;  // another scan was faster
  if (!MakeAgain(path_, fd())) return false;
  log_.Warning("temp folder: " + path_ + " was taken away by somebody, and is made again");
  return true;
}

TempFolder::Presence::Presence(const TempFolder& folder)
    : folder_(folder), made_again_(made_again) {}

bool TempFolder::Presence::unbroken() const {
  return made_again == made_again_ && IsAt(folder_.path(), folder_.fd());
}

void TempFolder::LeaveFor(TempFolder other) {
  path_ = std::exchange(other.path_, {});
  fd_ = std::move(other.fd_);
}

}  // namespace vsapi::clamav
