// SPDX-License-Identifier: Apache-2.0
//
// Gates that step a test through threads of the engine without sleeping: Steps and Gate for what
// runs in the test's own code (a store callback), VendorGate for the `GATE` word of the test
// vendors.
//
// Every wait ends after kPatience with a failed test, so that a bug shows as a failure and not as a
// run that never ends.
//
// Thread safety: all of it from any thread.
#ifndef VSAPI_TESTS_SUPPORT_GATE_H_
#define VSAPI_TESTS_SUPPORT_GATE_H_

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <limits>
#include <mutex>
#include <string>
#include <thread>

namespace vsapi::test {

inline constexpr std::chrono::seconds kPatience{60};

// Gives way to other threads until `condition` holds: for what can only be asked, not waited for.
template <class Condition>
bool Eventually(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

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
    EXPECT_TRUE(changed_.wait_for(lock, kPatience, [&] { return made_ >= steps; }))
        << made_ << " of " << steps << " steps";
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

// Whoever calls Pass waits for a token. Open until Close is called.
class Gate {
 public:
  void Close() {
    const std::lock_guard lock(mutex_);
    open_ = false;
  }
  void Open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void Pass() {
    std::unique_lock lock(mutex_);
    ++arrived_;
    changed_.notify_all();
    EXPECT_TRUE(changed_.wait_for(lock, kPatience, [this] { return open_; })) << "never opened";
  }
  // Waits until `count` calls of Pass have begun since the beginning.
  void AwaitArrived(int count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, kPatience, [&] { return arrived_ >= count; }))
        << arrived_ << " of " << count << " arrived";
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = true;
  int arrived_ = 0;
};

// The eventfds that the test vendors know as entered_fd and gate_fd. Outlives the engine.
class VendorGate {
 public:
  VendorGate() : entered_fd_(eventfd(0, EFD_NONBLOCK)), gate_fd_(eventfd(0, EFD_SEMAPHORE)) {}
  ~VendorGate() {
    close(entered_fd_);
    close(gate_fd_);
  }
  VendorGate(const VendorGate&) = delete;
  VendorGate& operator=(const VendorGate&) = delete;

  // For the setting Parameters.
  std::string parameters() const {
    return "entered_fd=" + std::to_string(entered_fd_) + ";gate_fd=" + std::to_string(gate_fd_);
  }
  void Let(uint64_t scans = 1) {
    EXPECT_EQ(write(gate_fd_, &scans, sizeof scans), ssize_t{sizeof scans});
  }
  void LetAll() { Let(std::numeric_limits<uint32_t>::max()); }

  // Scans of gated content that the vendor was called for so far.
  uint64_t entered() {
    uint64_t more = 0;
    if (read(entered_fd_, &more, sizeof more) == sizeof more) entered_ += more;
    return entered_;
  }
  // Waits until there were `count` of them.
  void AwaitEntered(uint64_t count) {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (entered() < count) {
      ASSERT_LT(std::chrono::steady_clock::now(), end)
          << entered() << " of " << count << " entered";
      pollfd readable = {entered_fd_, POLLIN, 0};
      poll(&readable, 1, 1000);
    }
  }
  // Waits until one more has.
  void AwaitScan() { AwaitEntered(++awaited_); }

 private:
  const int entered_fd_;
  const int gate_fd_;
  std::atomic<uint64_t> entered_ = 0;
  uint64_t awaited_ = 0;
};

}  // namespace vsapi::test

#endif  // VSAPI_TESTS_SUPPORT_GATE_H_
