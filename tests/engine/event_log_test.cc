// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/event_log: everything in order, on one thread, and nobody waits for a
// slow host.
#include "event_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "support/gate.h"
#include "support/manual_clock.h"
#include "support/recorded_events.h"

namespace vsapi::engine {
namespace {

using test::ManualClock;
using test::RecordedEvents;
using ::testing::ElementsAre;
using ::testing::Pair;

constexpr size_t kLimit = 4096;  // the log's own

TEST(EventLog, TellsWhatHappenedWhenAndToWhat) {
  ManualClock clock;
  RecordedEvents events;
  {
    EventLog log(clock, events.sink());
    log.Log(EventId::kVirusFound, "found", {{"vendor", "V"}, {"finding", "F"}});
    clock.Advance(std::chrono::seconds(1));
    log.Log(EventId::kEngineStopped, "stopped");
  }
  const auto all = events.all();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].id, EventId::kVirusFound);
  EXPECT_EQ(all[0].severity, VSAPI_SEVERITY_WARNING);
  EXPECT_EQ(all[0].category, "virus found");
  EXPECT_EQ(all[0].text, "found");
  EXPECT_EQ(all[0].time_ns, ManualClock::kWallAtStartNs);
  EXPECT_THAT(all[0].fields, ElementsAre(Pair("finding", "F"), Pair("vendor", "V")));
  EXPECT_EQ(all[1].text, "the engine has stopped");
  EXPECT_EQ(all[1].time_ns, ManualClock::kWallAtStartNs + 1'000'000'000);
}

TEST(EventLog, TakesAnotherSeverityForAVendorsLine) {
  ManualClock clock;
  RecordedEvents events;
  { EventLog(clock, events.sink()).Log(EventId::kVendorSays, VSAPI_SEVERITY_ERROR, "help", {}); }
  EXPECT_EQ(events.all().at(0).severity, VSAPI_SEVERITY_ERROR);
  EXPECT_EQ(events.all().at(0).category, "load");
}

TEST(EventLog, KeepsTheOrderOfEachThread) {
  constexpr int kThreads = 4, kTimes = 500;
  ManualClock clock;
  RecordedEvents events;
  {
    EventLog log(clock, events.sink());
    std::vector<std::thread> threads;
    for (int number = 0; number < kThreads; ++number)
      threads.emplace_back([&log, number] {
        for (int time = 0; time < kTimes; ++time)
          log.Log(EventId::kItemScanned, std::to_string(time),
                  {{"thread", std::to_string(number)}});
      });
    for (std::thread& thread : threads) thread.join();
  }
  std::map<std::string, int> next;
  for (const auto& event : events.all())
    EXPECT_EQ(event.text, std::to_string(next[event.fields.at("thread")]++));
  EXPECT_EQ(events.all().size(), size_t{kThreads * kTimes});
}

TEST(EventLog, DropsAndCountsWhatASlowHostCantTakeAndNeverWaitsForIt) {
  ManualClock clock;
  RecordedEvents events;
  test::Steps inside, go_on;
  {
    EventLog log(clock, [&, keep = events.sink()](const vsapi_event& event) {
      inside.Add();
      go_on.Await();
      keep(event);
    });
    log.Log(EventId::kItemScanned, "first");
    inside.Await();  // the sink holds the first one; the queue is empty
    for (size_t i = 0; i < kLimit + 7; ++i) log.Log(EventId::kItemScanned, std::to_string(i));
    go_on.Add();
  }
  const auto all = events.all();
  ASSERT_EQ(all.size(), 1 + kLimit + 1);
  EXPECT_EQ(all[0].text, "first");
  for (size_t i = 0; i < kLimit; ++i) ASSERT_EQ(all[1 + i].text, std::to_string(i));
  EXPECT_EQ(all.back().id, EventId::kEventsDropped);
  EXPECT_EQ(all.back().text, "7 events were dropped: who takes them is too slow");
}

TEST(EventLog, KeepsNothingWithoutASink) {
  ManualClock clock;
  EventLog log(clock, nullptr);
  EXPECT_FALSE(log.wanted(EventId::kVirusFound));
  log.Log(EventId::kItemScanned, "nobody hears it");
}

TEST(EventLog, IsWantedByASink) {
  ManualClock clock;
  RecordedEvents events;
  EXPECT_TRUE(EventLog(clock, events.sink()).wanted(EventId::kVirusFound));
}

TEST(EventLog, LetsASinkLogAgain) {
  ManualClock clock;
  RecordedEvents events;
  EventLog* self = nullptr;
  {
    EventLog log(clock, [&, keep = events.sink()](const vsapi_event& event) {
      keep(event);
      if (event.id == static_cast<uint32_t>(EventId::kNoVendor))
        self->Log(EventId::kVendorSays, "again");
    });
    self = &log;
    log.Log(EventId::kNoVendor, "once");
    events.Await(EventId::kVendorSays);
  }
  EXPECT_EQ(events.all().size(), 2u);
}

// What a sink that hangs goes on using lives as long as the process, as a host's would.
TEST(EventLog, LeavesASinkBehindThatDoesNotComeBackAndCallsItNoMore) {
  struct Host {
    SystemClock clock;
    test::Steps inside, go_on, back;
    EventLog log{clock, [this](const vsapi_event&) {
                   inside.Add();
                   go_on.Await();
                   back.Add();
                 }};
  };
  static Host* host = new Host;  // never destroyed: its thread may still be on its way out
  host->log.Log(EventId::kNoVendor);
  host->log.Log(EventId::kNoVendor);
  host->inside.Await();
  EXPECT_FALSE(host->log.Close(host->clock.Now()));
  EXPECT_FALSE(host->log.Close(host->clock.Now()));
  host->go_on.Add(2);
  host->back.Await();
  EXPECT_EQ(host->inside.made(), 1u);
}

}  // namespace
}  // namespace vsapi::engine
