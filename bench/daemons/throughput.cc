// SPDX-License-Identifier: Apache-2.0
#include "cases.h"
#include "measure.h"
#include "process_tree.h"

namespace vsapi::bench {
namespace {

constexpr double kMegabyte = 1e6;
constexpr size_t kRecipients = 1000;

struct Turn {
  double seconds, cpu_us;
};

template <class Work>
Turn Measure(Work work) {
  const int64_t wall = WallNs(), cpu = TreeCpuNs();
  work();
  return {static_cast<double>(WallNs() - wall) / 1e9, static_cast<double>(TreeCpuNs() - cpu) / 1e3};
}

void MeasureGroup(Run& run, Way& way, const Group& group) {
  Feed feed(run.mail, group, run.Time(1000, 50));
  const Turn turn = Measure([&] { way.Work(feed); });
  const auto items = static_cast<double>(feed.answered());
  const Subject of{run.Case(group.name), way.name()};
  run.records.Add(of, "items_per_second", "1/s", items / turn.seconds, Better::kMore);
  run.records.Add(of, "megabytes_per_second", "MB/s",
                  static_cast<double>(feed.bytes()) / kMegabyte / turn.seconds, Better::kMore);
  run.records.Add(of, "cpu_per_item", "us", turn.cpu_us / items, Better::kLess);
  run.records.Add(of, "missed", "items", static_cast<double>(feed.missed()), Better::kLess);
  run.records.Add(of, "unscanned", "items", static_cast<double>(feed.unscanned()), Better::kLess);
}

}  // namespace

void MeasureThroughput(Run& run, const Ways& ways) {
  for (const char* size : Mailboxes::kSizes)
    TakeTurns(run, ways, [&](Way& way) { MeasureGroup(run, way, run.mail.group(size)); });
}

void MeasureRecipients(Run& run, const Ways& ways) {
  const Group& group = run.mail.group("128 KiB");
  TakeTurns(run, ways, [&](Way& way) {
    run.mail.Refresh(group.first);
    uint64_t scans = 0;
    const Turn turn = Measure([&] { scans = way.ScanSame(run.mail, group.first, kRecipients); });
    const Subject of{run.Case("128 KiB to 1,000 recipients"), way.name()};
    run.records.Add(of, "scans_or_requests", "", static_cast<double>(scans), Better::kLess);
    run.records.Add(of, "time", "ms", turn.seconds * 1e3, Better::kLess);
    run.records.Add(of, "cpu", "ms", turn.cpu_us / 1e3, Better::kLess);
  });
}

}  // namespace vsapi::bench
