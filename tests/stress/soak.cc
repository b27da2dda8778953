// SPDX-License-Identifier: Apache-2.0
//
// Scans again and again, loads the vendor anew now and then, and looks at the memory of its
// process: after a beginning in which everything finds its size, it must not grow. tests/soak.sh
// runs it.
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>

#include "bench/engine_under_test.h"

namespace vsapi {
namespace {

constexpr uint64_t kLooks = 20;
// What a burst has needed is kept and used again, so that memory grows by steps where the machine
// was held up; what leaks by each scan is more than this after a million.
constexpr uint64_t kToleranceKib = 8192;

struct Arguments {
  std::string vendor;
  uint64_t scans = 1'000'000;
  uint64_t scans_per_reload = 10'000;
};

uint64_t ResidentKib() {
  uint64_t size = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> size >> resident;
  return resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE)) / 1024;
}

std::vector<std::string> Contents() {
  std::vector<std::string> contents;
  for (size_t size = 16; size <= 64 * 1024; size *= 2) contents.emplace_back(size, 'x');
  contents.push_back("INFECTED:Worm");
  contents.push_back("SUSPICIOUS");
  contents.push_back("ENCRYPTED");
  return contents;
}

void Scan(bench::EngineUnderTest& engine, uint64_t from, uint64_t scans) {
  bench::Pipeline pipeline(engine);
  for (uint64_t number = from; number < from + scans; ++number) pipeline.Ask(number);
}

// The resident memory after each twentieth of the scans.
std::vector<uint64_t> Run(const Arguments& arguments) {
  bench::EngineUnderTest engine(arguments.vendor, "", Contents());
  std::vector<uint64_t> looks;
  uint64_t scans = 0, reloads = 0;
  while (looks.size() < kLooks) {
    for (const uint64_t end = arguments.scans * (looks.size() + 1) / kLooks; scans < end;) {
      const uint64_t more = std::min(arguments.scans_per_reload, end - scans);
      Scan(engine, scans, more);
      scans += more;
      reloads += engine.engine().Reload() ? 1 : 0;
    }
    engine.Flush();
    malloc_trim(0);  // what is free says nothing
    looks.push_back(ResidentKib());
    std::cout << scans << " scans, " << reloads << " reloads: " << looks.back() << " KiB, of these "
              << mallinfo2().uordblks / 1024 << " in use" << std::endl;
  }
  return looks;
}

// The second half against the second quarter.
bool IsFlat(const std::vector<uint64_t>& looks) {
  const auto quarter = looks.begin() + kLooks / 4, half = looks.begin() + kLooks / 2;
  return *std::max_element(half, looks.end()) <= *std::max_element(quarter, half) + kToleranceKib;
}

}  // namespace
}  // namespace vsapi

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: soak VENDOR [SCANS [SCANS_PER_RELOAD]]\n";
    return 2;
  }
  vsapi::Arguments arguments = {.vendor = argv[1]};
  if (argc > 2) arguments.scans = std::strtoull(argv[2], nullptr, 0);
  if (argc > 3) arguments.scans_per_reload = std::strtoull(argv[3], nullptr, 0);
  const bool is_flat = vsapi::IsFlat(vsapi::Run(arguments));
  std::cout << (is_flat ? "memory is flat" : "memory grows") << std::endl;
  return is_flat ? 0 : 1;
}
