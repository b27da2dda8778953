// SPDX-License-Identifier: Apache-2.0
//
// What a vendor might change of the process that it is a guest in, and what it might use up.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace vendor_check {

// What belongs to the process as a whole and is not the vendor's to change.
class ProcessState {
 public:
  ProcessState();  // as it is now, as seen by the calling thread

  // What `later` has otherwise, in words.
  std::vector<std::string> ChangedIn(const ProcessState& later) const;

 private:
  std::array<struct sigaction, 65> handlers_;
  sigset_t mask_;
  std::string folder_;
  mode_t umask_;
  std::string locale_;
};

// What is in use now.
struct Usage {
  static Usage Now();  // after giving free memory back to the system

  int64_t resident_bytes;
  int64_t descriptors;
  int64_t threads;
  int64_t mappings;
};

int64_t Threads();

// How long the calling thread was ready to run, and waited for a processor, since it began: what a
// busy machine adds to every time. Zero where the system does not tell.
std::chrono::nanoseconds WaitedForProcessor();

// Empty where resident memory tells what a vendor uses; else what makes it useless.
std::string WhyMemoryTellsNothing();

}  // namespace vendor_check
