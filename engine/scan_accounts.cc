// SPDX-License-Identifier: Apache-2.0
#include "scan_accounts.h"

#include <array>
#include <new>

#include "mdb.h"
#include "scan_tale.h"
#include "settlement.h"

namespace vsapi::engine {
namespace {

constexpr size_t kMostAskersTold = 8;

}  // namespace

void CountRelease(Counters& counters, Condition condition) {
  if (condition == Condition::kEncrypted) counters.Add(Counter::kReleasedEncrypted);
  if (condition == Condition::kUnsupported) counters.Add(Counter::kReleasedUnsupported);
  if (condition == Condition::kDisabled) counters.Add(Counter::kReleasedDisabled);
}

ScanAccounts::ScanAccounts(InFlight& in_flight, Clock& clock, EventLog& events, Counters& counters,
                           Histograms& histograms)
    : in_flight_(in_flight),
      clock_(clock),
      events_(events),
      counters_(counters),
      histograms_(histograms),
      messages_(counters) {}

void ScanAccounts::Scanned(const Settlement& settlement, const ScanRun& run, ScanContent* content) {
  Count(settlement, content == nullptr ? 0 : content->size());
  Time(settlement, run);
  if (!settlement.cancelled && events_.wanted(ScanEvent(settlement.condition)))
    Announce(settlement, run, content);
}

void ScanAccounts::Applied(const Settlement& settlement, const Targets& applied) {
  if (settlement.cancelled) return;
  const bool is_processed = settlement.is_new && settlement.judged();
  const uint64_t generation = settlement.stamp.generation;
  const int32_t action = ActionFor(settlement.condition, settlement.policy);
  applied.ForEach([&](const Target& target) {
    if (is_processed) messages_.Count(Counter::kMessagesProcessed, target.item, generation);
    if (target.result == VSAPI_OK && target.mdb->is_store())
      CountStored(action, target.item, generation);
  });
}

void ScanAccounts::CountStored(int32_t action, const vsapi_item& item, uint64_t generation) {
  switch (action) {
    case VSAPI_ACTION_DELETE_MESSAGE:
      return messages_.Count(Counter::kMessagesDeleted, item, generation);
    case VSAPI_ACTION_QUARANTINE:
      counters_.Add(Counter::kFilesQuarantined);
      return messages_.Count(Counter::kMessagesQuarantined, item, generation);
    case VSAPI_ACTION_REPLACE:
      counters_.Add(Counter::kFilesCleaned);
      return messages_.Count(Counter::kMessagesCleaned, item, generation);
    default:
      return;
  }
}

void ScanAccounts::Count(const Settlement& settlement, uint64_t bytes) {
  if (settlement.report.was_called()) {
    counters_.Add(Counter::kFilesScanned);
    counters_.Add(Counter::kBytesScanned, bytes);
  }
  if (settlement.condition == Condition::kInfected) counters_.Add(Counter::kFilesInfected);
  if (settlement.condition == Condition::kFailed && !settlement.cancelled)
    counters_.Add(Counter::kScansFailed);
}

void ScanAccounts::Time(const Settlement& settlement, const ScanRun& run) {
  histograms_.Add(Timing::kQueueWait, run.access, run.times.taken - run.access_since);
  if (settlement.report.was_called())
    histograms_.Add(Timing::kVendorTime, run.access, settlement.report.in_vendor);
  if (!IsClient(run.access))
    histograms_.Add(Timing::kTotalWait, run.access, clock_.Now() - run.access_since);
}

void ScanAccounts::Announce(const Settlement& settlement, const ScanRun& run,
                            ScanContent* content) {
  std::array<Asker, kMostAskersTold> askers;
  const bool is_clean = settlement.condition == Condition::kClean;
  const size_t asked = is_clean ? 0 : in_flight_.Askers(run.request(), askers);
  try {
    TellOfScan(events_, clock_,
               {.report = settlement.report,
                .condition = settlement.condition,
                .reason = settlement.reason,
                .stamp = settlement.stamp,
                .run = run,
                .content = content,
                .askers = {askers.data(), asked}});
  } catch (const std::bad_alloc&) {
    return;  // the outcome itself tells it
  }
}

}  // namespace vsapi::engine
