// SPDX-License-Identifier: Apache-2.0
//
// What this process may use of the machine: processors and memory, as affinity and cgroups have it.
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>

#include "platform.h"

namespace vsapi::engine::platform {
namespace {

using Path = std::filesystem::path;

constexpr uint64_t kNoLimit = std::numeric_limits<uint64_t>::max();

// The number behind `name` in a file of "name number" lines; with an empty name, the first number.
std::optional<uint64_t> FieldOf(const Path& file, const std::string& name) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string word;
    if (!name.empty() && (!(words >> word) || word != name)) continue;
    uint64_t number = 0;
    if (words >> number) return number;
    return std::nullopt;
  }
  return std::nullopt;
}

// This process' place in the hierarchy of `controller`, relative to its root. With an empty name,
// in that of version 2. A line is NUMBER:CONTROLLER,CONTROLLER:/PLACE.
Path OwnCgroup(const Path& root, const std::string& controller) {
  std::ifstream in(root / "proc/self/cgroup");
  for (std::string line; std::getline(in, line);) {
    const size_t first = line.find(':') + 1, last = line.find(":/", first);
    if (last == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first, last - first) + ",";
    if (controllers.find("," + controller + ",") != std::string::npos) return line.substr(last + 2);
  }
  return {};
}

// The least of what `limit` says of the group and of those above it. Within a container the place
// may be one that only its host can see: then what is left is the root, the container's own group.
template <class Limit>
uint64_t LeastOnTheWayUp(const Path& hierarchy, Path group, Limit limit) {
  for (uint64_t least = kNoLimit;; group = group.parent_path()) {
    least = std::min(least, limit(hierarchy / group));
    if (group.empty()) return least;
  }
}

// ---- Processors ---------------------------------------------------------------------------------

constexpr uint64_t kFewestByCgroup = 2;

uint64_t ProcessorsFor(int64_t quota, int64_t period) {
  if (quota <= 0 || period <= 0) return kNoLimit;
  return static_cast<uint64_t>((quota + period - 1) / period);
}

// "QUOTA PERIOD", or "max PERIOD".
uint64_t ProcessorsOfGroup2(const Path& group) {
  int64_t quota = 0, period = 0;
  std::ifstream(group / "cpu.max") >> quota >> period;
  return ProcessorsFor(quota, period);
}

// A quota of -1 is none.
uint64_t ProcessorsOfGroup1(const Path& group) {
  int64_t quota = 0, period = 0;
  std::ifstream(group / "cpu.cfs_quota_us") >> quota;
  std::ifstream(group / "cpu.cfs_period_us") >> period;
  return ProcessorsFor(quota, period);
}

uint64_t ProcessorsByCgroup(const Path& root) {
  const Path groups = root / "sys/fs/cgroup";
  return std::min(LeastOnTheWayUp(groups, OwnCgroup(root, ""), ProcessorsOfGroup2),
                  LeastOnTheWayUp(groups / "cpu", OwnCgroup(root, "cpu"), ProcessorsOfGroup1));
}

unsigned ProcessorsByAffinity() {
  cpu_set_t sets[8];  // as many as Linux can be built for
  if (sched_getaffinity(0, sizeof sets, sets) != 0) return 1;
  return static_cast<unsigned>(CPU_COUNT_S(sizeof sets, sets));
}

// ---- Memory -------------------------------------------------------------------------------------

// What the group may still take; file pages that the kernel can drop count as free.
uint64_t MemoryOfGroup(const Path& group) {
  const auto limit = FieldOf(group / "memory.max", "");
  if (!limit) return kNoLimit;
  const uint64_t used = FieldOf(group / "memory.current", "").value_or(0);
  const uint64_t droppable = FieldOf(group / "memory.stat", "inactive_file").value_or(0);
  const uint64_t held = used - std::min(used, droppable);
  return *limit - std::min(*limit, held);
}

}  // namespace

Processors UsableProcessors() { return LimitByCgroup(ProcessorsByAffinity(), "/"); }

Processors LimitByCgroup(unsigned processors, const std::string& root) {
  const uint64_t limit = std::max(ProcessorsByCgroup(root), kFewestByCgroup);
  if (limit >= processors) return {processors, false};
  return {static_cast<unsigned>(limit), true};
}

uint64_t AvailableMemory() {
  const uint64_t free = FieldOf("/proc/meminfo", "MemAvailable:").value_or(kNoLimit / 1024) * 1024;
  return std::min(free, LeastOnTheWayUp("/sys/fs/cgroup", OwnCgroup("/", ""), MemoryOfGroup));
}

uint64_t ResidentMemory() {
  unsigned long long size = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> size >> resident;
  return resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace vsapi::engine::platform
