// SPDX-License-Identifier: Apache-2.0
#include "gate.h"

namespace store_milter {

bool Gate::Enter() {
  const std::lock_guard lock(mutex_);
  if (is_closed_) return false;
  ++inside_;
  return true;
}

void Gate::Leave() {
  const std::lock_guard lock(mutex_);
  --inside_;
  left_.notify_all();
}

bool Gate::Close(std::chrono::seconds patience) {
  std::unique_lock lock(mutex_);
  is_closed_ = true;
  return left_.wait_for(lock, patience, [this] { return inside_ == 0; });
}

}  // namespace store_milter
