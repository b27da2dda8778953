// SPDX-License-Identifier: Apache-2.0
//
// The paths whose instructions have bounds: run by instructions.py under callgrind, which gets one
// dump for each path. Counts do not depend on how busy the machine is.
//
// A path prepares when it is made, is counted in Run, and does kCount times what it is named for.
// While it runs, other threads are held or asleep, but for EngineScan's.
#include <valgrind/callgrind.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "held_scans.h"
#include "queue_alone.h"

namespace vsapi::bench {
namespace {

constexpr size_t kCount = 1000;

struct StampHit {
  EngineUnderTest& engine;
  const Item item = engine.Stamped(engine.NewItem(0));

  void Run() const {
    Decision decision = {};
    decision.struct_size = sizeof decision;
    for (size_t i = 0; i < kCount; ++i)
      vsapi_open(engine.engine().get(), &item, nullptr, &decision);
    if (decision.reason != VSAPI_REASON_STAMP) throw std::runtime_error("the stamp is stale");
  }
};

// Submitted, taken and finished, all by one thread: no wake-ups.
struct QueuePass {
  QueueAlone queue{0, {}};
  const std::unique_ptr<Job> job = queue.NewJob();

  void Run() {
    for (size_t i = 0; i < kCount; ++i) {
      queue.Submit(*job);
      queue.RunNext();
    }
  }
};

struct QueuePromotion {
  QueueAlone queue{0, {}, kCount};
  std::vector<std::unique_ptr<Job>> jobs{kCount};

  QueuePromotion() {
    for (auto& job : jobs) {
      (job = queue.NewJob())->lane = Lane::kLow;
      queue.Submit(*job);
    }
  }
  ~QueuePromotion() {
    for (size_t i = 0; i < kCount; ++i) queue.RunNext();
  }
  void Run() {
    for (auto& job : jobs) queue.Promote(*job);
  }
};

// The whole way of an item: asked for, scanned, judged, stamped, answered. Two threads take turns.
struct EngineScan {
  EngineUnderTest& engine;

  ~EngineScan() { engine.Flush(); }
  void Run() const {
    Decision decision = {};
    decision.struct_size = sizeof decision;
    for (size_t i = 0; i < kCount; ++i) decision = engine.engine().Open(engine.NewItem(0));
    if (decision.reason != VSAPI_REASON_SCANNED) throw std::runtime_error("it was not scanned");
  }
};

// A client joins a scan that is queued already.
struct EngineJoin {
  EngineUnderTest& engine;
  HeldScans held{engine};
  const Item item = engine.NewItem(0);

  explicit EngineJoin(EngineUnderTest& one) : engine(one) { held.Ask(item); }
  void Run() {
    for (size_t i = 0; i < kCount; ++i) held.Ask(item);
  }
};

// A client asks for what waits in the low lane.
struct EnginePromotion {
  EngineUnderTest& engine;
  HeldScans held{engine};
  std::vector<Item> items{kCount};

  explicit EnginePromotion(EngineUnderTest& one) : engine(one) {
    for (Item& item : items) engine.engine().Submitted(item = engine.NewItem(0));
  }
  void Run() {
    for (const Item& item : items) held.Ask(item);
  }
};

// Once to warm up, once counted.
template <class Path, class... Arguments>
void Count(const std::string& name, Arguments&... arguments) {
  Path{arguments...}.Run();
  Path path{arguments...};
  const std::string label = name + "/" + std::to_string(kCount);
  CALLGRIND_ZERO_STATS;
  path.Run();
  CALLGRIND_DUMP_STATS_AT(label.c_str());
}

void CountAll() {
  EngineUnderTest engine(VSAPI_BENCH_NO_OP, "", {"Good morning!"},
                         {{"ProactiveLimit", std::to_string(kCount)}, {"ScanningThreads", "2"}});
  Count<StampHit>("stamp_hit", engine);
  Count<QueuePass>("queue_submit_complete");
  Count<QueuePromotion>("queue_promotion");
  Count<EngineScan>("engine_scan", engine);
  Count<EngineJoin>("engine_join", engine);
  Count<EnginePromotion>("engine_promotion", engine);
}

}  // namespace
}  // namespace vsapi::bench

int main() { vsapi::bench::CountAll(); }
