// SPDX-License-Identifier: Apache-2.0
//
// What a process may be brought down by, and what it must not be let do, each by a word: for a
// worker process alone. What was refused is infected by Refused.Test, what could be done by
// Done.Test.
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "test_vendor.h"

namespace vsapi::test_vendor {

[[gnu::noinline]] int Recurse(volatile char* outer) {
  if (outer == nullptr) return 0;
  volatile char inner[4096] = {};
  inner[0] = static_cast<char>(outer[0] + 1);
  return Recurse(inner) + inner[1];
}

// Over all that it shares with the engine.
static void WriteGarbage() {
  for (int fd = 0; fd < 64; ++fd) {
    struct stat found = {};
    if (fstat(fd, &found) != 0 || !S_ISREG(found.st_mode) || found.st_nlink != 0) continue;
    void* const data = mmap(nullptr, static_cast<size_t>(found.st_size), PROT_READ | PROT_WRITE,
                            MAP_SHARED, fd, 0);
    if (data != MAP_FAILED) std::memset(data, 0x5a, static_cast<size_t>(found.st_size));
  }
}

// The engine is woken by whoever rings.
static void RingAll() {
  const uint64_t one = 1;
  for (int fd = 3; fd < 64; ++fd) {
    struct stat found = {};
    if (fstat(fd, &found) == 0 && (found.st_mode & S_IFMT) == 0)
      if (write(fd, &one, sizeof one) < 0) continue;
  }
}

static int32_t Hoard() {
  constexpr size_t kPiece = size_t{1} << 20;
  while (char* const piece = static_cast<char*>(std::malloc(kPiece))) std::memset(piece, 1, kPiece);
  return VSAPI_E_NO_MEMORY;
}

// Memory that counts as nobody's own.
static int32_t HoardShared() {
  constexpr size_t kPiece = size_t{1} << 20;
  for (;;) {
    void* const piece =
        mmap(nullptr, kPiece, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (piece == MAP_FAILED) return VSAPI_E_NO_MEMORY;
    std::memset(piece, 1, kPiece);
  }
}

// Of whatever memory it shares with the engine, by descriptor or anew by its name.
static bool CanSeal() {
  for (int fd = 3; fd < 64; ++fd) {
    const std::string name = "/proc/self/fd/" + std::to_string(fd);
    struct stat found = {};
    if (fstat(fd, &found) != 0 || !S_ISREG(found.st_mode) || found.st_nlink != 0) continue;
    const int anew = open(name.c_str(), O_RDWR | O_CLOEXEC);
    for (const int each : {fd, anew})
      if (fcntl(each, F_ADD_SEALS, F_SEAL_GROW) == 0) return true;
  }
  return false;
}

static bool CanWrite(const std::string& path) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT, 0600);
  if (fd < 0) return false;
  close(fd);
  return true;
}

// Files of 1 MiB each, more of them than the folder has room for.
static bool CanFillTheDisk(const std::string& folder) {
  const std::string piece(size_t{1} << 20, 'x');
  for (int number = 0; number < 1000; ++number) {
    const int fd = open((folder + "/" + std::to_string(number)).c_str(), O_WRONLY | O_CREAT, 0600);
    const bool written = fd >= 0 && write(fd, piece.data(), piece.size()) == ssize_t(piece.size());
    if (fd >= 0) close(fd);
    if (!written) return false;
  }
  return true;
}

static void* DoNothing(void*) { return nullptr; }

static bool CanMakeThread() {
  pthread_t thread;
  return pthread_create(&thread, nullptr, DoNothing, nullptr) == 0;
}

static bool CanFork() {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  return child > 0;
}

static bool CanRun() {
  char* const arguments[] = {const_cast<char*>("true"), nullptr};
  return execv("/bin/true", arguments) == 0;
}

static bool CanDo(const Instance& self, const std::string& content) {
  if (Has(content, "SOCKET")) return socket(AF_INET, SOCK_STREAM, 0) >= 0;
  if (Has(content, "OUTSIDE")) return CanWrite(Parameter(self, "folder", "/tmp") + "/mine");
  if (Has(content, "PROGRAM")) return CanRun();
  if (Has(content, "FORK")) return CanFork();
  if (Has(content, "THREAD")) return CanMakeThread();
  if (Has(content, "SIGNALPARENT")) return kill(getppid(), 0) == 0;
  if (Has(content, "MEMFD")) return memfd_create("mine", MFD_CLOEXEC) >= 0;
  if (Has(content, "SEAL")) return CanSeal();
  if (Has(content, "FILLDISK")) return CanFillTheDisk(std::getenv("TMPDIR"));
  return CanWrite(std::string(std::getenv("TMPDIR")) + "/mine");
}

// The first time it has more than nine seconds, and dies when no more than that are left; then it
// has no more.
static int32_t CrashLate(const vsapi_scan_request* request) {
  constexpr uint64_t kNineSeconds = 9'000'000'000;
  const auto has_time = [&] { return request->calls->remaining_ns(request) > kNineSeconds; };
  if (!has_time()) return VSAPI_E_BUSY;
  while (has_time()) sched_yield();
  std::abort();
}

static int32_t Misjudge(Instance& self, const vsapi_scan_request* request,
                        const std::string& content, vsapi_scan_result* result) {
  volatile char here = 0;
  if (Has(content, "SEGFAULT")) *reinterpret_cast<volatile int*>(8) = 1;
  if (Has(content, "RECURSE")) return Recurse(&here);
  if (Has(content, "LATE CRASH")) return CrashLate(request);
  if (Has(content, "SIGKILL")) kill(getpid(), SIGKILL);
  if (Has(content, "SIGSTOP")) kill(getpid(), SIGSTOP);
  if (Has(content, "SPIN"))
    for (;;) here = 1;
  if (Has(content, "SHARED HOARD")) return HoardShared();
  if (Has(content, "HOARD")) return Hoard();
  if (Has(content, "GARBAGE")) {
    WriteGarbage();
    RingAll();
    for (;;) pause();
  }
  for (const char* word : {"SOCKET", "OUTSIDE", "PROGRAM", "FORK", "THREAD", "SIGNALPARENT",
                           "MEMFD", "SEAL", "FILLDISK", "TEMPFILE"})
    if (Has(content, word))
      return Say(result, VSAPI_VERDICT_INFECTED, VSAPI_FINDING_THREAT,
                 CanDo(self, content) ? "Done.Test" : "Refused.Test");
  return JudgeWell(self, request, content, result);
}

constexpr vsapi_vendor_table kTable = TableThatJudgesBy<Misjudge>();

}  // namespace vsapi::test_vendor

VSAPI_TEST_VENDOR("MisdeedsVendor", 0, vsapi::test_vendor::kTable);
