// SPDX-License-Identifier: Apache-2.0
//
// A section of bench/compare.sh: what becomes of the engine's figures as there is more of
// something. The growth of an MDB is background_pass.cc's.
#include <unistd.h>

#include <fstream>
#include <iostream>

#include "growth.h"

namespace vsapi::bench {

double ResidentKib() {
  std::ifstream file("/proc/self/statm");
  double all = 0, resident = 0;
  if (!(file >> all >> resident)) throw std::runtime_error("can't read /proc/self/statm");
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1024;
}

}  // namespace vsapi::bench

int main(int argc, char** argv) try {
  using namespace vsapi::bench;
  const SectionOptions options =
      ParseSectionOptions(argc, argv, "How the engine grows with threads, MDBs and clients");
  Records records(options, "growth");
  MeasureThreads(options, records);
  MeasureMdbs(options, records);
  MeasureClients(records);
  return 0;
} catch (const std::exception& problem) {
  std::cerr << problem.what() << '\n';
  return 1;
}
