// SPDX-License-Identifier: Apache-2.0
//
// How tests step threads without sleeping: Steps between threads of the test, VendorGate between
// the test and a scan inside a test DLL (tests/vendors/README.md).
//
// Thread safety: all of it from any thread.
#ifndef VSAPI_TESTS_SUPPORT_GATE_H_
#define VSAPI_TESTS_SUPPORT_GATE_H_

#include <sys/eventfd.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <string>

namespace vsapi::test {

// Counts steps; a thread waits until so many have been made.
class Steps {
 public:
  void Add(size_t steps = 1) {
    const std::lock_guard lock(mutex_);
    made_ += steps;
    changed_.notify_all();
  }
  void Await(size_t steps = 1) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return made_ >= steps; });
  }
  size_t made() const {
    const std::lock_guard lock(mutex_);
    return made_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  size_t made_ = 0;
};

// Holds scans of content with the word GATE inside the vendor.
class VendorGate {
 public:
  VendorGate() = default;
  VendorGate(const VendorGate&) = delete;
  VendorGate& operator=(const VendorGate&) = delete;
  ~VendorGate() {
    close(entered_);
    close(gate_);
  }

  // For the setting Parameters.
  std::string parameters() const {
    return "entered_fd=" + std::to_string(entered_) + ";gate_fd=" + std::to_string(gate_);
  }
  // Until one more scan stands at the gate.
  void AwaitScan() {
    uint64_t entered = 0;
    if (read(entered_, &entered, sizeof entered) != sizeof entered) std::abort();
  }
  void LetGo(uint64_t scans = 1) {
    if (write(gate_, &scans, sizeof scans) != sizeof scans) std::abort();
  }

 private:
  const int entered_ = eventfd(0, EFD_CLOEXEC | EFD_SEMAPHORE);
  const int gate_ = eventfd(0, EFD_CLOEXEC | EFD_SEMAPHORE);
};

}  // namespace vsapi::test

#endif  // VSAPI_TESTS_SUPPORT_GATE_H_
