// SPDX-License-Identifier: GPL-2.0-only
#include "temp_folder.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <vsapi/vendor.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
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

UniqueFd OpenFolder(const std::string& path) {
  return UniqueFd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

bool IsMine(int folder) {
  struct stat status {};
  return ::fstat(folder, &status) == 0 && status.st_uid == ::geteuid();
}

// Has somebody removed it since it was opened?
bool IsRemoved(int folder) {
  struct stat status {};
  return ::fstat(folder, &status) != 0 || status.st_nlink == 0;
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

// The lock may have gone to another process's sweep between the two calls: then it has removed the
// folder, and another one is made.
std::pair<std::string, UniqueFd> MakeLockedFolder(const std::string& parent) {
  while (true) {
    std::string path = parent + "/" + kPrefix + "XXXXXX";
    if (!::mkdtemp(path.data())) RefuseFolder(parent, errno);
    UniqueFd folder = OpenFolder(path);
    if (!folder && errno != ENOENT) RefuseFolder(path, errno);
    if (folder && ::flock(folder.get(), LOCK_EX) == 0 && !IsRemoved(folder.get()))
      return {std::move(path), std::move(folder)};
  }
}

std::vector<std::string> UsualPlaces() {
  std::vector<std::string> places{"/dev/shm"};
  if (const char* set = ::getenv("TMPDIR"); set && *set == '/') places.emplace_back(set);
  places.emplace_back("/tmp");
  return places;
}

}  // namespace

TempFolder::TempFolder(std::string path, UniqueFd fd, bool owned)
    : path_(std::move(path)), fd_(std::move(fd)), owned_(owned) {}

TempFolder TempFolder::Create(const std::string& parent, uint64_t wanted_bytes, const Log& log) {
  std::optional<TempFolder> cramped;
  std::string refusals;
  for (const std::string& place : parent.empty() ? UsualPlaces() : std::vector{parent}) try {
      Sweep(place);
      auto [path, fd] = MakeLockedFolder(place);
      TempFolder folder(std::move(path), std::move(fd), true);
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

TempFolder TempFolder::Borrow(const std::string& path) {
  UniqueFd fd = OpenFolder(path);
  if (!fd) RefuseFolder(path, errno);
  if (const int error = ProbeWrite(fd.get())) RefuseFolder(path, error);
  return TempFolder(path, std::move(fd), false);
}

TempFolder::~TempFolder() {
  if (!owned_ || !fd_) return;
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

bool TempFolder::HasRoom(uint64_t bytes) const {
  struct statvfs room {};
  if (::fstatvfs(fd(), &room) != 0) return false;
  const bool has_inodes = room.f_files == 0 || room.f_favail >= kSpareInodes;
  return has_inodes && uint64_t{room.f_bavail} * room.f_frsize >= bytes + kSpareBytes;
}

void TempFolder::BorrowInstead(const std::string& path) {
  TempFolder other = Borrow(path);
  path_ = std::move(other.path_);
  fd_ = std::move(other.fd_);
  owned_ = false;
}

}  // namespace vsapi::clamav
