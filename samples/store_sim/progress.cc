// SPDX-License-Identifier: Apache-2.0
#include "progress.h"

#include <algorithm>

namespace store_sim {
namespace {

constexpr size_t kBarWidth = 30;

size_t Share(uint64_t done, uint64_t total, size_t of) {
  if (total == 0) return of;
  const double share = static_cast<double>(std::min(done, total)) / static_cast<double>(total);
  return static_cast<size_t>(share * static_cast<double>(of));
}

std::string Percent(uint64_t done, uint64_t total) {
  return std::to_string(Share(done, total, 100)) + " %";
}

}  // namespace

Progress::Progress(std::ostream& out, bool terminal, Clock clock)
    : out_(out), terminal_(terminal), clock_(std::move(clock)), last_(clock_()) {}

Progress::~Progress() { EraseLocked(); }

void Progress::Update(uint64_t done, uint64_t total, const std::string& text) {
  const std::lock_guard lock(mutex_);
  const auto now = clock_();
  const auto interval = terminal_ ? std::chrono::milliseconds(kBarInterval) : kLineInterval;
  if (now - last_ < interval) return;
  last_ = now;
  if (!terminal_) {
    out_ << Percent(done, total) << "  " << text << std::endl;
    return;
  }
  const size_t filled = Share(done, total, kBarWidth);
  EraseLocked();
  out_ << '[' << std::string(filled, '#') << std::string(kBarWidth - filled, '.') << "] "
       << Percent(done, total) << "  " << text << std::flush;
  drawn_ = true;
}

void Progress::Line(const std::string& text, std::ostream& to) {
  const std::lock_guard lock(mutex_);
  EraseLocked();
  to << text << std::endl;
}

// Back to the first column, and away with what stands on the line.
void Progress::EraseLocked() {
  if (drawn_) out_ << "\r\x1b[K" << std::flush;
  drawn_ = false;
}

}  // namespace store_sim
