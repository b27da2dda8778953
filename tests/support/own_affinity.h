// SPDX-License-Identifier: Apache-2.0
//
// Confines the calling thread, and what it starts, to one processor; takes that back at its end.
#ifndef VSAPI_TESTS_SUPPORT_OWN_AFFINITY_H_
#define VSAPI_TESTS_SUPPORT_OWN_AFFINITY_H_

#include <gtest/gtest.h>
#include <sched.h>

namespace vsapi::test {

class OnOneProcessor {
 public:
  OnOneProcessor() {
    EXPECT_EQ(sched_getaffinity(0, sizeof before_, &before_), 0);
    cpu_set_t one;
    CPU_ZERO(&one);
    for (int cpu = 0; CPU_COUNT(&one) == 0; ++cpu)
      if (CPU_ISSET(cpu, &before_)) CPU_SET(cpu, &one);
    EXPECT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
  }
  ~OnOneProcessor() { EXPECT_EQ(sched_setaffinity(0, sizeof before_, &before_), 0); }
  OnOneProcessor(const OnOneProcessor&) = delete;
  OnOneProcessor& operator=(const OnOneProcessor&) = delete;

 private:
  cpu_set_t before_;
};

}  // namespace vsapi::test

#endif  // VSAPI_TESTS_SUPPORT_OWN_AFFINITY_H_
