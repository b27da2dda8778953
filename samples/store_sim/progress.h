// SPDX-License-Identifier: Apache-2.0
//
// Shows how far a long command is: a bar that is drawn over again on a terminal, otherwise a plain
// line every few seconds. All lines that go to the same place while it is shown go through Line(),
// so that nothing is garbled.
//
// Thread safety: any thread; Lines are whole.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <ostream>
#include <string>

namespace store_sim {

class Progress {
 public:
  using Clock = std::function<std::chrono::steady_clock::time_point()>;

  static constexpr std::chrono::milliseconds kBarInterval{100};
  static constexpr std::chrono::seconds kLineInterval{5};

  // Writes to `out`, which is a terminal or not.
  Progress(std::ostream& out, bool terminal, Clock clock = std::chrono::steady_clock::now);
  // Takes the bar away.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // `done` of `total`; `text` says it in words. Cheap: draws only when it is time to.
  void Update(uint64_t done, uint64_t total, const std::string& text);

  // One whole line above the bar; `to` another place, the same terminal maybe.
  void Line(const std::string& text) { Line(text, out_); }
  void Line(const std::string& text, std::ostream& to);

 private:
  void EraseLocked();

  std::mutex mutex_;  // guards what is below, and what goes to out_
  std::ostream& out_;
  const bool terminal_;
  const Clock clock_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point last_;
};

}  // namespace store_sim
