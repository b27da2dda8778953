// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/timed_content.
#include "timed_content.h"

#include <gtest/gtest.h>

#include "support/manual_clock.h"

namespace vsapi::engine {
namespace {

using std::chrono::seconds;

// Each read takes three seconds, each look at a property two.
class SlowContent final : public ScanContent {
 public:
  explicit SlowContent(test::ManualClock& clock) : clock_(clock) {}
  uint64_t size() const override { return 5; }
  const void* data() const override { return this; }
  int32_t Read(uint64_t offset, void*, size_t size, size_t* got) override {
    clock_.Advance(seconds(3));
    *got = size - offset;
    return VSAPI_OK;
  }
  int32_t Property(uint32_t id, uint32_t, vsapi_value*) override {
    clock_.Advance(seconds(2));
    return static_cast<int32_t>(id);
  }

 private:
  test::ManualClock& clock_;
};

TEST(TimedContent, IsTheContentItself) {
  test::ManualClock clock;
  SlowContent slow(clock);
  TimedContent timed(slow, clock);
  EXPECT_EQ(timed.size(), 5u);
  EXPECT_EQ(timed.data(), &slow);
  size_t got = 0;
  EXPECT_EQ(timed.Read(1, nullptr, 4, &got), VSAPI_OK);
  EXPECT_EQ(got, 3u);
  EXPECT_EQ(timed.Property(7, 0, nullptr), 7);
}

TEST(TimedContent, SumsUpWhatTheStoreTook) {
  test::ManualClock clock;
  SlowContent slow(clock);
  TimedContent timed(slow, clock);
  EXPECT_EQ(timed.reading(), Duration::zero());
  size_t got = 0;
  timed.Read(0, nullptr, 1, &got);
  clock.Advance(seconds(100));  // the vendor's
  timed.Property(1, 0, nullptr);
  timed.Read(0, nullptr, 1, &got);
  EXPECT_EQ(timed.reading(), seconds(8));
}

}  // namespace
}  // namespace vsapi::engine
