// SPDX-License-Identifier: Apache-2.0
#include "process_tree.h"

#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "measure.h"

namespace vsapi::bench {
namespace {

namespace fs = std::filesystem;

// What the kernel tells of a process; of one that has ended meanwhile nothing.
struct Process {
  pid_t parent = 0;
  int64_t reaped_ticks = 0;  // of children that it has waited for
};

Process Look(const fs::path& folder) {
  std::ifstream file(folder / "stat");
  std::string text;
  std::getline(file, text);
  const size_t name_end = text.rfind(") ");
  if (name_end == std::string::npos) return {};
  std::istringstream fields(text.substr(name_end + 2));
  std::string skipped;
  Process process;
  fields >> skipped >> process.parent;
  for (int field = 5; field < 16; ++field) fields >> skipped;
  int64_t user = 0, system = 0;
  if (fields >> user >> system) process.reaped_ticks = user + system;
  return process;
}

using Processes = std::map<pid_t, Process>;

Processes AllProcesses() {
  Processes all;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
    const std::string name = entry.path().filename();
    pid_t pid = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), pid).ec == std::errc())
      all[pid] = Look(entry.path());
  }
  return all;
}

bool DescendsFromThis(pid_t pid, const Processes& all) {
  for (auto at = all.find(pid); at != all.end(); at = all.find(at->second.parent))
    if (at->second.parent == getpid()) return true;
  return false;
}

Processes Descendants() {
  const Processes all = AllProcesses();
  Processes descendants = all;
  std::erase_if(descendants, [&](const auto& each) { return !DescendsFromThis(each.first, all); });
  return descendants;
}

int64_t WaitedChildrenNs() {
  rusage usage = {};
  getrusage(RUSAGE_CHILDREN, &usage);
  const auto ns = [](const timeval& time) {
    return time.tv_sec * int64_t{1'000'000'000} + time.tv_usec * int64_t{1000};
  };
  return ns(usage.ru_utime) + ns(usage.ru_stime);
}

int64_t CpuNs(pid_t pid) {
  clockid_t clock = 0;
  timespec time = {};
  if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &time) != 0) return 0;
  return time.tv_sec * int64_t{1'000'000'000} + time.tv_nsec;
}

double MemoryMiB(const std::string& process) {
  std::ifstream file("/proc/" + process + "/smaps_rollup");
  for (std::string word; file >> word;) {
    double kib = 0;
    if (word == "Pss:" && file >> kib) return kib / 1024;
  }
  return 0;
}

}  // namespace

int64_t TreeCpuNs() {
  const int64_t tick_ns = 1'000'000'000 / sysconf(_SC_CLK_TCK);
  int64_t ns = ProcessCpuNs() + WaitedChildrenNs();
  for (const auto& [pid, process] : Descendants())
    ns += CpuNs(pid) + process.reaped_ticks * tick_ns;
  return ns;
}

double TreeMemoryMiB() {
  double sum = MemoryMiB("self");
  for (const auto& [pid, process] : Descendants()) sum += MemoryMiB(std::to_string(pid));
  return sum;
}

}  // namespace vsapi::bench
