// SPDX-License-Identifier: Apache-2.0
#include "run_way.h"

#include <sys/resource.h>

#include <cstdlib>
#include <fstream>
#include <iostream>

#include "call_log.h"
#include "error.h"
#include "mail_mix.h"
#include "mdb_check.h"
#include "mdb_look.h"
#include "registry_file.h"
#include "save_file.h"
#include "settings_text.h"
#include "simulate_fill.h"
#include "simulate_run.h"

namespace store_sim::ways {
namespace {

double SecondsOf(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

// Of this process and of those it has waited for.
double CpuSeconds() {
  double sum = 0;
  for (const int who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage usage;
    getrusage(who, &usage);
    sum += SecondsOf(usage.ru_utime) + SecondsOf(usage.ru_stime);
  }
  return sum;
}

// EICAR is known to every way from the beginning, not only to the DLL, which always adds it.
void WriteEicarSignature(const std::filesystem::path& folder) {
  std::string line = "Simulated.Eicar:0:*:";
  for (const char byte : EicarBytes()) {
    constexpr char kHex[] = "0123456789abcdef";
    line += {kHex[static_cast<unsigned char>(byte) >> 4], kHex[byte & 15]};
  }
  SaveFile(folder / "eicar.ndb", line + "\n");
}

void MakeStore(const Places& places, const Way& way) {
  Store::Init(places.store(), {"mdb1"});
  SaveFile(places.store() / kRegistryFileName, vsapi::engine::DefaultRegistryFile(way.settings()));
}

uint64_t CountBad(const Truth& truth, Mdb& mdb) {
  uint64_t bad = 0;
  for (const int64_t number : AllNumbers(mdb)) {
    const auto raw = mdb.ReadRaw(number);
    bad += raw && !truth.BadIn(*raw, truth.known()).empty() ? 1 : 0;
  }
  return bad;
}

// How the store's files are when nobody has them open.
struct Remains {
  uint64_t bad_left = 0;
  uint64_t contents = 0;
  uint64_t damages = 0;
};

Remains LookAt(const std::filesystem::path& folder, const Truth& truth) {
  const Store store(folder, Access::kRead);
  Remains remains;
  for (const auto& mdb : store.mdbs()) {
    remains.bad_left += CountBad(truth, *mdb);
    remains.contents += mdb->Totals().contents;
    remains.damages += CheckMdb(*mdb, folder / (mdb->name() + ".db"), [](const std::string& line) {
                         std::cerr << "ways: " << line << '\n';
                       }).problems;
  }
  return remains;
}

double CountOf(const Outturn& outturn, Answered answered) {
  return static_cast<double>(outturn.results.all.answers[static_cast<size_t>(answered)]);
}

void RecordClients(const Outturn& outturn, Records& records) {
  const auto of = [&](Action action) -> const LatencyHistogram& {
    return outturn.results.all.actions[static_cast<size_t>(action)];
  };
  const auto ms = [](const LatencyHistogram& histogram, double percent) {
    return static_cast<double>(histogram.Percentile(percent).count()) / 1e6;
  };
  records.Add("exposures", static_cast<double>(outturn.results.exposed));
  records.Add("open_p50", ms(of(Action::kOpen), 50), "ms");
  records.Add("open_p99", ms(of(Action::kOpen), 99), "ms");
  records.Add("open_p99.9", ms(of(Action::kOpen), 99.9), "ms");
  records.Add("deliver_p99", ms(of(Action::kDeliver), 99), "ms");
  records.Add("refused",
              CountOf(outturn, Answered::kInProgress) + CountOf(outturn, Answered::kUnavailable));
  records.Add("lost", static_cast<double>(outturn.lost_count));
}

void RecordStore(const Remains& remains, uint64_t failed, Records& records) {
  records.Add("bad_left", static_cast<double>(remains.bad_left));
  records.Add("contents", static_cast<double>(remains.contents));
  records.Add("store_faults", static_cast<double>(failed + remains.damages));
}

// Nothing where nothing came by the vendor that counts.
void RecordCalls(const CallTally& calls, uint64_t contents, Records& records) {
  if (calls.calls == 0) return;
  const auto count = static_cast<double>(calls.calls);
  records.Add("vendor_calls", count);
  records.Add("vendor_bytes", static_cast<double>(calls.bytes), "bytes");
  records.Add("scans_per_content", count / static_cast<double>(contents), "ratio");
  records.Add("most_scans_of_one", static_cast<double>(calls.most_of_one));
}

// What the clients came to, with all that the way did meanwhile.
Outturn Simulate(Way& way, const Places& places, const Profile& profile, uint64_t seed,
                 Ledger& ledger, Truth& truth, SimulatedDefinitions& definitions,
                 Progress& progress) {
  EventLines events(progress, EventLines::Which::kOnlyUnexpected, "ways");
  ScanOptions scan;
  scan.background = true;
  Host host(places.store(), scan, events);
  Mailboxes mailboxes(host.store(), profile.mailboxes);
  way.Begin(host, mailboxes);
  Simulation simulation({.profile = profile,
                         .store = host.store(),
                         .scanning = host.scanning(),
                         .mailboxes = mailboxes,
                         .truth = truth,
                         .ledger = ledger,
                         .definitions = &definitions,
                         .load = [&] { way.Load(); },
                         .seed = seed,
                         .gate = way.gate(),
                         .at_s = {}},
                        progress);
  Outturn outturn = simulation.Run({});
  way.End();
  host.Stop();
  return outturn;
}

}  // namespace

void RunWay(const NamedWay& named, const Places& places, Profile profile, uint64_t seed,
            Records& records) {
  std::ofstream(places.calls()).flush();
  setenv(kCallLogVariable, places.calls().c_str(), 1);
  Truth truth;
  SimulatedDefinitions definitions(places.definitions());
  WriteEicarSignature(places.definitions());
  const auto way = named.make(places);
  if (!way->settles()) profile.settle_seconds = 0;
  Progress progress(std::cerr, false);
  Ledger ledger;
  MakeStore(places, *way);
  FillStore(Store(places.store(), Access::kWrite), profile, seed, ledger, progress);
  way->Install();
  const double cpu_s = CpuSeconds();
  const Outturn outturn =
      Simulate(*way, places, profile, seed, ledger, truth, definitions, progress);
  records.Add("cpu", CpuSeconds() - cpu_s, "s");
  for (const std::string& trouble : outturn.results.troubles)
    std::cerr << "ways: " << named.name << ": " << trouble << '\n';
  RecordClients(outturn, records);
  const Remains remains = LookAt(places.store(), truth);
  RecordStore(remains, outturn.results.failed, records);
  RecordCalls(ReadCallLog(places.calls()), remains.contents, records);
  way->Report(records);
}

}  // namespace store_sim::ways
