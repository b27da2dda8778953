// SPDX-License-Identifier: Apache-2.0
#include "scanner.h"

#include <algorithm>
#include <atomic>
#include <new>

#include "settlement.h"
#include "stamp.h"
#include "timed_content.h"
#include "words.h"

namespace vsapi::engine {
namespace {

constexpr int kTries = 3;
// A try with less time than this, or than half of all, would only be blamed for hanging.
constexpr Duration kLeastTime = std::chrono::seconds(5);

bool IsWorthAnotherTry(const ScanReport& report) {
  return report.status == VSAPI_E_BUSY || report.status == VSAPI_E_READ_FAILED ||
         (report.fault && report.fault->is_worth_another_try);
}

bool ChangesOrDenies(Condition condition) {
  switch (condition) {
    case Condition::kClean:
    case Condition::kEncrypted:
    case Condition::kUnsupported:
    case Condition::kFailed:
      return false;
    default:
      return true;
  }
}

ScanReport PoisonReport() {
  ScanReport report;
  report.status = VSAPI_E_BUSY;
  report.is_untried = true;
  report.text =
      "it has brought down or kept its scanner before, and there is no worker process for it";
  return report;
}

// For an item whose content the store did not give, and said that.
ScanReport UnreadReport(int32_t status) {
  ScanReport report;
  report.status = VSAPI_E_READ_FAILED;
  if (status != VSAPI_E_READ_FAILED) report.text = "the store says: " + StatusText(status);
  return report;
}

// A newer generation of the same vendor and definitions would judge the same.
bool IsAsOfNow(const vsapi_stamp& stamp, const Identity& now) {
  return stamp.generation == now.generation ||
         (IsCurrent(stamp, now) && SameDigest(stamp.definitions, now.definitions));
}

}  // namespace

// A settlement that waits for its writes. Its drafts hold it, so it lives until the last one is
// done.
class Scanner::Durable : public std::enable_shared_from_this<Durable> {
 public:
  Durable(Scanner& scanner, ScanRequest& request, Settlement&& settlement)
      : scanner_(scanner), request_(request), settlement_(std::move(settlement)) {}

  void Write(const Targets& targets) {
    size_t count = 0;
    targets.ForEach([&](const Target&) { ++count; });
    targets_ = targets;
    outstanding_ = count;
    const std::shared_ptr<const ScanReport> report(shared_from_this(), &settlement_.report);
    targets.ForEach([&](Target& target) {
      OutcomeDraft outcome = scanner_.Draft(settlement_, target);
      outcome.report = report;
      outcome.done = [this, &target](int32_t result) { Written(target, result); };
      target.mdb->Write(std::move(outcome));
    });
  }

 private:
  void Written(Target& target, int32_t result) {
    target.result = result;
    if (outstanding_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    settlement_.times.durable = scanner_.clock_.Now();
    const Targets joined = scanner_.Release(request_, settlement_, targets_);
    if (!joined.empty()) return Write(joined);
    scanner_.LetGo(settlement_.generation);
  }

  Scanner& scanner_;
  ScanRequest& request_;
  Settlement settlement_;
  Targets targets_;
  std::atomic<size_t> outstanding_ = 0;  // the last decrement publishes all results
};

// Tells others which low request this thread scans, so that they can lift it.
class Scanner::LowScan {
 public:
  explicit LowScan(const Taken& taken, Worker& worker)
      : worker_(worker),
        is_low_(!taken.is_second && worker.is_low() && taken.request->lane == Lane::kLow) {
    if (is_low_) worker_.BeginLow(taken.request->number);
  }
  ~LowScan() {
    if (is_low_) worker_.EndLow();
  }
  LowScan(const LowScan&) = delete;
  LowScan& operator=(const LowScan&) = delete;

 private:
  Worker& worker_;
  const bool is_low_;
};

Scanner::Scanner(InFlight& in_flight, Generations& generations, ScanSlots& slots, Poison& poison,
                 Faults& faults, Clock& clock, EventLog& events, Counters& counters,
                 Histograms& histograms)
    : in_flight_(in_flight),
      generations_(generations),
      slots_(slots),
      poison_(poison),
      clock_(clock),
      events_(events),
      counters_(counters),
      accounts_(in_flight, faults, clock, events, counters, histograms) {}

Scanner::Ran Scanner::Run(const Taken& taken, Worker& worker) noexcept {
  const LowScan low(taken, worker);
  ScanRun run(taken, worker);
  try {
    return Work(run);
  } catch (const std::exception& failure) {
    HandBack(run, failure.what());
    return Ran::kNothing;
  }
}

Scanner::Ran Scanner::Work(ScanRun& run) {
  generations_.AwaitLoaded();
  if (!in_flight_.Begin(run, [this] { return generations_.current(); })) return Ran::kNothing;
  if (!run.generation) {
    FinishWithoutVendor(run);
    return Ran::kNothing;
  }
  run.times.taken = clock_.Now();
  Settlement settlement;
  std::optional<Mdb::Content> content;
  if (!JudgedAlready(run, settlement)) {
    int32_t opened = VSAPI_OK;
    if (!OpenFirst(run, content, opened)) {
      LetGo(run.generation);
      return Ran::kNothing;
    }
    if (opened == VSAPI_OK)
      settlement.report = run.is_traced ? ScanTraced(run, *content) : Scan(run, *content);
    if (opened != VSAPI_OK) settlement.report = UnreadReport(opened);
    Judge(run, settlement);
  }
  const Targets targets = in_flight_.Claim(run, settlement.judged(), settlement.item_scoped());
  if (targets.empty()) {
    LetGo(run.generation);
    return Ran::kNothing;
  }
  settlement.generation = std::move(run.generation);
  settlement.times = run.times;
  settlement.times.called = settlement.report.called;
  settlement.times.returned = settlement.report.returned;
  const Ran ran = RanTo(settlement);
  if (settlement.is_new) accounts_.Scanned(settlement, run, content ? &*content : nullptr);
  content.reset();
  Settle(run.request(), settlement, targets);
  return ran;
}

Scanner::Ran Scanner::RanTo(const Settlement& settlement) {
  if (!settlement.is_new || !settlement.report.was_called()) return Ran::kNothing;
  switch (settlement.condition) {
    case Condition::kInfected:
    case Condition::kCleaned:
    case Condition::kDeleteMessage:
    case Condition::kSuspicious:
      return Ran::kFound;
    default:
      return Ran::kScanned;
  }
}

// Opens the first target that is there and can be read; true with a status of failure if the last
// one can't be. False if none is there any more, and nothing is left to do.
bool Scanner::OpenFirst(ScanRun& run, std::optional<Mdb::Content>& content, int32_t& status) {
  for (;;) {
    status = run.mdb->OpenContent(run.item, content, run.client);
    if (status == VSAPI_OK) return true;
    const bool failed = !IsNotThere(status);
    const vsapi_decision decision =
        failed ? MakeDecision(VSAPI_ANSWER_UNAVAILABLE, VSAPI_REASON_READ_FAILED)
               : NotThere(status);
    const auto dropped = in_flight_.DropItem(run, failed, decision);
    if (dropped != InFlight::Dropped::kNext) return dropped == InFlight::Dropped::kLast;
  }
}

// Another request may have judged the same content between the caller's look at the stamp and now.
// What is not recent is scanned whoever asks: background may have joined.
bool Scanner::JudgedAlready(const ScanRun& run, Settlement& settlement) {
  vsapi_stamp& stamp = settlement.stamp;
  if (run.mdb->ReadStamp(run.item, stamp) != VSAPI_OK) return false;
  const bool is_current = IsCurrent(stamp, run.generation->identity()) &&
                          IsRecent(stamp, generations_.background_since());
  if (!is_current || stamp.verdict == VSAPI_VERDICT_CLEANED) return false;
  settlement.report.status = VSAPI_OK;
  settlement.report.verdict = stamp.verdict;
  settlement.report.scope = stamp.scope;
  if (*stamp.finding != '\0')
    settlement.report.findings.push_back({VSAPI_FINDING_THREAT, FindingOf(stamp), ""});
  settlement.condition = ConditionOf(stamp.verdict);
  settlement.reason = VSAPI_REASON_STAMP;
  settlement.is_new = false;
  settlement.policy = generations_.settings().Policy();
  return true;
}

ScanReport Scanner::Scan(const ScanRun& run, ScanContent& content) {
  const size_t session = run.worker.session();
  const ScanJob job{.content = content,
                    .cancelled = run.cancelled,
                    .number = run.number,
                    .access = run.access,
                    .lane = run.is_urgent ? Lane::kHigh : Lane::kLow,
                    .budget = std::chrono::seconds(generations_.settings().vendor_timeout_s),
                    .digest = run.item.digest,
                    .judge = run.generation->judge(),
                    .slot = slots_.of(session)};
  Generation& generation = *run.generation;
  const bool is_poison = poison_.Has(job.digest, job.judge);
  Vendor* const vendor = is_poison ? generation.isolated() : &generation.vendor();
  if (vendor == nullptr) {
    generations_.WantIsolated();
    return PoisonReport();
  }
  if (session >= vendor->sessions()) return {};  // a second scan after a resize
  return ScanBy(*vendor, run, job, is_poison);
}

// Poison gets one try. All tries together have the time of one in the vendor: what they wait for,
// a serial vendor's gate or another worker, costs them none. What brought down a worker stays
// suspected until it is judged, whatever the last try says.
ScanReport Scanner::ScanBy(Vendor& vendor, const ScanRun& run, ScanJob job, bool is_poison) {
  const size_t session = run.worker.session();
  const Duration whole = job.budget;
  const Duration least = std::min(kLeastTime, whole / 2);
  ScanReport report = vendor.Scan(session, job);
  accounts_.Lost(run, report);
  bool has_faulted = report.fault != nullptr;
  const int tries = is_poison ? 1 : kTries;
  for (int tried = 1; tried < tries && IsWorthAnotherTry(report); ++tried) {
    job.budget = whole - report.in_vendor;
    if (job.budget < least) break;
    const ScanReport before = std::move(report);
    report = vendor.Scan(session, job);
    accounts_.Lost(run, report);
    has_faulted = has_faulted || report.fault != nullptr;
    if (before.was_called()) report.called = before.called;
    report.in_vendor += before.in_vendor;
    if (report.returned == TimePoint()) report.returned = before.returned;  // not let in again
  }
  if (has_faulted && report.status != VSAPI_OK && !is_poison && !run.cancelled)
    poison_.Add(job.digest, job.judge, "makes worker processes die or hang");
  return report;
}

ScanReport Scanner::ScanTraced(ScanRun& run, ScanContent& content) {
  run.times.opened = clock_.Now();
  TimedContent timed(content, clock_);
  ScanReport report = Scan(run, timed);
  run.times.reading = timed.reading();
  return report;
}

void Scanner::Judge(const ScanRun& run, Settlement& settlement) {
  const ScanReport& report = settlement.report;
  const bool judged = settlement.judged();
  settlement.condition = judged ? ConditionOf(report.verdict) : Condition::kFailed;
  settlement.cancelled = !judged && run.cancelled.load(std::memory_order_relaxed);
  if (!judged)
    settlement.reason =
        report.status == VSAPI_E_READ_FAILED ? VSAPI_REASON_READ_FAILED : VSAPI_REASON_FAILED;
  settlement.policy = generations_.settings().Policy();
  settlement.stamp = MakeStamp(run.generation->identity(), report.verdict, report.scope,
                               report.name(), clock_.WallNs());
}

// Applies the result to every target, also to those that join while it is being written, then
// answers the waiters. What must be durable goes on on the writers' threads.
void Scanner::Settle(ScanRequest& request, Settlement& settlement, Targets targets) {
  try {
    if (!settlement.cancelled && ChangesOrDenies(settlement.condition))
      return std::make_shared<Durable>(*this, request, std::move(settlement))->Write(targets);
    for (; !targets.empty(); targets = Release(request, settlement, targets))
      targets.ForEach([&](const Target& target) {
        if (settlement.is_undone()) target.mdb->LeaveUndone();
        if (settlement.leaves_mark()) target.mdb->Write(Draft(settlement, target));
      });
  } catch (const std::bad_alloc& failure) {
    AnswerFailed(request, targets, failure.what());
  }
  LetGo(settlement.generation);
}

// Answers the waiters of `applied`; gives the targets that joined meanwhile.
Targets Scanner::Release(ScanRequest& request, const Settlement& settlement,
                         const Targets& applied) {
  accounts_.Applied(settlement, applied);
  WaiterList answered;
  const Targets joined = in_flight_.Finish(request, applied, settlement.item_scoped(), answered);
  Answer(answered, [&](const Waiter& waiter) { return Decide(settlement, waiter); });
  return joined;
}

OutcomeDraft Scanner::Draft(const Settlement& settlement, const Target& target) const {
  OutcomeDraft outcome{.item = target.item,
                       .action = ActionFor(settlement.condition, settlement.policy)};
  const ScanReport& report = settlement.report;
  if (!ChangesOrDenies(settlement.condition) && (!report.findings.empty() || !report.text.empty()))
    outcome.report = std::make_shared<const ScanReport>(report);
  if (outcome.action != VSAPI_ACTION_ATTEMPT) {
    outcome.stamp = settlement.stamp;
    const uint64_t since = settlement.generation->identity().since_generation;
    outcome.since = settlement.stamp.generation >= since ? since : 0;
    outcome.is_outdated = !IsAsOfNow(settlement.stamp, generations_.identity());
    return outcome;
  }
  outcome.attempt.count = 1;
  outcome.attempt.not_before_ns = clock_.WallNs() + Duration(kAttemptPause).count();
  outcome.attempt.definitions = settlement.stamp.definitions;
  return outcome;
}

vsapi_decision Scanner::Decide(const Settlement& settlement, const Waiter& waiter) {
  Traces& traces = waiter.ticket->traces;
  if (traces.wanted()) traces.Scanned(waiter.slot, settlement.times);
  const int32_t result = waiter.result;
  const int32_t verdict = settlement.report.verdict;
  if (IsNotThere(result)) return NotThere(result);
  if (settlement.cancelled)
    return MakeDecision(VSAPI_ANSWER_IN_PROGRESS, VSAPI_REASON_SHUTTING_DOWN);
  // What the client has in hand is the infected content: it must read the cleaned one.
  if (settlement.condition == Condition::kCleaned)
    return result == VSAPI_OK ? NotThere(VSAPI_E_CHANGED)
                              : MakeDecision(VSAPI_ANSWER_DENY_INFECTED, VSAPI_REASON_SCANNED,
                                             VSAPI_VERDICT_INFECTED, settlement.finding());
  // Transport would reject for good what is not on disk.
  if (result != VSAPI_OK && waiter.access == VSAPI_ACCESS_TRANSPORT)
    return MakeDecision(VSAPI_ANSWER_UNAVAILABLE, VSAPI_REASON_FAILED, verdict,
                        settlement.finding());
  CountRelease(counters_, settlement.condition);
  int32_t answer = AnswerFor(settlement.condition, waiter.access, settlement.policy);
  // "Deleted" is final: nobody asks again. A message that is still there is denied.
  if (answer == VSAPI_ANSWER_DELETED && result != VSAPI_OK) answer = VSAPI_ANSWER_DENY_INFECTED;
  return MakeDecision(answer, settlement.reason, verdict, settlement.finding());
}

template <class Says>
void Scanner::AnswerAll(ScanRequest& request, Targets targets, Says says) {
  while (!targets.empty()) {
    WaiterList answered;
    targets = in_flight_.Finish(request, targets, false, answered);
    Answer(answered, says);
  }
}

// Enabled was set to 0, or the vendor lost, while the request was queued.
void Scanner::FinishWithoutVendor(ScanRun& run) {
  const bool enabled = generations_.identity().enabled;
  const Condition condition = enabled ? Condition::kNoVendor : Condition::kDisabled;
  const int32_t reason = enabled ? VSAPI_REASON_NO_VENDOR : VSAPI_REASON_DISABLED;
  AnswerAll(run.request(), in_flight_.Claim(run, false, false), [&](const Waiter& waiter) {
    CountRelease(counters_, condition);
    return MakeDecision(AnswerFor(condition, waiter.access, {}), reason);
  });
}

void Scanner::HandBack(ScanRun& run, const char* why) {
  if (const Targets targets = in_flight_.Claim(run, false, false); !targets.empty())
    AnswerFailed(run.request(), targets, why);
  LetGo(run.generation);
}

void Scanner::AnswerFailed(ScanRequest& request, const Targets& targets, const char* why) {
  counters_.Add(Counter::kScansFailed);
  AnswerAll(request, targets, [](const Waiter&) {
    return MakeDecision(VSAPI_ANSWER_UNAVAILABLE, VSAPI_REASON_FAILED);
  });
  try {
    events_.Log(EventId::kScanFailed, std::string("an item could not be scanned (") + why +
                                          "); it stays unscanned and is tried again when it is "
                                          "opened");
  } catch (const std::exception&) {
    return;  // it is counted
  }
}

// A generation that was replaced in this very moment is let go of at the control thread's next
// look.
void Scanner::LetGo(std::shared_ptr<Generation>& generation) {
  if (!generation) return;
  const uint64_t mine = generation->identity().generation;
  generation.reset();  // first: the control thread looks only once after it is told
  if (generations_.identity().generation != mine) generations_.Retired();
}

}  // namespace vsapi::engine
