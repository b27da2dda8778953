// SPDX-License-Identifier: Apache-2.0
//
// What the benchmarks measure with: wall and processor time, and exact percentiles of recorded
// samples.
//
// Thread safety: clocks from any thread; a Samples is one thread's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace vsapi::bench {

// All nanoseconds.
int64_t WallNs();
int64_t ThreadCpuNs();
// Of all threads of the process, user and system.
int64_t ProcessCpuNs();

class Samples {
 public:
  void Add(double value) { values_.push_back(value); }
  void Add(const Samples& other) {
    values_.insert(values_.end(), other.values_.begin(), other.values_.end());
  }
  size_t size() const { return values_.size(); }
  double median() const { return Percentile(50); }
  // The smallest value that at least `percent` of all are not above; 0 without values.
  double Percentile(double percent) const;

 private:
  std::vector<double> values_;
};

}  // namespace vsapi::bench
