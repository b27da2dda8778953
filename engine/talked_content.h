// SPDX-License-Identifier: Apache-2.0
//
// The content of a scan as a worker process has it: its bytes in memory that the engine has filled,
// its properties by asking the engine (worker_talk.h).
//
// Thread safety: one thread's.
#pragma once

#include <functional>
#include <list>
#include <string>

#include "vendor_call.h"
#include "worker_talk.h"

namespace vsapi::engine {

class TalkedContent final : public ScanContent {
 public:
  // `ask` rings, and comes back when the engine has answered what then stands in `talk`.
  TalkedContent(Talk& talk, const char* bytes, std::function<void()> ask)
      : talk_(talk), bytes_(bytes), size_(talk.size), ask_(std::move(ask)) {}

  uint64_t size() const override { return size_; }
  const void* data() const override { return bytes_; }
  int32_t Read(uint64_t offset, void* buffer, size_t size, size_t* got) override;
  int32_t Property(uint32_t id, uint32_t index, vsapi_value* value) override;

 private:
  Talk& talk_;
  const char* const bytes_;
  const uint64_t size_;
  const std::function<void()> ask_;
  std::list<std::string> texts_;  // valid until the scan returns
};

}  // namespace vsapi::engine
