// SPDX-License-Identifier: Apache-2.0
#include "process_state.h"

#include <malloc.h>
#include <sys/stat.h>
#include <unistd.h>

#include <clocale>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace vendor_check {
namespace {

namespace fs = std::filesystem;

mode_t CurrentUmask() {
  const mode_t current = umask(0);
  umask(current);
  return current;
}

bool Equal(const struct sigaction& one, const struct sigaction& other) {
  return one.sa_handler == other.sa_handler && one.sa_flags == other.sa_flags;
}

int64_t Entries(const char* folder) {
  return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
}

int64_t ResidentBytes() {
  int64_t total = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

int64_t Mappings() {
  std::ifstream maps("/proc/self/maps");
  int64_t lines = 0;
  for (std::string line; std::getline(maps, line);) ++lines;
  return lines;
}

}  // namespace

ProcessState::ProcessState()
    : folder_(fs::current_path()), umask_(CurrentUmask()), locale_(setlocale(LC_ALL, nullptr)) {
  sigprocmask(SIG_SETMASK, nullptr, &mask_);
  std::memset(&handlers_, 0, sizeof handlers_);
  for (int number = 1; number < static_cast<int>(handlers_.size()); ++number)
    sigaction(number, nullptr, &handlers_[static_cast<size_t>(number)]);
}

std::vector<std::string> ProcessState::ChangedIn(const ProcessState& later) const {
  std::vector<std::string> changes;
  for (int number = 1; number < static_cast<int>(handlers_.size()); ++number) {
    const auto i = static_cast<size_t>(number);
    if (!Equal(handlers_[i], later.handlers_[i]))
      changes.push_back("the handler of signal " + std::to_string(number) + " is another");
    if (sigismember(&mask_, number) != sigismember(&later.mask_, number))
      changes.push_back("the mask of signal " + std::to_string(number) + " is another");
  }
  if (folder_ != later.folder_) changes.push_back("the working folder is now " + later.folder_);
  if (umask_ != later.umask_) changes.push_back("the umask is another");
  if (locale_ != later.locale_) changes.push_back("the locale is now " + later.locale_);
  return changes;
}

int64_t Threads() { return Entries("/proc/self/task"); }

std::chrono::nanoseconds WaitedForProcessor() {
  int64_t ran = 0, waited = 0;
  std::ifstream("/proc/thread-self/schedstat") >> ran >> waited;
  return std::chrono::nanoseconds(waited);
}

Usage Usage::Now() {
  malloc_trim(0);
  return {ResidentBytes(), Entries("/proc/self/fd"), Threads(), Mappings()};
}

std::string WhyMemoryTellsNothing() {
#if defined(__SANITIZE_ADDRESS__)
  return "AddressSanitizer keeps freed memory";
#elif defined(__SANITIZE_THREAD__)
  return "ThreadSanitizer keeps a history of memory";
#else
  return "";
#endif
}

}  // namespace vendor_check
