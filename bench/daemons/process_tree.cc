// SPDX-License-Identifier: Apache-2.0
#include "process_tree.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "measure.h"

namespace vsapi::bench {
namespace {

namespace fs = std::filesystem;

struct Usage {
  pid_t parent = 0;
  int64_t ticks = 0;  // its own and those of children that it has waited for
};

// A process that has ended meanwhile has no parent.
Usage UsageOf(const fs::path& process) {
  std::ifstream file(process / "stat");
  std::string text;
  std::getline(file, text);
  const size_t name_end = text.rfind(") ");
  if (name_end == std::string::npos) return {};
  std::istringstream fields(text.substr(name_end + 2));
  std::string skipped;
  Usage usage;
  fields >> skipped >> usage.parent;
  for (int i = 5; i < 14; ++i) fields >> skipped;
  // utime, stime, cutime, cstime
  int64_t ticks = 0;
  for (int i = 0; i < 4 && fields >> ticks; ++i) usage.ticks += ticks;
  return usage;
}

std::map<pid_t, Usage> AllProcesses() {
  std::map<pid_t, Usage> all;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
    const std::string name = entry.path().filename();
    pid_t pid = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), pid).ec == std::errc())
      all[pid] = UsageOf(entry.path());
  }
  return all;
}

bool DescendsFromThis(pid_t pid, const std::map<pid_t, Usage>& all) {
  for (auto at = all.find(pid); at != all.end(); at = all.find(at->second.parent))
    if (at->second.parent == getpid()) return true;
  return false;
}

std::map<pid_t, Usage> Descendants() {
  auto all = AllProcesses();
  auto descendants = all;
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
  for (const auto& [pid, usage] : Descendants()) ns += usage.ticks * tick_ns;
  return ns;
}

double TreeMemoryMiB() {
  double sum = MemoryMiB("self");
  for (const auto& [pid, usage] : Descendants()) sum += MemoryMiB(std::to_string(pid));
  return sum;
}

}  // namespace vsapi::bench
