// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/background_pace, and of a whole engine that keeps to it.
#include "background_pace.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <cstdlib>
#include <ctime>
#include <string_view>

#include "engine.h"
#include "support/gate.h"
#include "support/items.h"
#include "support/manual_clock.h"

namespace vsapi::engine {
namespace {

using namespace std::chrono_literals;

// Knows when the background thread rests: only then may a test move the time on, that what the
// thread does falls into the minute in which it decided to.
class RestingClock final : public test::ManualClock {
 public:
  void WaitUntil(CondVar& condition, Mutex& mutex, TimePoint deadline) override
      VSAPI_REQUIRES(mutex) {
    const bool is_sweep = IsSweep();
    if (is_sweep) rests_ = true;
    ManualClock::WaitUntil(condition, mutex, deadline);
    if (is_sweep) rests_ = false;
  }
  bool rests() const { return rests_; }

 private:
  static bool IsSweep() {
    char name[16] = "";
    pthread_getname_np(pthread_self(), name, sizeof name);
    return std::string_view(name).starts_with("vsapi-bg-");
  }
  std::atomic<bool> rests_ = false;
};

class BackgroundPaceTest : public ::testing::Test {
 protected:
  // The manual clock begins at 22:13:20 UTC.
  BackgroundPaceTest() {
    setenv("TZ", "UTC0", 1);
    tzset();
  }
  void Work(Duration time) {
    pace_.Do([&] { clock_.Advance(time); });
  }
  Duration Pause() const { return pace_.Pause(settings_); }

  RestingClock clock_;
  Settings settings_;
  BackgroundPace pace_{clock_};
};

TEST_F(BackgroundPaceTest, NeverPausesByDefault) {
  Work(1h);
  EXPECT_EQ(Pause(), 0s);
}

TEST_F(BackgroundPaceTest, RestsUntilTheWorkIsItsShareOfTheTime) {
  settings_.background_max_share = 25;
  EXPECT_EQ(Pause(), 0s);
  Work(2s);
  Work(1s);
  EXPECT_EQ(Pause(), 9s);
  clock_.Advance(4s);
  EXPECT_EQ(Pause(), 5s);
  clock_.Advance(6s);
  EXPECT_EQ(Pause(), 0s);
}

TEST_F(BackgroundPaceTest, HasRestedForItsWorkOnceItGoesOn) {
  settings_.background_max_share = 50;
  Work(2s);
  clock_.Advance(2s);
  pace_.GoOn();
  Work(1s);
  EXPECT_EQ(Pause(), 1s);
}

TEST_F(BackgroundPaceTest, RestsNoLongerOnceItsShareIsRaised) {
  settings_.background_max_share = 1;
  Work(1s);
  EXPECT_EQ(Pause(), 99s);
  settings_.background_max_share = 100;
  EXPECT_EQ(Pause(), 0s);
}

TEST_F(BackgroundPaceTest, PausesOutsideOfItsHoursAndLooksAtTheTimeEachMinute) {
  settings_.background_hours = "22:15-22:20";
  EXPECT_EQ(Pause(), 1min);
  clock_.Advance(1min);
  EXPECT_EQ(Pause(), 40s);
  clock_.Advance(40s);
  EXPECT_EQ(Pause(), 0s);
  clock_.Advance(5min);
  EXPECT_EQ(Pause(), 1min);
}

// ---- A whole engine -----------------------------------------------------------------------------

// Three items that are never judged, each of which takes its time to read.
struct SlowStore {
  static constexpr uint32_t kItems = 3;

  test::ManualClock& clock;
  const Duration reading;
  mutable Mutex mutex;
  std::vector<TimePoint> opened VSAPI_GUARDED_BY(mutex) = {};

  std::vector<TimePoint> openings() const {
    const MutexLock lock(mutex);
    return opened;
  }

  static int32_t Open(void* self, const vsapi_item*, vsapi_content* content) {
    SlowStore& store = *static_cast<SlowStore*>(self);
    content->size = 8;
    content->data = "harmless";
    {
      const MutexLock lock(store.mutex);
      store.opened.push_back(store.clock.Now());
    }
    store.clock.Advance(store.reading);
    return VSAPI_OK;
  }
  static void Close(void*, vsapi_content*) {}
  static int32_t ReadStamp(void*, const vsapi_item*, vsapi_stamp*) { return VSAPI_OK; }
  static int32_t Apply(void*, vsapi_outcome* outcomes, size_t count) {
    for (size_t i = 0; i < count; ++i) outcomes[i].result = VSAPI_OK;
    return VSAPI_OK;
  }
  static int32_t NextStale(void*, const vsapi_level*, vsapi_stale_page* page) {
    if (page->room == 0 || page->cursor.size != 0) return VSAPI_OK;
    for (; page->count < kItems; ++page->count)
      page->items[page->count] = test::ItemOf(page->count + 1, page->count + 1);
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

class PacedBackgroundTest : public BackgroundPaceTest {
 protected:
  // When each item was opened, as the clock is moved a minute at a time while the thread rests.
  std::vector<TimePoint> Sweep(const std::string& setting, const std::string& value,
                               Duration reading) {
    SlowStore store{clock_, reading, {}};
    Engine::Options options;
    options.source.overrides = {{"Enabled", "1"},
                                {"BackgroundScanning", "1"},
                                {"Library", VSAPI_TEST_VENDORS_DIR "/good.so"},
                                {setting, value}};
    std::string problem;
    const auto engine = Engine::Create(std::move(options), clock_, problem);
    if (!engine) ADD_FAILURE() << problem;
    engine->Attach("mdb1", SlowStore::kTable, &store);
    EXPECT_TRUE(test::Eventually([&] {
      if (clock_.rests()) clock_.Advance(1min);
      return store.openings().size() == SlowStore::kItems;
    }));
    engine->Shutdown(10h);
    return store.openings();
  }
};

TEST_F(PacedBackgroundTest, RestsBetweenTwoItems) {
  const auto opened = Sweep("BackgroundMaxShare", "10", 10min);
  EXPECT_GE(opened.at(1) - opened.at(0), 100min);
  EXPECT_GE(opened.at(2) - opened.at(1), 100min);
}

TEST_F(PacedBackgroundTest, GoesOnTheNextDayWhereItsHoursEndedDuringAPass) {
  const TimePoint begun = clock_.Now();
  const auto opened = Sweep("BackgroundHours", "02:00-04:00", 90min);
  ASSERT_EQ(opened.size(), 3u);
  const auto time_of_day = [&](TimePoint time) {
    return (22h + 13min + 20s + (time - begun)) % 24h;
  };
  for (const TimePoint time : opened) {
    EXPECT_GE(time_of_day(time), 2h);
    EXPECT_LT(time_of_day(time), 4h);
  }
  EXPECT_GT(opened.at(2) - opened.at(0), 20h);
}

}  // namespace
}  // namespace vsapi::engine
