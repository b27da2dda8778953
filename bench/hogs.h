// SPDX-License-Identifier: Apache-2.0
//
// Foreign work at normal priority that keeps processors busy as long as it lives.
#pragma once

#include <benchmark/benchmark.h>

#include <thread>
#include <vector>

#include "measure.h"

namespace vsapi::bench {

class Hogs {
 public:
  explicit Hogs(int64_t count) {
    for (int64_t i = 0; i < count; ++i)
      threads_.emplace_back([](const std::stop_token& stop) {
        while (!stop.stop_requested()) benchmark::DoNotOptimize(WallNs());
      });
  }

 private:
  std::vector<std::jthread> threads_;
};

}  // namespace vsapi::bench
