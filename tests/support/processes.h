// SPDX-License-Identifier: Apache-2.0
//
// The processes that a test has made the engine start.
#ifndef VSAPI_TESTS_SUPPORT_PROCESSES_H_
#define VSAPI_TESTS_SUPPORT_PROCESSES_H_

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

namespace vsapi::test {

struct ProcessStat {
  std::string name;
  char state = 0;
  pid_t parent = 0;
};

inline ProcessStat StatOf(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text((std::istreambuf_iterator<char>(file)), {});
  const size_t open = text.find('('), close = text.rfind(')');
  if (open == std::string::npos || close == std::string::npos) return {};
  std::istringstream rest(text.substr(close + 1));
  ProcessStat stat{text.substr(open + 1, close - open - 1)};
  rest >> stat.state >> stat.parent;
  return stat;
}

// Children and grandchildren of this process whose names begin so.
inline std::vector<pid_t> ProcessesNamed(const std::string& prefix) {
  std::vector<pid_t> found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const pid_t pid = std::atoi(entry.path().filename().c_str());
    if (pid == 0 || !StatOf(pid).name.starts_with(prefix)) continue;
    const pid_t parent = StatOf(pid).parent;
    if (parent == getpid() || StatOf(parent).parent == getpid()) found.push_back(pid);
  }
  return found;
}

}  // namespace vsapi::test

#endif  // VSAPI_TESTS_SUPPORT_PROCESSES_H_
