// SPDX-License-Identifier: Apache-2.0
//
// A section of bench/compare.sh: the engine beside what a user would install today to have mail
// scanned by libclamav, on the same mail, with the same definitions and number of threads.
#include <vsapi/host/vsapi_host.h>

#include <csignal>
#include <iostream>

#include "bare_ways.h"
#include "cases.h"
#include "clamd_ways.h"
#include "engine_way.h"
#include "rspamd_way.h"

namespace vsapi::bench {
namespace {

void MeasureSideBySide(Run& run, const MarkerDefinitions& definitions) {
  Clamd clamd(definitions.path(), Clamd::ReloadMode::kConcurrent);
  Ways ways;
  ways.push_back(MakeLimit(definitions));
  ways.push_back(MakeCyrusPass(definitions));
  for (const Transfer transfer : {Transfer::kFile, Transfer::kStream}) {
    ways.push_back(MakeClamdLone(transfer, clamd));
    ways.push_back(MakeClamdSession(transfer, clamd));
  }
  ways.push_back(MakeClamdscan(clamd));
  ways.push_back(MakeRspamd(clamd));
  for (const Isolation isolation : {Isolation::kNone, Isolation::kProcess})
    ways.push_back(MakeEngine(isolation, run.mail, definitions));
  MeasureThroughput(run, ways);
  MeasureWaits(run, ways);
  MeasureRecipients(run, ways);
}

// One at a time, so that memory is of one scanner alone.
void MeasureReloads(Run& run, MarkerDefinitions& definitions) {
  for (const auto mode : {Clamd::ReloadMode::kConcurrent, Clamd::ReloadMode::kBlocking}) {
    // It waits for its idle threads to end by themselves, which takes the IdleTimeout: 30 s.
    if (run.options.is_short && mode == Clamd::ReloadMode::kBlocking) continue;
    MeasureReload(
        run, [&] { return MakeReloadingClamd(definitions.path(), mode); }, definitions);
  }
  for (const Isolation isolation : {Isolation::kNone, Isolation::kProcess})
    MeasureReload(
        run, [&] { return MakeEngine(isolation, run.mail, definitions); }, definitions);
}

// Before a scanner that gives no answer is replaced.
std::chrono::seconds Patience(const Run& run) {
  return std::chrono::seconds(run.options.is_short ? 2 : 5);
}

// Our DLL fails on a content by itself, in worker processes: in the host's own process there is
// nothing to show, for a crash there takes the store with it. clamd is brought down from outside by
// `inflict`, and started again as a service manager would.
void MeasureFault(Run& run, const MarkerDefinitions& definitions, Fault fault,
                  const std::function<void(const Clamd&)>& inflict) {
  {
    Clamd clamd(definitions.path(), Clamd::ReloadMode::kConcurrent);
    const auto way = MakeClamdLone(Transfer::kFile, clamd, Patience(run));
    MeasureFaults(run, *way, fault, [&] {
      inflict(clamd);
      clamd.Replace();
    });
  }
  MeasureFaults(run, *MakeFaultyEngine(run.mail, definitions, Patience(run)), fault);
}

void MeasureAllFaults(Run& run, const MarkerDefinitions& definitions) {
  MeasureFault(run, definitions, Fault::kCrash, [](const Clamd& clamd) { clamd.Signal(SIGSEGV); });
  // Nobody but its clients sees that clamd hangs: that it is killed at all is more than most
  // installations do.
  MeasureFault(run, definitions, Fault::kHang, [&run](const Clamd& clamd) {
    clamd.Signal(SIGSTOP);
    std::this_thread::sleep_for(Patience(run));
    clamd.Signal(SIGKILL);
  });
}

void Measure(const SectionOptions& options) {
  Records records(options, "daemons");
  Mailboxes mail(options.is_short);
  for (const DefinitionsShape& shape : {kSmall, kLarge}) {
    Run run{options, records, mail, shape.name};
    MarkerDefinitions definitions(shape);
    MeasureSideBySide(run, definitions);
    MeasureReloads(run, definitions);
    MeasureAllFaults(run, definitions);
    if (options.is_short) return;  // the others take no other code
  }
}

}  // namespace
}  // namespace vsapi::bench

int main(int argc, char** argv) try {
  using namespace vsapi::bench;
  vsapi_keep_freed_memory();
  Measure(ParseSectionOptions(argc, argv, "The engine beside clamd, clamdscan and Cyrus' way"));
  return 0;
} catch (const std::exception& problem) {
  std::cerr << problem.what() << '\n';
  return 1;
}
