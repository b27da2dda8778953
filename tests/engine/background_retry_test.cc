// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/background_retry, and of a whole engine whose store fails.
#include "background_retry.h"

#include <gtest/gtest.h>

#include "engine.h"
#include "scanner.h"
#include "support/gate.h"
#include "support/items.h"
#include "support/manual_clock.h"

namespace vsapi::engine {
namespace {

using namespace std::chrono_literals;

class BackgroundRetryTest : public ::testing::Test {
 protected:
  // A pass that meets so many failures.
  void Pass(uint64_t met = 0) {
    retry_.Begin(failures_);
    failures_ += met;
    retry_.End(failures_);
  }
  bool IsDue() { return retry_.DueAt(failures_) <= clock_.Now(); }
  Duration Wait() { return retry_.DueAt(failures_) - clock_.Now(); }

  test::ManualClock clock_;
  BackgroundRetry retry_{clock_};
  uint64_t failures_ = 0;
};

TEST_F(BackgroundRetryTest, IsForNothingWhereNothingFailed) {
  Pass();
  EXPECT_EQ(retry_.DueAt(failures_), TimePoint::max());
}

TEST_F(BackgroundRetryTest, ComesAMinuteAfterAPassThatFailedAndThenTwiceAsLate) {
  Pass(3);
  EXPECT_EQ(Wait(), 1min);
  clock_.Advance(1min);
  EXPECT_TRUE(IsDue());
  Pass(3);
  EXPECT_EQ(Wait(), 2min);
  for (int i = 0; i < 10; ++i) {
    clock_.Advance(Wait());
    Pass(1);
  }
  EXPECT_EQ(Wait(), BackgroundRetry::kLongest);
}

TEST_F(BackgroundRetryTest, ComesAMinuteAfterAScanForAClientFailedHoweverLongAgoThePassWas) {
  Pass();
  clock_.Advance(10h);
  ++failures_;
  EXPECT_EQ(Wait(), 1min);
  clock_.Advance(30s);
  ++failures_;  // more of them put it off no further
  EXPECT_EQ(Wait(), 30s);
  clock_.Advance(30s);
  EXPECT_TRUE(IsDue());
}

TEST_F(BackgroundRetryTest, DatesTheNextFailureAnewOnceAPassHasSeenToTheLast) {
  Pass();
  ++failures_;
  EXPECT_EQ(Wait(), 1min);
  while (retry_.DueAt(failures_) != TimePoint::max()) {
    clock_.Advance(Wait());
    Pass();
  }
  clock_.Advance(10h);
  ++failures_;
  EXPECT_EQ(Wait(), 1min);
}

// An item whose content could not be read is left alone for that long.
TEST_F(BackgroundRetryTest, EndsWithAPassThatSawAllThatWasLeftAlone) {
  Pass(1);
  const TimePoint failed = clock_.Now();
  while (retry_.DueAt(failures_) != TimePoint::max()) {
    clock_.Advance(Wait());
    Pass();
  }
  EXPECT_GE(clock_.Now(), failed + Scanner::kAttemptPause);
  EXPECT_LT(clock_.Now(), failed + 2 * Scanner::kAttemptPause);
}

// ---- A whole engine -----------------------------------------------------------------------------

// One item, whose stamp finds no room until somebody makes some.
struct FullStore {
  std::atomic<bool> is_full = true, is_stamped = false, is_read = false;
  std::atomic<int> refused = 0;

  static FullStore& Of(void* self) { return *static_cast<FullStore*>(self); }
  static int32_t Open(void* self, const vsapi_item*, vsapi_content* content) {
    Of(self).is_read = true;
    content->size = 8;
    content->data = "harmless";
    return VSAPI_OK;
  }
  static void Close(void* self, vsapi_content*) { Of(self).is_read = false; }
  static int32_t ReadStamp(void*, const vsapi_item*, vsapi_stamp*) { return VSAPI_OK; }
  static int32_t Apply(void* self, vsapi_outcome* outcomes, size_t count) {
    if (Of(self).is_full) {
      ++Of(self).refused;
      return VSAPI_E_NO_ROOM;
    }
    for (size_t i = 0; i < count; ++i) outcomes[i].result = VSAPI_OK;
    Of(self).is_stamped = true;
    return VSAPI_OK;
  }
  static int32_t NextStale(void* self, const vsapi_level*, vsapi_stale_page* page) {
    if (page->room == 0 || page->cursor.size != 0 || Of(self).is_stamped) return VSAPI_OK;
    page->items[page->count++] = test::ItemOf(1, 1);
    page->cursor.size = 1;
    return VSAPI_OK;
  }
  static constexpr vsapi_store_table kTable = {sizeof(vsapi_store_table),
                                               Open,
                                               nullptr,
                                               nullptr,
                                               Close,
                                               ReadStamp,
                                               Apply,
                                               nullptr,
                                               NextStale};
};

TEST(StoreThatFails, IsWalkedOverAgainUntilItWritesAgain) {
  test::ManualClock clock;
  FullStore store;
  Engine::Options options;
  options.source.overrides = {{"Enabled", "1"},
                              {"BackgroundScanning", "1"},
                              {"VendorTimeout", "86400"},
                              {"Library", VSAPI_TEST_VENDORS_DIR "/good.so"}};
  std::string problem;
  const auto engine = Engine::Create(std::move(options), clock, problem);
  ASSERT_TRUE(engine) << problem;
  engine->Attach("mdb1", FullStore::kTable, &store);
  // Not while the vendor has it, who would seem to hang.
  const auto a_minute_later = [&](const auto& is_so) {
    return test::Eventually([&] {
      if (!store.is_read) clock.Advance(1min);
      return is_so();
    });
  };
  EXPECT_TRUE(a_minute_later([&] { return store.refused > 2; }));
  store.is_full = false;
  EXPECT_TRUE(a_minute_later([&] { return store.is_stamped.load(); }));
  EXPECT_TRUE(engine->Shutdown(10h));
}

}  // namespace
}  // namespace vsapi::engine
