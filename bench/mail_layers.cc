// SPDX-License-Identifier: GPL-2.0-only
//
// What a whole message costs: libclamav's default call on the raw MIME, which a program without a
// MIME parser has to make, against our DLL on the raw MIME, and on the decoded parts, which a host
// has anyhow. CPU of the scans, each way in a process of its own; the ways take turns on the same
// message. Counters are means over messages, so that large ones count as they do in a day's mail.
#include <benchmark/benchmark.h>

#include <map>
#include <memory>

#include "layered_mail.h"
#include "measure.h"
#include "scan_process.h"

namespace vsapi::bench {
namespace {

using benchmark::State;

// The processes for one set of definitions, which is written and loaded when it is needed first.
class Scanners {
 public:
  explicit Scanners(const DefinitionsShape& shape)
      : shape_(shape),
        defaults_(ScanWay::kDefaults, shape),
        dll_(ScanWay::kDll, shape),
        tuned_(ScanWay::kDllTuned, shape) {}

  void LoadOnce() {
    if (folder_) return;
    folder_ = std::make_unique<DefinitionsFolder>(shape_);
    for (ScanProcess* each : {&defaults_, &dll_, &tuned_}) each->Load(folder_->path());
  }
  // CPU nanoseconds of one of the ways.
  int64_t Scan(const std::string& way, const LayeredMail& mail) {
    if (way == "defaults_whole") return defaults_.Scan({mail.whole});
    if (way == "dll_whole") return dll_.Scan({mail.whole});
    if (way == "dll_parts") return dll_.Scan(mail.parts);
    if (way == "tuned_parts") return tuned_.Scan(mail.parts);
    const int64_t before = ThreadCpuNs();
    benchmark::DoNotOptimize(LayeredMails::TakeApart(mail.whole));
    return ThreadCpuNs() - before;
  }

 private:
  const DefinitionsShape& shape_;
  ScanProcess defaults_, dll_, tuned_;
  std::unique_ptr<DefinitionsFolder> folder_;
};

const std::vector<std::string> kWays = {"defaults_whole", "dll_whole", "dll_parts", "tuned_parts",
                                        "take_apart"};

std::map<std::string, double> OneTurn(Scanners& scanners, const LayeredMail& mail, size_t round) {
  std::map<std::string, double> us;
  for (size_t turn = 0; turn < kWays.size(); ++turn) {
    const std::string& way = kWays[(turn + round) % kWays.size()];
    us[way] = static_cast<double>(scanners.Scan(way, mail)) / 1000;
  }
  return us;
}

void BM_Message_WholeAgainstParts(State& state, Scanners& scanners, const std::string& kind) {
  static LayeredMails mails;  // one for all: what was composed before, a cache may know
  scanners.LoadOnce();
  OneTurn(scanners, mails.Next(kind), 0);
  std::map<std::string, double> sum;
  size_t round = 0;
  for (auto _ : state)
    for (const auto& [way, us] : OneTurn(scanners, mails.Next(kind), ++round)) sum[way] += us;
  for (const auto& [way, us] : sum)
    state.counters[way + "_us"] = us / static_cast<double>(state.iterations());
  for (const char* way : {"dll_whole", "dll_parts", "tuned_parts"})
    state.counters[std::string("defaults/") + way] = sum["defaults_whole"] / sum[way];
}

void Register(const DefinitionsShape& shape, Scanners& scanners) {
  for (const std::string& kind : LayeredMails::Kinds())
    benchmark::RegisterBenchmark(
        ("BM_Message_WholeAgainstParts/" + std::string(shape.name) + "/" + kind).c_str(),
        [&scanners, kind](State& state) { BM_Message_WholeAgainstParts(state, scanners, kind); })
        ->UseRealTime();
}

}  // namespace
}  // namespace vsapi::bench

int main(int argc, char** argv) {
  using namespace vsapi::bench;
  Scanners small(kSmall), large(kLarge);  // first of all, while the heap is new
  Register(kSmall, small);
  Register(kLarge, large);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
}
