// SPDX-License-Identifier: Apache-2.0
//
// A content that knows how long the store took to read it: of the time that a scan takes in the
// vendor, that is the store's.
//
// Thread safety: the thread that scans.
#pragma once

#include "clock.h"
#include "vendor_call.h"

namespace vsapi::engine {

class TimedContent final : public ScanContent {
 public:
  TimedContent(ScanContent& content, const Clock& clock) : content_(content), clock_(clock) {}

  uint64_t size() const override { return content_.size(); }
  const void* data() const override { return content_.data(); }
  int32_t Read(uint64_t offset, void* buffer, size_t size, size_t* got) override {
    return Timed([&] { return content_.Read(offset, buffer, size, got); });
  }
  int32_t Property(uint32_t id, uint32_t index, vsapi_value* value) override {
    return Timed([&] { return content_.Property(id, index, value); });
  }

  Duration reading() const { return reading_; }

 private:
  template <class Call>
  int32_t Timed(Call call) {
    const TimePoint begin = clock_.Now();
    const int32_t status = call();
    reading_ += clock_.Now() - begin;
    return status;
  }

  ScanContent& content_;
  const Clock& clock_;
  Duration reading_{};
};

}  // namespace vsapi::engine
