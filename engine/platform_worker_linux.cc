// SPDX-License-Identifier: Apache-2.0
#include "platform_worker.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace vsapi::engine::platform {
namespace {

namespace fs = std::filesystem;

Failure WorkerFailure(const std::string& what) { return {what + ": " + std::strerror(errno)}; }

// Each has the number of its process in its name, and is locked by that one: numbers are not all
// that containers may share. What is anybody else's is left alone, also by root.
bool IsAbandoned(const fs::path& folder, uid_t worker) {
  const std::string name = folder.filename().string();
  const int pid = std::atoi(name.c_str() + sizeof kTempPrefix - 1);
  const Handle opened(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat found = {};
  const bool is_mine = opened && fstat(opened.get(), &found) == 0 &&
                       (found.st_uid == geteuid() || found.st_uid == worker);
  return is_mine && pid > 0 && kill(pid, 0) != 0 && errno == ESRCH &&
         flock(opened.get(), LOCK_EX | LOCK_NB) == 0;
}

void SweepTempFolders(const fs::path& place, uid_t worker) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(place, ignored)) {
    const bool is_ours = entry.path().filename().string().starts_with(kTempPrefix);
    if (is_ours && IsAbandoned(entry.path(), worker)) fs::remove_all(entry.path(), ignored);
  }
}

}  // namespace

bool DieWithParent(int parent) {
  return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent;
}

int OwnNumber() { return getpid(); }

int ParentNumber() { return getppid(); }

bool IsRoot() { return geteuid() == 0; }

// Without PR_SET_DUMPABLE its own files in /proc would be closed to it.
bool BecomeUser(const std::string& user, Failure& failure) {
  errno = 0;
  const passwd* const found = getpwnam(user.c_str());
  if (found == nullptr || found->pw_uid == 0) {
    failure = {"WorkerUser: there is no user \"" + user + "\" other than root"};
    return false;
  }
  if (setgroups(0, nullptr) == 0 && setresgid(found->pw_gid, found->pw_gid, found->pw_gid) == 0 &&
      setresuid(found->pw_uid, found->pw_uid, found->pw_uid) == 0 && prctl(PR_SET_DUMPABLE, 1) == 0)
    return true;
  failure = WorkerFailure("cannot become user " + user);
  return false;
}

std::string ClosedAt(const std::string& path) {
  fs::path way;
  for (const fs::path& step : fs::path(path)) {
    way /= step;
    std::error_code ignored;
    const int rights = fs::is_directory(way, ignored) ? R_OK | X_OK : R_OK;
    if (way != path && access(way.c_str(), X_OK) == 0) continue;
    if (access(way.c_str(), rights) != 0) return errno == EACCES ? way.string() : "";
  }
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(path, none))
    if (access(entry.path().c_str(), R_OK) != 0 && errno == EACCES) return entry.path().string();
  return "";
}

int Fork() { return fork(); }

void EndAtOnce(int code) { _exit(code); }

Process ChildOf(int pid) {
  return {pid, Handle(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)))};
}

ChildEnd AwaitChild(int pid) {
  siginfo_t end = {};
  while (waitid(P_PID, static_cast<id_t>(pid), &end, WEXITED) != 0)
    if (errno != EINTR) return {};
  return {end.si_code != CLD_EXITED, end.si_status};
}

std::string MakeTempFolder(const std::string& user, Failure& failure) {
  const fs::path place = TempPlace();
  const passwd* const worker = IsRoot() ? getpwnam(user.c_str()) : nullptr;
  SweepTempFolders(place, worker != nullptr ? worker->pw_uid : geteuid());
  std::string path = (place / kTempPrefix).string() + std::to_string(getpid()) + "-XXXXXX";
  if (!place.empty() && mkdtemp(path.data()) != nullptr) {
    static const Handle lock(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    flock(lock.get(), LOCK_EX | LOCK_NB);
    return path;
  }
  failure = WorkerFailure("no temporary folder in " + place.string());
  return "";
}

void GiveTempFolder(const std::string& folder, const std::string& user, uint64_t bytes) {
  const passwd* const found = getpwnam(user.c_str());
  if (found == nullptr) return;  // BecomeUser tells
  if (chown(folder.c_str(), found->pw_uid, found->pw_gid) != 0 || bytes == 0) return;
  const std::string how = "size=" + std::to_string(bytes) +
                          ",nr_inodes=65536,mode=700,uid=" + std::to_string(found->pw_uid) +
                          ",gid=" + std::to_string(found->pw_gid);
  if (unshare(CLONE_NEWNS) == 0 && mount("", "/", nullptr, MS_REC | MS_SLAVE, nullptr) == 0)
    mount("vsapi-worker", folder.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, how.c_str());
}

bool EnterFolder(const std::string& folder) {
  return mkdir(folder.c_str(), S_IRWXU) == 0 && chdir(folder.c_str()) == 0 &&
         setenv("TMPDIR", folder.c_str(), 1) == 0;
}

namespace {

// Of memory by the system's account, that number, from 0.
uint64_t AccountedBytes(size_t number) {
  static const Handle statm(open("/proc/self/statm", O_RDONLY | O_CLOEXEC));
  char text[128] = "";
  if (pread(statm.get(), text, sizeof text - 1, 0) <= 0) return 0;
  std::array<unsigned long long, 6> pages = {};
  std::sscanf(text, "%llu %llu %llu %llu %llu %llu", &pages[0], &pages[1], &pages[2], &pages[3],
              &pages[4], &pages[5]);
  return pages[number] * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace

uint64_t HeldBytes() { return AccountedBytes(5); }  // writable memory of its own

uint64_t MappedBytes() { return AccountedBytes(0); }

int NextDescriptor() { return Handle(fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)).get(); }

}  // namespace vsapi::engine::platform
