// SPDX-License-Identifier: GPL-2.0-only
//
// What a whole message costs: libclamav's default call on the raw MIME, which a program without a
// MIME parser has to make, against our DLL on the raw MIME, and on the decoded parts, which a host
// has anyhow. Thread CPU of one message, temp files included; the ways take turns on the same
// message. Counters are sums over messages, so that large ones count as they do in a day's mail.
#include <benchmark/benchmark.h>

#include <functional>

#include "layered_mail.h"
#include "loaded.h"
#include "measure.h"

namespace vsapi::bench {
namespace {

using benchmark::State;

struct Way {
  const char* name;
  std::function<void(const LayeredMail&)> scan;
  double cpu_ns = 0;
};

std::vector<Way> AllWays(Loaded& loaded) {
  const BareClamav& defaults = loaded.Bare(Step::kDefaults);
  DirectCall& dll = loaded.Dll();
  return {{"defaults_whole", [&defaults](const LayeredMail& mail) { defaults.Scan(mail.whole); }},
          {"dll_whole", [&dll](const LayeredMail& mail) { dll.Scan(mail.whole); }},
          {"dll_parts",
           [&dll](const LayeredMail& mail) {
             for (const std::string& part : mail.parts) dll.Scan(part);
           }},
          {"take_apart", [](const LayeredMail& mail) {
             benchmark::DoNotOptimize(LayeredMails::TakeApart(mail.whole));
           }}};
}

void TakeTurns(std::vector<Way>& ways, const LayeredMail& mail, size_t round) {
  for (size_t turn = 0; turn < ways.size(); ++turn) {
    Way& way = ways[(turn + round) % ways.size()];
    const int64_t before = ThreadCpuNs();
    way.scan(mail);
    way.cpu_ns += static_cast<double>(ThreadCpuNs() - before);
  }
}

void BM_Message_WholeAgainstParts(State& state, const DefinitionsShape& shape,
                                  const std::string& kind) {
  auto ways = AllWays(Loaded::Of(shape));
  static LayeredMails mails;  // one for all: what was composed before, a cache may know
  auto warm_up = ways;
  TakeTurns(warm_up, mails.Next(kind), 0);
  size_t round = 0;
  for (auto _ : state) TakeTurns(ways, mails.Next(kind), ++round);
  std::map<std::string, double> us;
  for (const Way& way : ways)
    state.counters[std::string(way.name) + "_us"] = us[way.name] =
        way.cpu_ns / 1000 / static_cast<double>(state.iterations());
  state.counters["defaults/whole"] = us["defaults_whole"] / us["dll_whole"];
  state.counters["defaults/parts"] = us["defaults_whole"] / us["dll_parts"];
}

void RegisterAll() {
  for (const DefinitionsShape* shape : {&kSmall, &kLarge})
    for (const std::string& kind : LayeredMails::Kinds())
      benchmark::RegisterBenchmark(
          ("BM_Message_WholeAgainstParts/" + std::string(shape->name) + "/" + kind).c_str(),
          [shape, kind](State& state) { BM_Message_WholeAgainstParts(state, *shape, kind); });
}

}  // namespace
}  // namespace vsapi::bench

int main(int argc, char** argv) {
  vsapi::bench::RegisterAll();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
}
