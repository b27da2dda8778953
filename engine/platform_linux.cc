// SPDX-License-Identifier: Apache-2.0
#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <linux/futex.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <exception>
#include <filesystem>
#include <optional>
#include <system_error>
#include <thread>

#include "platform.h"

namespace vsapi::engine::platform {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  const int fd_;
};

Failure SystemFailure(const std::string& what, const std::string& path) {
  return {what + " " + path + ": " + std::strerror(errno)};
}

int64_t Nanoseconds(const timespec& time) { return time.tv_sec * 1'000'000'000LL + time.tv_nsec; }

bool WriteAll(int fd, const std::string& content) {
  size_t done = 0;
  while (done < content.size()) {
    const ssize_t n = write(fd, content.data() + done, content.size() - done);
    if (n < 0 && errno != EINTR) return false;
    if (n > 0) done += static_cast<size_t>(n);
  }
  return true;
}

int OpenFolderOf(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

// Gives `file` owner and mode of the one that it will replace, if there is one. Who may not give a
// file away keeps it.
void TakeAfter(const std::string& old, int file) {
  struct stat found = {};
  if (stat(old.c_str(), &found) != 0) return;
  if (fchown(file, found.st_uid, found.st_gid) != 0) errno = 0;
  if (fchmod(file, found.st_mode & 07777) != 0) errno = 0;
}

bool WriteFresh(const std::string& fresh, const std::string& old, const std::string& content) {
  unlink(fresh.c_str());  // what a crash left behind
  const Descriptor file(
      open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!file) return false;
  TakeAfter(old, file.get());
  return WriteAll(file.get(), content) && fsync(file.get()) == 0;
}

bool CopyAll(int from, int to, off_t size) {
  off_t done = 0;
  while (done < size) {
    const ssize_t n = sendfile(to, from, &done, static_cast<size_t>(size - done));
    if (n == 0 || (n < 0 && errno != EINTR)) return false;
  }
  return true;
}

// A path of `fd` that no library was opened by before: dlopen takes a name that it knows, also of a
// library that could not be unmapped, for that library. A number spelt in slashes and dots is one.
std::string FreshPathOf(int fd) {
  static std::atomic<unsigned> opened = 0;
  std::string path = "/proc/self/fd/";
  for (unsigned number = opened++; number > 0; number /= 2) path += number % 2 == 0 ? "/" : "./";
  return path + std::to_string(fd);
}

FileMark MarkOf(const struct stat& file) {
  return {file.st_ino, Nanoseconds(file.st_mtim), Nanoseconds(file.st_ctim), file.st_size};
}

}  // namespace

void SetThreadName(const std::string& name) {
  pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
}

bool LowerThreadPriority(int steps) { return SetThreadNice(ThreadNumber(), ThreadNice() + steps); }

int ThreadNumber() { return static_cast<int>(syscall(SYS_gettid)); }

int ThreadNice() { return getpriority(PRIO_PROCESS, static_cast<id_t>(ThreadNumber())); }

bool SetThreadNice(int thread, int nice) {
  return setpriority(PRIO_PROCESS, static_cast<id_t>(thread), nice) == 0;
}

namespace {

// What sched_setattr takes, in its first version: the kernel's own header excludes glibc's.
struct SchedulerAttributes {
  uint32_t size, policy;
  uint64_t flags;
  int32_t nice;
  uint32_t real_time;
  uint64_t runtime_ns, deadline_ns, period_ns;
};

}  // namespace

std::optional<Priority> ThreadPriority() {
  SchedulerAttributes how = {};
  if (syscall(SYS_sched_getattr, 0, &how, sizeof how, 0) != 0) return std::nullopt;
  const bool is_real_time =
      how.policy == SCHED_FIFO || how.policy == SCHED_RR || how.policy == SCHED_DEADLINE;
  if (is_real_time) return std::nullopt;
  return Priority{how.policy, how.nice, std::chrono::nanoseconds(how.runtime_ns)};
}

bool SetPriority(int thread, const Priority& priority) {
  SchedulerAttributes how = {};
  how.size = sizeof how;
  how.policy = priority.policy;
  how.nice = priority.nice;
  how.runtime_ns = static_cast<uint64_t>(priority.slice.count());
  return syscall(SYS_sched_setattr, thread, &how, 0) == 0;
}

void RunLower(int steps, const std::function<void()>& work) {
  std::exception_ptr thrown;
  const auto run = [&] {
    SetThreadName("vsapi-build");
    LowerThreadPriority(steps);
    try {
      work();
    } catch (const std::exception&) {
      thrown = std::current_exception();
    }
  };
  std::thread lower;
  try {
    lower = std::thread(run);
  } catch (const std::system_error&) {
    return work();
  }
  lower.join();
  if (thrown) std::rethrow_exception(thrown);
}

void KeepFreedMemory() {
#ifdef __GLIBC__
  constexpr int kMiB = 1 << 20;
  mallopt(M_TRIM_THRESHOLD, 256 * kMiB);
  mallopt(M_MMAP_THRESHOLD, 32 * kMiB);
#endif
}

std::chrono::seconds LocalTimeOfDay(int64_t wall_ns) {
  const time_t time = wall_ns / 1'000'000'000;
  tm local = {};
  localtime_r(&time, &local);
  return std::chrono::hours(local.tm_hour) + std::chrono::minutes(local.tm_min) +
         std::chrono::seconds(local.tm_sec);
}

void Sleep(const std::atomic<uint32_t>& word, uint32_t value, Deadline deadline) {
  const auto since_boot = deadline.time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since_boot);
  const timespec end = {seconds.count(), (since_boot - seconds).count()};
  syscall(SYS_futex, &word, FUTEX_WAIT_BITSET_PRIVATE, value,
          deadline == Deadline::max() ? nullptr : &end, nullptr, FUTEX_BITSET_MATCH_ANY);
}

void WakeOne(const std::atomic<uint32_t>* word) {
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
}

std::optional<std::string> ReadFile(const std::string& path, size_t limit, Failure& failure) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) {
    failure = SystemFailure("cannot open", path);
    return std::nullopt;
  }
  std::string content;
  char buffer[65536];
  for (;;) {
    const ssize_t n = read(file.get(), buffer, sizeof buffer);
    if (n == 0) return content;
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      failure = SystemFailure("cannot read", path);
      return std::nullopt;
    }
    content.append(buffer, static_cast<size_t>(n));
    if (content.size() > limit) {
      failure = {path + " is larger than " + std::to_string(limit) + " bytes"};
      return std::nullopt;
    }
  }
}

bool WriteFileAtomically(const std::string& path, const std::string& content, Failure& failure) {
  const std::string fresh = path + ".new";
  if (!WriteFresh(fresh, path, content) || rename(fresh.c_str(), path.c_str()) != 0) {
    failure = SystemFailure("cannot write", path);
    unlink(fresh.c_str());
    return false;
  }
  const Descriptor folder(OpenFolderOf(path));
  if (folder) fsync(folder.get());
  return true;
}

namespace {

// Whoever may read the folder may lock it too: nobody is waited for longer than this.
constexpr auto kLongestLock = std::chrono::seconds(1);
constexpr auto kLockPause = std::chrono::milliseconds(5);

// Closing lets go. Where locks are not possible it is done without.
bool Lock(int folder) {
  const auto end = std::chrono::steady_clock::now() + kLongestLock;
  while (flock(folder, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(kLockPause);
  }
  return true;
}

}  // namespace

bool RewriteFile(
    const std::string& path, size_t limit,
    const std::function<std::optional<std::string>(const std::string& content)>& change,
    Failure& failure) {
  std::error_code ignored;
  std::string target = std::filesystem::canonical(path, ignored).string();
  if (target.empty()) target = path;
  const Descriptor folder(OpenFolderOf(target));
  if (folder && !Lock(folder.get())) {
    failure = {"cannot write " + target + ": another process keeps its folder locked (flock)"};
    return false;
  }
  const auto content = ReadFile(target, limit, failure);
  if (!content) return false;
  const auto changed = change(*content);
  return changed && (*changed == *content || WriteFileAtomically(target, *changed, failure));
}

std::optional<FileMark> MarkOf(const std::string& path) {
  struct stat found = {};
  if (stat(path.c_str(), &found) != 0) return std::nullopt;
  return MarkOf(found);
}

// The copy lives in memory (memfd): no temporary folder can be full, missing or mounted noexec. The
// loader knows it by the name of its descriptor and gives out a library again whose name it knows,
// so the descriptor stays open, and its number taken, as long as the library is mapped.
namespace {

// The loader's own words for the commonest mistakes say something else, or nothing at all.
std::optional<std::string> WhyNoLibrary(int file) {
  ElfW(Ehdr) header = {};
  ElfW(Ehdr) own = {};
  const Descriptor self(open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  if (pread(file, &header, sizeof header, 0) < 0 ||
      std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0)
    return "it is no shared library";
  if (pread(self.get(), &own, sizeof own, 0) != sizeof own) return std::nullopt;
  const bool fits =
      header.e_ident[EI_CLASS] == own.e_ident[EI_CLASS] && header.e_machine == own.e_machine;
  return fits ? std::nullopt : std::optional<std::string>("it is built for another processor");
}

}  // namespace

void* OpenLibrary(const std::string& path, Failure& failure) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat found = {};
  if (!file || fstat(file.get(), &found) != 0) {
    failure = SystemFailure("cannot open", path);
    return nullptr;
  }
  if (!S_ISREG(found.st_mode)) {
    failure = {path + " is not a file"};
    return nullptr;
  }
  if (const auto why = WhyNoLibrary(file.get())) {
    failure = {path + ": " + *why};
    return nullptr;
  }
  const std::string name = std::filesystem::path(path).filename().string();
  const Descriptor copy(memfd_create(name.c_str(), MFD_CLOEXEC));
  if (!copy || !CopyAll(file.get(), copy.get(), found.st_size)) {
    failure = SystemFailure("cannot copy", path);
    return nullptr;
  }
  struct stat after = {};
  if (fstat(file.get(), &after) != 0 || MarkOf(after) != MarkOf(found)) {
    failure = {path + " is being written to; it is tried again when it has changed"};
    return nullptr;
  }
  const std::string mapped = FreshPathOf(copy.get());
  void* library = dlopen(mapped.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    std::string text = dlerror();
    if (const size_t at = text.find(mapped); at != std::string::npos)
      text.replace(at, mapped.size(), path);
    failure = {text};
    return nullptr;
  }
  return library;
}

void* FindSymbol(void* library, const char* name) { return dlsym(library, name); }

void CloseLibrary(void* library) { dlclose(library); }

std::string VendorFolder() {
  Dl_info info = {};
  if (dladdr(reinterpret_cast<void*>(&VendorFolder), &info) == 0 || info.dli_fname == nullptr)
    return "vsapi";
  std::error_code ignored;
  const auto self = std::filesystem::canonical(info.dli_fname, ignored);
  return (self.parent_path() / "vsapi").string();
}

}  // namespace vsapi::engine::platform
