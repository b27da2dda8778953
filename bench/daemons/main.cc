// SPDX-License-Identifier: Apache-2.0
//
// A section of bench/compare.sh: the engine beside what a user would install today to have mail
// scanned by libclamav, on the same mail, with the same definitions and number of threads.
#include <csignal>
#include <iostream>

#include "bare_ways.h"
#include "cases.h"
#include "clamd_ways.h"
#include "engine_way.h"
#include "rspamd_way.h"

namespace vsapi::bench {
namespace {

constexpr std::chrono::seconds kHangPatience(
    2);  // before a scanner that gives no answer is replaced

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

// The DLL crashes on a content by itself. clamd gets the signal that it would have got, and is
// started again as a service manager would. In the host's process nothing can be shown: a crash
// there takes the store with it.
void MeasureCrashes(Run& run, const MarkerDefinitions& definitions) {
  {
    Clamd clamd(definitions.path(), Clamd::ReloadMode::kConcurrent);
    MeasureFaults(run, *MakeClamdLone(Transfer::kFile, clamd, kHangPatience), Fault::kCrash, [&] {
      clamd.Signal(SIGSEGV);
      clamd.Replace();
    });
  }
  MeasureFaults(run, *MakeEngine(Isolation::kProcess, run.mail, definitions, Faults::kByContent),
                Fault::kCrash);
}

// Nobody but its clients sees that clamd hangs: here it is killed after the patience that the
// engine has with a vendor, which few installations do.
void MeasureHangs(Run& run, const MarkerDefinitions& definitions) {
  {
    Clamd clamd(definitions.path(), Clamd::ReloadMode::kConcurrent);
    MeasureFaults(run, *MakeClamdLone(Transfer::kFile, clamd, kHangPatience), Fault::kHang, [&] {
      clamd.Signal(SIGSTOP);
      std::this_thread::sleep_for(kHangPatience);
      clamd.Signal(SIGKILL);
      clamd.Replace();
    });
  }
  MeasureFaults(run, *MakeEngine(Isolation::kProcess, run.mail, definitions, Faults::kByContent),
                Fault::kHang);
}

void Measure(const SectionOptions& options) {
  Records records(options, "daemons");
  Mailboxes mail(options.is_short);
  for (const DefinitionsShape& shape : {kSmall, kLarge}) {
    Run run{options, records, mail, shape.name};
    MarkerDefinitions definitions(shape);
    MeasureSideBySide(run, definitions);
    MeasureReloads(run, definitions);
    MeasureCrashes(run, definitions);
    MeasureHangs(run, definitions);
    if (options.is_short) return;  // the others take no other code
  }
}

}  // namespace
}  // namespace vsapi::bench

int main(int argc, char** argv) try {
  using namespace vsapi::bench;
  Measure(ParseSectionOptions(argc, argv, "The engine beside clamd, clamdscan and Cyrus' way"));
  return 0;
} catch (const std::exception& problem) {
  std::cerr << problem.what() << '\n';
  return 1;
}
