// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/background where a thread is replaced that does not hang any more.
#include "background.h"

#include <array>
#include <memory>
#include <vector>

#include "engine/mdb_fixture.h"

namespace vsapi::engine {
namespace {

// No vendor serves: the threads sleep until there is a reason to scan.
TEST(BackgroundReplace, EndsAThreadThatHasComeBackAndSleeps) {
  test::ManualClock clock;
  EventLog events(clock, nullptr);
  Counters counters;
  Histograms histograms;
  std::string problem;
  ScanSlots slots("", problem);
  Poison poison("", events);
  Faults faults;
  Generations generations({}, clock, events);
  ScanQueue queue(clock);
  InFlight in_flight(queue, counters);
  Scanner scanner(in_flight, generations, slots, poison, faults, clock, events, counters,
                  histograms);
  vsapi_store_table table = ScriptedStore::kTable;
  table.next_stale = [](void*, const vsapi_level*, vsapi_stale_page*) { return int32_t{VSAPI_OK}; };
  std::array<ScriptedStore, 16> stores;  // when the last one begins, the first one sleeps
  std::vector<std::unique_ptr<Mdb>> mdbs;
  Background background({in_flight, queue, scanner, generations, clock, events, counters});
  for (ScriptedStore& store : stores) {
    mdbs.push_back(std::make_unique<Mdb>("a", table, &store, events, counters, clock));
    background.Attach(static_cast<uint32_t>(mdbs.size()), *mdbs.back());
  }
  EXPECT_TRUE(background.Replace(0));
  EXPECT_TRUE(test::Eventually([&] { return !background.Replace(0); })) << "it sleeps on";
  background.Stop();
  queue.Close();
  EXPECT_EQ(background.Join(TimePoint::max()), 0u);
}

}  // namespace
}  // namespace vsapi::engine
