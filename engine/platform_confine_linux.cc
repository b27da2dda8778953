// SPDX-License-Identifier: Apache-2.0
//
// Landlock keeps a worker from writing files outside its folder, seccomp from everything that a
// scan has no use for: of system calls those in a list, the others fail with EPERM. What it may
// read is what its user may.
#include <fcntl.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "platform_worker.h"

namespace vsapi::engine::platform {
namespace {

constexpr rlim_t kMostDescriptors = 256;

constexpr const char* kAllowed[] = {
    // memory and time
    "brk", "mmap", "munmap", "mremap", "mprotect", "madvise", "msync", "mincore", "clock_gettime",
    "clock_getres", "clock_nanosleep", "nanosleep", "gettimeofday", "time", "times", "getrusage",
    "sysinfo", "uname", "getrandom", "membarrier",
    // files: where they may be written is Landlock's
    "read", "readv", "pread64", "preadv", "preadv2", "write", "writev", "pwrite64", "pwritev",
    "pwritev2", "open", "openat", "openat2", "creat", "close", "close_range", "lseek", "stat",
    "fstat", "lstat", "newfstatat", "statx", "statfs", "fstatfs", "access", "faccessat",
    "faccessat2", "readlink", "readlinkat", "getdents", "getdents64", "getcwd", "chdir", "fchdir",
    "mkdir", "mkdirat", "rmdir", "unlink", "unlinkat", "rename", "renameat", "renameat2",
    "truncate", "ftruncate", "fallocate", "fsync", "fdatasync", "flock", "dup", "dup2", "dup3",
    "umask", "utimensat", "fadvise64", "copy_file_range", "sendfile", "pipe", "pipe2", "poll",
    "ppoll", "select", "pselect6",
    // itself
    "getpid", "gettid", "getppid", "getuid", "geteuid", "getgid", "getegid", "getresuid",
    "getresgid", "getgroups", "getpgrp", "getpgid", "getsid", "exit", "exit_group", "futex",
    "set_robust_list", "get_robust_list", "set_tid_address", "rseq", "arch_prctl", "sched_yield",
    "sched_getaffinity", "getpriority", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn",
    "rt_sigpending", "sigaltstack", "restart_syscall", "getrlimit", "getcpu"};

Failure ConfineFailure(const std::string& what) { return {what + ": " + std::strerror(errno)}; }

// ---- Landlock -----------------------------------------------------------------------------------

int LandlockVersion() {
  return static_cast<int>(
      syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION));
}

// Whatever changes a file or a folder, as far as the kernel knows it.
uint64_t Writing() {
  uint64_t rights = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                    LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
                    LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
                    LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
                    LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;
  constexpr uint64_t kRefer = 1u << 13, kTruncate = 1u << 14;
  if (LandlockVersion() >= 2) rights |= kRefer;
  if (LandlockVersion() >= 3) rights |= kTruncate;
  return rights;
}

bool WriteOnlyIn(const std::string& folder, Failure& failure) {
  if (LandlockVersion() < 1) return true;  // told as a gap
  const landlock_ruleset_attr handled = {.handled_access_fs = Writing()};
  const Handle rules(static_cast<int>(
      syscall(SYS_landlock_create_ruleset, &handled, sizeof handled.handled_access_fs, 0)));
  const Handle place(open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  const landlock_path_beneath_attr below = {.allowed_access = Writing(), .parent_fd = place.get()};
  if (rules && place &&
      syscall(SYS_landlock_add_rule, rules.get(), LANDLOCK_RULE_PATH_BENEATH, &below, 0) == 0 &&
      syscall(SYS_landlock_restrict_self, rules.get(), 0) == 0)
    return true;
  failure = ConfineFailure("Landlock");
  return false;
}

// ---- seccomp ------------------------------------------------------------------------------------

bool HasSeccomp() {
  const uint32_t action = SCMP_ACT_ERRNO(EPERM) & 0xffff0000u;
  return syscall(SYS_seccomp, 2 /* SECCOMP_GET_ACTION_AVAIL */, 0, &action) == 0;
}

// A name that this processor does not have is no hole.
bool Allow(scmp_filter_ctx filter, const char* name) {
  const int number = seccomp_syscall_resolve_name(name);
  return number == __NR_SCMP_ERROR || number < 0 ||
         seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0) == 0;
}

scmp_arg_cmp Is(unsigned argument, scmp_datum_t value) { return {argument, SCMP_CMP_EQ, value, 0}; }

// abort and raise send a signal to the process itself.
bool AllowOwnSignals(scmp_filter_ctx filter) {
  const auto own = static_cast<scmp_datum_t>(getpid());
  return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, Is(0, own)) == 0 &&
         seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(kill), 1, Is(0, own)) == 0;
}

// Of descriptors, what no other process feels: no signal is sent by them, and their flags, which
// the engine shares, stay.
bool AllowOwnDescriptors(scmp_filter_ctx filter) {
  for (const scmp_datum_t command : {F_GETFD, F_SETFD, F_GETFL, F_DUPFD, F_DUPFD_CLOEXEC})
    if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1, Is(1, command)) != 0)
      return false;
  return true;
}

// The C library asks for limits by this one.
bool AllowReadingLimits(scmp_filter_ctx filter) {
  return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 2, Is(0, 0), Is(2, 0)) == 0;
}

// Terminals alone: is this one?
bool AllowAskingForTerminals(scmp_filter_ctx filter) {
  constexpr scmp_datum_t kTcgets = 0x5401;
  return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1, Is(1, kTcgets)) == 0;
}

bool FilterCalls(Failure& failure) {
  if (!HasSeccomp()) return true;  // told as a gap
  const std::unique_ptr<void, decltype(&seccomp_release)> filter(
      seccomp_init(SCMP_ACT_ERRNO(EPERM)), seccomp_release);
  bool good = filter != nullptr;
  for (const char* name : kAllowed) good = good && Allow(filter.get(), name);
  good = good && AllowOwnSignals(filter.get()) && AllowOwnDescriptors(filter.get()) &&
         AllowReadingLimits(filter.get()) && AllowAskingForTerminals(filter.get()) &&
         seccomp_load(filter.get()) == 0;
  if (!good) failure = ConfineFailure("seccomp");
  return good;
}

bool Limit(int what, rlim_t most) {
  const rlimit limit = {most, most};
  return setrlimit(static_cast<__rlimit_resource_t>(what), &limit) == 0;
}

}  // namespace

std::string GapsInConfinement() {
  std::string gaps;
  if (LandlockVersion() < 1)
    gaps = "this kernel has no Landlock: workers may write every file that their user may";
  if (!HasSeccomp())
    gaps += std::string(gaps.empty() ? "" : "; ") +
            "this kernel has no seccomp: workers may use the network";
  return gaps;
}

bool Confine(const Confinement& how, Failure& failure) {
  const rlim_t memory = how.memory_bytes == 0 ? RLIM_INFINITY : HeldBytes() + how.memory_bytes;
  const rlim_t file = how.memory_bytes == 0 ? RLIM_INFINITY : how.memory_bytes;  // it may be memory
  // What is shared or mapped from files is no data, but takes room for addresses.
  const rlim_t addresses = how.memory_bytes == 0 ? RLIM_INFINITY : MappedBytes() + how.memory_bytes;
  if (!Limit(RLIMIT_DATA, memory) || !Limit(RLIMIT_AS, addresses) || !Limit(RLIMIT_FSIZE, file) ||
      !Limit(RLIMIT_NOFILE, kMostDescriptors) ||
      !Limit(RLIMIT_CORE, how.dumps_core ? RLIM_INFINITY : 0) ||
      prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    failure = ConfineFailure("limits");
    return false;
  }
  return WriteOnlyIn(how.folder, failure) && FilterCalls(failure);
}

}  // namespace vsapi::engine::platform
