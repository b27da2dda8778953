// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "corpus.h"
#include "definitions.h"
#include "engine_under_test.h"
#include "growth.h"
#include "measure.h"

namespace vsapi::bench {
namespace {

struct Load {
  const char* name;
  const char* library;
  std::string parameters;
  std::vector<std::string> contents;
  size_t items;             // of one thread's figure
  bool is_more_by_threads;  // each thread has so many items of its own
};

struct Speed {
  double items_per_second, cpu_per_item_us;
};

Speed SpeedOf(EngineUnderTest& engine, size_t items) {
  const int64_t wall = WallNs(), cpu = ProcessCpuNs();
  Pipeline pipeline(engine);
  for (size_t i = 0; i < items; ++i) pipeline.Ask(i);
  pipeline.Drain();
  if (pipeline.not_allowed() > 0) throw std::runtime_error("a clean item was not allowed");
  const auto count = static_cast<double>(items);
  return {1e9 * count / static_cast<double>(WallNs() - wall),
          static_cast<double>(ProcessCpuNs() - cpu) / 1e3 / count};
}

// By so many threads; nothing where the engine does not take that many on this machine.
std::optional<Speed> SpeedBy(uint32_t threads, const Load& load) {
  EngineUnderTest engine(load.library, load.parameters, load.contents,
                         {{"ScanningThreads", std::to_string(threads)}});
  if (engine.engine().Status().threads != threads) return std::nullopt;
  SpeedOf(engine, load.items / 4);  // so that all is warm
  return SpeedOf(engine, load.is_more_by_threads ? load.items * threads : load.items);
}

class Curves {
 public:
  Curves(Records& records, const Subject& of)
      : speed_(records, of, "items_per_second_by_threads", "1/s"),
        cpu_(records, of, "cpu_per_item_by_threads", "us") {}
  void Add(uint32_t threads, const Speed& speed) {
    speed_.Add(threads, speed.items_per_second);
    cpu_.Add(threads, speed.cpu_per_item_us);
  }

 private:
  Curve speed_, cpu_;
};

void MeasureLoad(const SectionOptions& options, Records& records, const Load& load) {
  Curves engine(records, {load.name, "engine"});
  Curves formula(records, {load.name, "engine_2n+1"});  // one point, which is marked so
  const uint32_t by_formula = 2 * std::thread::hardware_concurrency() + 1;
  for (uint32_t threads = 1; threads <= std::max(8U, by_formula); ++threads) {
    const bool is_formula = threads == by_formula;
    if (!is_formula && (threads > 8 || (options.is_short && threads % 4 != 0))) continue;
    const auto speed = SpeedBy(threads, load);
    if (!speed) continue;
    engine.Add(threads, *speed);
    if (is_formula) formula.Add(threads, *speed);
  }
}

}  // namespace

void MeasureThreads(const SectionOptions& options, Records& records) {
  const DefinitionsFolder definitions(kSmall);
  Load mail{"mail mix by libclamav",
            VSAPI_BENCH_CLAMAV,
            "definitions=" + definitions.path(),
            {},
            options.is_short ? 200U : 4000U,
            false};
  for (auto& each : Mix(500)) mail.contents.push_back(std::move(each.bytes));
  MeasureLoad(options, records, mail);
  MeasureLoad(options, records,
              {"a vendor that waits 5 ms",
               VSAPI_BENCH_WAITS,
               "5",
               {"Good morning!"},
               options.is_short ? 8U : 100U,
               true});
}

}  // namespace vsapi::bench
