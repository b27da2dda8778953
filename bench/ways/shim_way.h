// SPDX-License-Identifier: Apache-2.0
//
// An ESE-style shim: a layer below the store that has each page scanned before it is written, and
// refuses to write one in which something is found. It knows pages, not messages.
//
// Thread safety: as Way; writers are scanned one at a time.
#pragma once

#include <memory>
#include <mutex>

#include "one_call.h"
#include "way.h"

namespace store_sim::ways {

class ShimWay final : public Way {
 public:
  explicit ShimWay(Places places) : places_(std::move(places)) {}

  void Install() override;
  void Load() override;
  void Report(Records& records) override;

 private:
  int Look(std::string_view bytes);

  const Places places_;
  std::mutex mutex_;
  std::unique_ptr<vsapi::bench::DirectCall> clamav_;  // by mutex_
  uint64_t looked_at_ = 0, refused_ = 0;              // by mutex_
};

}  // namespace store_sim::ways
