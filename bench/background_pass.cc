// SPDX-License-Identifier: Apache-2.0
//
// What a pass of background scanning costs the store simulator, by how many items an MDB holds and
// how many of them are stale: the walk, and the stamps of what it found. Nothing is scanned.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>

#include "database.h"
#include "engine_store.h"
#include "mdb.h"

namespace store_sim {
namespace {

constexpr int64_t kStale = 1000;
constexpr size_t kPage = 64;  // as the engine asks

// Messages of one part each, all scanned under version 2; digests are made from their numbers.
constexpr char kFill[] = R"sql(
  INSERT INTO mailboxes VALUES (1, 'user');
  INSERT INTO folders (id, mailbox, path) VALUES (1, 1, 'Inbox');
  INSERT INTO messages (id, digest, size, received_ns, date_ns, sender, subject, message_id,
                        unclean_reason, covered, raw)
    SELECT n, CAST(printf('%032d', n) AS BLOB), 0, n, n, '', '', '', '', 1, x'' FROM numbers;
  INSERT INTO contents (id, digest, size, message, span_offset, span_size, encoding, stamp_vendor,
                        stamp_version, stamp_definitions, stamp_generation, stamp_verdict,
                        stamp_finding, stamp_time_ns, stamp_action, stamp_since, risk)
    SELECT n, CAST(printf('%032d', n) AS BLOB), 0, n, 0, 0, 0, 'V', 2, zeroblob(32), 1, 1, '', 0, 1, 0, n
    FROM numbers;
  INSERT INTO parts SELECT n, 0, '1', 1, '', 'text/plain', n FROM numbers;
  INSERT INTO placements SELECT 1, n FROM numbers;
)sql";
static_assert(VSAPI_VERDICT_CLEAN == 1 && VSAPI_ACTION_STAMP == 1);

// An MDB of so many items, in a folder that is gone with it.
class Filled {
 public:
  explicit Filled(int64_t items) : items_(items) {
    std::string pattern = (std::filesystem::temp_directory_path() / "vsapi-bench-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    Mdb::Create(file());
    database_ = std::make_unique<Database>(file(), Access::kWrite);
    database_->Run(("CREATE TEMP VIEW numbers (n) AS WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL "
                    "SELECT n + 1 FROM n WHERE n < " +
                    std::to_string(items) + ") SELECT n FROM n; BEGIN")
                       .c_str());
    database_->Run(kFill);
    database_->Run("COMMIT");
    store_ = std::make_unique<EngineStore>(
        std::make_shared<Mdb>(file(), "mdb1", Access::kWrite),
        [](const std::string&) { std::abort(); }, true);
  }
  ~Filled() { std::filesystem::remove_all(folder_); }
  Filled(const Filled&) = delete;
  Filled& operator=(const Filled&) = delete;

  EngineStore& store() { return *store_; }
  // As before the first pass under version 2: of the contents so many are of version 1.
  void MakeStale(int64_t stale) {
    if (stale > 0)
      database_->Run(("UPDATE contents SET stamp_version = 1, stamp_generation = 0 WHERE id % " +
                      std::to_string(items_ / stale) + " = 0")
                         .c_str());
    database_->Run("UPDATE folders SET swept_vendor = NULL");
  }

 private:
  std::filesystem::path file() const { return folder_ / "mdb1.db"; }

  const int64_t items_;
  std::filesystem::path folder_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<EngineStore> store_;
};

// Filled once, for that takes longer than all that is measured.
Filled& FilledWith(int64_t items) {
  static std::map<int64_t, std::unique_ptr<Filled>> all;
  auto& filled = all[items];
  if (!filled) filled = std::make_unique<Filled>(items);
  return *filled;
}

vsapi::Level Now() {
  vsapi::Level level = {};
  level.struct_size = sizeof level;
  level.version = 2;
  std::strcpy(level.vendor, "V");
  return level;
}

void StampAll(EngineStore& store, const vsapi::StalePage& page) {
  std::vector<vsapi::Outcome> outcomes(page.count);
  for (size_t i = 0; i < page.count; ++i) {
    vsapi::Outcome& outcome = outcomes[i];
    outcome.struct_size = sizeof outcome;
    outcome.action = VSAPI_ACTION_STAMP;
    outcome.item = &page.items[i];
    outcome.stamp.verdict = VSAPI_VERDICT_CLEAN;
    outcome.stamp.version = 2;
    outcome.stamp.generation = 1;
    std::strcpy(outcome.stamp.vendor, "V");
  }
  if (store.Apply(outcomes) != VSAPI_OK) std::abort();
}

// What was found.
size_t Pass(EngineStore& store) {
  const vsapi::Level level = Now();
  std::vector<vsapi::Item> items(kPage);
  size_t found = 0;
  vsapi_key cursor = {};
  for (;;) {
    vsapi::StalePage page = {};
    page.struct_size = sizeof page;
    page.cursor = cursor;
    page.items = items.data();
    page.room = items.size();
    if (store.NextStale(level, page) != VSAPI_OK) std::abort();
    if (page.count == 0) return found;
    StampAll(store, page);
    found += page.count;
    cursor = page.cursor;
  }
}

void MeasurePass(benchmark::State& state, int64_t stale) {
  Filled& filled = FilledWith(state.range(0));
  for (auto _ : state) {
    state.PauseTiming();
    filled.MakeStale(stale);
    state.ResumeTiming();
    if (Pass(filled.store()) != static_cast<size_t>(stale)) state.SkipWithError("items missed");
  }
}

void BM_BackgroundPass_NothingStale(benchmark::State& state) { MeasurePass(state, 0); }
void BM_BackgroundPass_AThousandStale(benchmark::State& state) { MeasurePass(state, kStale); }

// Where a pass has been already.
void BM_BackgroundPass_Again(benchmark::State& state) {
  Filled& filled = FilledWith(state.range(0));
  Pass(filled.store());
  for (auto _ : state) Pass(filled.store());
}

BENCHMARK(BM_BackgroundPass_NothingStale)
    ->RangeMultiplier(10)
    ->Range(10'000, 1'000'000)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(BM_BackgroundPass_AThousandStale)
    ->RangeMultiplier(10)
    ->Range(10'000, 1'000'000)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(BM_BackgroundPass_Again)
    ->RangeMultiplier(10)
    ->Range(10'000, 1'000'000)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace store_sim

BENCHMARK_MAIN();
