// SPDX-License-Identifier: Apache-2.0
//
// The engine's one door to the operating system: threads, files, shared libraries. Its
// sources are one set per system (platform*_linux.cc); nothing else of the engine includes a system
// header.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace vsapi::engine::platform {

// Names the calling thread for debuggers; cut to 15 bytes.
void SetThreadName(const std::string& name);

// Gives the calling thread a lower priority by `steps` of nice; false if the system would not.
bool LowerThreadPriority(int steps);

// The calling thread's number and its nice value, by which another thread may change its priority.
// SetThreadNice is false if the system would not: raising a priority takes a privilege.
int ThreadNumber();
int ThreadNice();
bool SetThreadNice(int thread, int nice);

// How the system schedules a thread that is no real-time one.
struct Priority {
  uint32_t policy = 0;
  int32_t nice = 0;
  std::chrono::nanoseconds slice{};  // so long it runs at a time; Linux knows it from 6.12 on
  bool operator==(const Priority&) const = default;
};
// The calling thread's; nothing for a real-time one, or where the system does not tell.
std::optional<Priority> ThreadPriority();
// Also of another process of one thread. False if the system would not.
bool SetPriority(int thread, const Priority& priority);

// Runs it on a thread of its own, with a priority lower by `steps` of nice: who lowers its own may
// not raise it again. On the calling thread, as it is, if no other one can be had. What it throws
// is thrown here.
void RunLower(int steps, const std::function<void()>& work);

// ---- Sleeping on a word: what a futex, or Windows' WaitOnAddress, does --------------------------

using Deadline = std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds>;

// Sleeps while `word` holds `value`, until it is woken or the deadline has come; may return early.
void Sleep(const std::atomic<uint32_t>& word, uint32_t value, Deadline deadline = Deadline::max());
// Wakes one thread that sleeps on `word`. Only its address is used: the word may be gone already,
// since a sleeper that saw it change may have left.
void WakeOne(const std::atomic<uint32_t>* word);

// So long after midnight it is at that time, by the local clock.
std::chrono::seconds LocalTimeOfDay(int64_t wall_ns);

// ---- What this process may use of the machine ---------------------------------------------------

// Processors, at least 1, and what limits them: those that the calling thread may run on, or the
// time that a cgroup gives, rounded up. The latter never to one of several, as in Go: with a single
// kept thread clients waited far longer under a quota (README.md, Threads).
struct Processors {
  unsigned count = 1;
  bool by_cgroup = false;
};
Processors UsableProcessors();
// What a cgroup leaves of so many; `root` is the folder that holds proc and sys.
Processors LimitByCgroup(unsigned processors, const std::string& root);

// Bytes of memory this process may still take before the system or its cgroup runs out.
uint64_t AvailableMemory();
// Bytes of memory this process holds.
uint64_t ResidentMemory();
// What vsapi_keep_freed_memory says. Inherited by forks.
void KeepFreedMemory();

// What a failed call says: text for an administrator.
struct Failure {
  std::string text;
};

// The whole file, or why not. Refuses more than `limit` bytes.
std::optional<std::string> ReadFile(const std::string& path, size_t limit, Failure& failure);

// Replaces `path` by `content` so that a crash leaves the old file or the new one, on disk.
bool WriteFileAtomically(const std::string& path, const std::string& content, Failure& failure);

// Replaces `path` by what `change` makes of its content, as WriteFileAtomically does; nothing to
// change is an end too. Owner and mode stay; a link's target is replaced, not the link. Processes
// that rewrite files of one folder take turns.
bool RewriteFile(
    const std::string& path, size_t limit,
    const std::function<std::optional<std::string>(const std::string& content)>& change,
    Failure& failure);

// Changes whenever the file is written or replaced; nullopt if it can't be looked at.
struct FileMark {
  uint64_t inode = 0;
  int64_t modified_ns = 0;
  int64_t changed_ns = 0;
  int64_t size = 0;
  bool operator==(const FileMark&) const = default;
};
std::optional<FileMark> MarkOf(const std::string& path);

// Adds `text` to the end of `path`, wholly or not at all, and makes the file where there is none.
bool AppendFile(const std::string& path, const std::string& text, Failure& failure);

// One line to the system's log, of a VSAPI_SEVERITY_...; to the standard error output.
void WriteSyslog(int32_t severity, const std::string& line);
void WriteTerminal(const std::string& line);

// Memory that comes as zeros, page by page as it is used. Where it is a file's, what is stored
// there is in the file however the process ends.
class MappedFile {
 public:
  static std::unique_ptr<MappedFile> Anonymous(size_t size, Failure& failure);
  // The file, made if there is none, of this process alone. Null too if another one has it: then
  // `failure` is empty.
  static std::unique_ptr<MappedFile> Open(const std::string& path, size_t size, Failure& failure);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  void* data() const { return data_; }
  size_t size() const { return size_; }

 private:
  MappedFile(void* data, size_t size, int file) : data_(data), size_(size), file_(file) {}

  void* const data_;
  const size_t size_;
  const int file_;  // open, and so locked, as long as it is mapped; -1: none
};

// Calls `changed`, on a thread of its own, whenever `path` has been written, replaced or deleted.
// Where the system can't watch its folder it never does: look now and then as well.
class FileWatch {
 public:
  FileWatch(const std::string& path, std::function<void()> changed);
  ~FileWatch();  // no call is under way any more

 private:
  class Inside;
  std::unique_ptr<Inside> inside_;
};

// A shared library mapped from a private copy of its file, so that overwriting the file is
// harmless. Null on failure. `CloseLibrary` unmaps it.
void* OpenLibrary(const std::string& path, Failure& failure);
void* FindSymbol(void* library, const char* name);
void CloseLibrary(void* library);

// The folder that vendor DLLs named without a path are looked for in: "vsapi" beside libvsapi.
std::string VendorFolder();

}  // namespace vsapi::engine::platform
