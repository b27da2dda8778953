// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "mdb.h"

namespace vsapi::engine {

uint32_t MdbTable::Add(std::unique_ptr<Mdb> mdb) {
  const MutexLock lock(mutex_);
  if (lists_.empty() || mdbs_.size() == lists_.back()->mdbs.size()) {
    auto longer = std::make_unique<List>(std::max<size_t>(16, 2 * mdbs_.size()));
    for (size_t i = 0; i < mdbs_.size(); ++i) longer->mdbs[i] = mdbs_[i].get();
    longer->size = mdbs_.size();
    lists_.push_back(std::move(longer));
    current_.store(lists_.back().get(), std::memory_order_release);
  }
  mdbs_.push_back(std::move(mdb));
  List& list = *lists_.back();
  list.mdbs[mdbs_.size() - 1] = mdbs_.back().get();
  list.size.store(mdbs_.size(), std::memory_order_release);
  return static_cast<uint32_t>(mdbs_.size());
}

Mdb* MdbTable::Find(uint32_t number) const {
  const List* const list = current_.load(std::memory_order_acquire);
  if (list == nullptr || number < 1) return nullptr;
  return number <= list->size.load(std::memory_order_acquire) ? list->mdbs[number - 1] : nullptr;
}

std::vector<Mdb*> MdbTable::all() const {
  std::vector<Mdb*> all;
  const MutexLock lock(mutex_);
  for (const auto& mdb : mdbs_) all.push_back(mdb.get());
  return all;
}

}  // namespace vsapi::engine
