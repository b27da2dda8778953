// SPDX-License-Identifier: Apache-2.0
#include "engine_under_test.h"
#include "growth.h"
#include "measure.h"
#include "timetable.h"

namespace vsapi::bench {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

constexpr size_t kClients = 4;  // so many may be kept waiting before one is late
constexpr auto kPeriod = microseconds(1000);

// All clients together open one item each period; microseconds from the time of the timetable.
Samples WaitsFor(EngineUnderTest& engine, SteadyClock::duration turn) {
  std::vector<Samples> each(kClients);
  const auto end = SteadyClock::now() + turn;
  CallByTimetable(kClients, kPeriod, [&](size_t client, uint64_t, SteadyClock::time_point due) {
    if (due >= end) return false;
    engine.engine().Open(engine.NewItem(0));
    const std::chrono::duration<double, std::micro> wait = SteadyClock::now() - due;
    each[client].Add(wait.count());
    return true;
  });
  Samples all;
  for (const Samples& one : each) all.Add(one);
  return all;
}

}  // namespace

// Clients' items cost nothing, those of the background 1 ms of a processor; no MDB ever ends.
void MeasureMdbs(const SectionOptions& options, Records& records) {
  EngineUnderTest engine(VSAPI_BENCH_SPIN, "0;1000", {"Good morning!"},
                         {{"BackgroundScanning", "1"}});
  const Subject of{"background threads beside a client", "engine"};
  Curve p50(records, of, "p50_by_mdbs", "us"), p99(records, of, "p99_by_mdbs", "us");
  Curve background(records, of, "background_items_per_second_by_mdbs", "1/s");
  Curve memory(records, of, "memory_per_mdb_by_mdbs", "KiB");
  const auto turn = milliseconds(options.is_short ? 100 : 2000);
  WaitsFor(engine, turn);  // so that what one client takes is there
  const double before_kib = ResidentKib();
  for (size_t mdbs = 1, attached = 0; mdbs <= 64; mdbs *= 2) {
    for (; attached < mdbs; ++attached) engine.AttachEndless();
    WaitsFor(engine, turn / 10);
    const int64_t begin = WallNs();
    const uint64_t files = engine.FilesScanned();
    const Samples waits = WaitsFor(engine, turn);
    const auto count = static_cast<double>(engine.FilesScanned() - files - waits.size());
    const auto x = static_cast<double>(mdbs);
    p50.Add(x, waits.median());
    p99.Add(x, waits.Percentile(99));
    background.Add(x, 1e9 * count / static_cast<double>(WallNs() - begin));
    memory.Add(x, (ResidentKib() - before_kib) / x);
  }
}

}  // namespace vsapi::bench
