// SPDX-License-Identifier: Apache-2.0
#include "scanner.h"

#include <atomic>

#include "stamp.h"
#include "text.h"
#include "words.h"

namespace vsapi::engine {
namespace {

constexpr int kTries = 3;

bool IsWorthAnotherTry(int32_t status) {
  return status == VSAPI_E_BUSY || status == VSAPI_E_READ_FAILED;
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

std::string TextProperty(ScanContent& content, uint32_t id) {
  vsapi_value value = {};
  value.struct_size = sizeof value;
  if (content.Property(id, 0, &value) != VSAPI_OK || value.type != VSAPI_TYPE_TEXT) return "";
  return CleanLine({value.text, value.text_size}, 1000);
}

EventLog::Fields MessageDetails(ScanContent& content) {
  static constexpr std::pair<const char*, uint32_t> kDetails[] = {
      {"sender", VSAPI_PROPERTY_SENDER},
      {"recipient", VSAPI_PROPERTY_RECIPIENT},
      {"subject", VSAPI_PROPERTY_SUBJECT},
      {"message_id", VSAPI_PROPERTY_MESSAGE_ID},
      {"mailbox", VSAPI_PROPERTY_MAILBOX},
      {"folder", VSAPI_PROPERTY_FOLDER_PATH},
      {"part", VSAPI_PROPERTY_PART_PATH},
      {"name", VSAPI_PROPERTY_ATTACHMENT_NAME},
      {"content_type", VSAPI_PROPERTY_CONTENT_TYPE}};
  EventLog::Fields fields;
  for (const auto& [name, id] : kDetails)
    if (std::string text = TextProperty(content, id); !text.empty())
      fields.emplace_back(name, text);
  return fields;
}

}  // namespace

void CountRelease(Counters& counters, Condition condition) {
  if (condition == Condition::kEncrypted) counters.Add(Counter::kReleasedEncrypted);
  if (condition == Condition::kUnsupported) counters.Add(Counter::kReleasedUnsupported);
  if (condition == Condition::kDisabled) counters.Add(Counter::kReleasedDisabled);
}

// What a scan came to, and how far it is applied.
struct Scanner::Settlement {
  std::shared_ptr<Generation> generation;
  std::shared_ptr<const ScanReport> report;
  Condition condition = Condition::kFailed;
  int32_t reason = VSAPI_REASON_SCANNED;
  bool cancelled = false;
  PolicySettings policy;
  vsapi_stamp stamp = {};
  std::vector<int32_t> results;         // per target that was applied
  std::atomic<size_t> outstanding = 0;  // durable writes on their way

  bool item_scoped() const { return report->scope == VSAPI_SCOPE_ITEM; }
  const char* finding() const { return report->name(); }
};

Scanner::Scanner(InFlight& in_flight, Generations& generations, Clock& clock, EventLog& events,
                 Counters& counters)
    : in_flight_(in_flight),
      generations_(generations),
      clock_(clock),
      events_(events),
      counters_(counters) {}

void Scanner::Run(ScanRequest& request, size_t session) {
  const Duration queue_wait = clock_.Now() - request.queued_at;
  InFlight::Claim claim = in_flight_.Begin(request, [this] { return generations_.current(); });
  if (!claim.generation) return FinishWithoutVendor(request);
  if (const auto known = JudgedAlready(claim)) {
    claim.generation.reset();
    return Settle(request, known);
  }

  std::unique_ptr<ScanContent> content;
  int32_t opened = VSAPI_OK;
  if (!OpenFirst(request, claim, content, opened)) return LetGo(std::move(claim.generation));

  ScanReport report;
  report.status = opened;
  if (opened == VSAPI_OK) report = Scan(request, claim, *content, session);
  const auto settlement = Judge(request, std::move(claim.generation), std::move(report));
  Count(*settlement, content ? content->size() : 0, queue_wait);
  Announce(*settlement, claim.target, content.get());
  content.reset();
  Settle(request, settlement);
}

// Opens the first target that is there and can be read; true with a status of failure if the last
// one can't be. False if none is there any more, and the request is finished.
bool Scanner::OpenFirst(ScanRequest& request, InFlight::Claim& claim,
                        std::unique_ptr<ScanContent>& content, int32_t& status) {
  for (;;) {
    status = claim.target.mdb->OpenContent(claim.target.item, content);
    if (status == VSAPI_OK) return true;
    const bool failed = status != VSAPI_E_GONE && status != VSAPI_E_CHANGED;
    const auto next =
        failed ? in_flight_.DropFirstOfMany(
                     request, MakeDecision(VSAPI_ANSWER_UNAVAILABLE, VSAPI_REASON_READ_FAILED))
               : in_flight_.DropFirst(request, NotThere(status));
    if (!next) return failed;
    claim.target = *next;
  }
}

// Another request may have judged the same content between the caller's look at the stamp and now.
std::shared_ptr<Scanner::Settlement> Scanner::JudgedAlready(const InFlight::Claim& claim) {
  vsapi_stamp stamp = {};
  if (claim.target.mdb->ReadStamp(claim.target.item, stamp) != VSAPI_OK) return nullptr;
  const bool is_current = IsCurrent(stamp, claim.generation->identity());
  if (!is_current || stamp.verdict == VSAPI_VERDICT_CLEANED) return nullptr;
  ScanReport report;
  report.status = VSAPI_OK;
  report.verdict = stamp.verdict;
  report.scope = stamp.scope;
  if (*stamp.finding != '\0')
    report.findings.push_back({VSAPI_FINDING_THREAT, FindingOf(stamp), ""});
  auto settlement = std::make_shared<Settlement>();
  settlement->generation = claim.generation;
  settlement->report = std::make_shared<const ScanReport>(std::move(report));
  settlement->condition = ConditionOf(stamp.verdict);
  settlement->reason = VSAPI_REASON_STAMP;
  settlement->policy = generations_.settings().Policy();
  settlement->stamp = stamp;
  return settlement;
}

ScanReport Scanner::Scan(ScanRequest& request, const InFlight::Claim& claim, ScanContent& content,
                         size_t session) {
  const ScanJob job{.content = content,
                    .cancelled = request.cancelled,
                    .number = request.number,
                    .access = claim.access,
                    .lane = claim.access <= VSAPI_ACCESS_TRANSPORT ? Lane::kHigh : Lane::kLow,
                    .budget = std::chrono::seconds(generations_.settings().vendor_timeout_s)};
  ScanReport report = claim.generation->vendor().Scan(session, job);
  for (int tried = 1; tried < kTries && IsWorthAnotherTry(report.status); ++tried)
    report = claim.generation->vendor().Scan(session, job);
  return report;
}

std::shared_ptr<Scanner::Settlement> Scanner::Judge(ScanRequest& request,
                                                    std::shared_ptr<Generation> generation,
                                                    ScanReport report) {
  auto settlement = std::make_shared<Settlement>();
  const bool judged = report.status == VSAPI_OK;
  settlement->condition = judged ? ConditionOf(report.verdict) : Condition::kFailed;
  settlement->cancelled = !judged && request.cancelled.load(std::memory_order_relaxed);
  if (!judged)
    settlement->reason =
        report.status == VSAPI_E_READ_FAILED ? VSAPI_REASON_READ_FAILED : VSAPI_REASON_FAILED;
  settlement->policy = generations_.settings().Policy();
  settlement->stamp = MakeStamp(generation->identity(), report.verdict, report.scope, report.name(),
                                clock_.WallNs());
  settlement->generation = std::move(generation);
  settlement->report = std::make_shared<const ScanReport>(std::move(report));
  return settlement;
}

// Applies the result to every target, also to those that join while it is being written, then
// answers the waiters. Comes back here from the writer's thread after a durable write.
void Scanner::Settle(ScanRequest& request, const std::shared_ptr<Settlement>& settlement) {
  const auto decide = [&](size_t target, int32_t access) {
    return Decide(*settlement, target, access);
  };
  do {
    const auto targets =
        in_flight_.TargetsFrom(request, settlement->results.size(), settlement->item_scoped());
    if (!targets.empty() && !ApplyTo(request, settlement, targets)) return;
  } while (
      !in_flight_.Finish(request, settlement->results.size(), settlement->item_scoped(), decide));
  LetGo(std::move(settlement->generation));
}

// False if the request goes on when the outcomes have been written.
bool Scanner::ApplyTo(ScanRequest& request, const std::shared_ptr<Settlement>& settlement,
                      const std::vector<Target>& targets) {
  if (!settlement->cancelled && ChangesOrDenies(settlement->condition)) {
    WriteDurably(request, settlement, targets);
    return false;
  }
  for (const Target& target : targets) {
    if (!settlement->cancelled) target.mdb->Write(Draft(*settlement, target));
    settlement->results.push_back(VSAPI_OK);
  }
  return true;
}

void Scanner::WriteDurably(ScanRequest& request, const std::shared_ptr<Settlement>& settlement,
                           const std::vector<Target>& targets) {
  const size_t first = settlement->results.size();
  settlement->results.resize(first + targets.size(), VSAPI_OK);
  settlement->outstanding = targets.size();
  for (size_t i = 0; i < targets.size(); ++i) {
    OutcomeDraft outcome = Draft(*settlement, targets[i]);
    outcome.done = [this, &request, settlement, at = first + i](int32_t result) {
      settlement->results[at] = result;
      if (settlement->outstanding.fetch_sub(1) == 1) Settle(request, settlement);
    };
    targets[i].mdb->Write(std::move(outcome));
  }
}

OutcomeDraft Scanner::Draft(const Settlement& settlement, const Target& target) const {
  OutcomeDraft outcome;
  outcome.item = target.item;
  outcome.action = ActionFor(settlement.condition, settlement.policy);
  outcome.report = settlement.report;
  if (outcome.action != VSAPI_ACTION_ATTEMPT) {
    outcome.stamp = settlement.stamp;
    outcome.is_outdated = settlement.stamp.generation < generations_.identity().generation;
    return outcome;
  }
  outcome.attempt.count = 1;
  outcome.attempt.not_before_ns = clock_.WallNs() + Duration(kAttemptPause).count();
  outcome.attempt.definitions = settlement.stamp.definitions;
  return outcome;
}

vsapi_decision Scanner::Decide(const Settlement& settlement, size_t target, int32_t access) {
  const int32_t result = settlement.results[target];
  if (result == VSAPI_E_GONE || result == VSAPI_E_CHANGED) return NotThere(result);
  if (settlement.cancelled)
    return MakeDecision(VSAPI_ANSWER_IN_PROGRESS, VSAPI_REASON_SHUTTING_DOWN);
  // What the client has in hand is the infected content: it must read the cleaned one.
  if (settlement.condition == Condition::kCleaned)
    return result == VSAPI_OK ? NotThere(VSAPI_E_CHANGED)
                              : MakeDecision(VSAPI_ANSWER_DENY_INFECTED, VSAPI_REASON_SCANNED,
                                             VSAPI_VERDICT_INFECTED, settlement.finding());
  // Transport would reject for good what is not on disk.
  if (result != VSAPI_OK && access == VSAPI_ACCESS_TRANSPORT)
    return MakeDecision(VSAPI_ANSWER_UNAVAILABLE, VSAPI_REASON_FAILED, settlement.report->verdict,
                        settlement.finding());
  CountRelease(counters_, settlement.condition);
  int32_t answer = AnswerFor(settlement.condition, access, settlement.policy);
  // "Deleted" is final: nobody asks again. A message that is still there is denied.
  if (answer == VSAPI_ANSWER_DELETED && result != VSAPI_OK) answer = VSAPI_ANSWER_DENY_INFECTED;
  return MakeDecision(answer, settlement.reason, settlement.report->verdict, settlement.finding());
}

// Enabled was set to 0, or the vendor lost, while the request was queued.
void Scanner::FinishWithoutVendor(ScanRequest& request) {
  const bool enabled = generations_.identity().enabled;
  const Condition condition = enabled ? Condition::kNoVendor : Condition::kDisabled;
  const int32_t reason = enabled ? VSAPI_REASON_NO_VENDOR : VSAPI_REASON_DISABLED;
  const auto decide = [&](size_t, int32_t access) {
    CountRelease(counters_, condition);
    return MakeDecision(AnswerFor(condition, access, {}), reason);
  };
  while (!in_flight_.Finish(request, in_flight_.TargetsFrom(request, 0, false).size(), false,
                            decide)) {
  }
}

void Scanner::LetGo(std::shared_ptr<Generation> generation) {
  const Generation* const mine = generation.get();
  generation.reset();  // first: the control thread looks only once after it is told
  if (generations_.current().get() != mine) generations_.Retired();
}

void Scanner::Count(const Settlement& settlement, uint64_t bytes, Duration queue_wait) {
  counters_.Add(Counter::kFilesScanned);
  counters_.Add(Counter::kBytesScanned, bytes);
  counters_.Add(Counter::kQueueWaitNs, static_cast<uint64_t>(queue_wait.count()));
  counters_.Add(Counter::kVendorNs, static_cast<uint64_t>(settlement.report->vendor_time.count()));
  const int32_t action = ActionFor(settlement.condition, settlement.policy);
  if (settlement.condition == Condition::kInfected) counters_.Add(Counter::kFilesInfected);
  if (settlement.condition == Condition::kCleaned) counters_.Add(Counter::kFilesCleaned);
  if (settlement.condition == Condition::kFailed) counters_.Add(Counter::kScansFailed);
  if (action == VSAPI_ACTION_QUARANTINE) counters_.Add(Counter::kFilesQuarantined);
}

void Scanner::Announce(const Settlement& settlement, const Target& target, ScanContent* content) {
  if (!events_.wanted() || settlement.cancelled) return;
  const ScanReport& report = *settlement.report;
  const std::string why = report.text.empty() ? "" : ": " + report.text;
  const bool is_worth_details = content != nullptr && settlement.condition != Condition::kClean;
  EventLog::Fields fields = is_worth_details ? MessageDetails(*content) : EventLog::Fields{};
  fields.emplace_back("mdb", target.mdb->name());
  fields.emplace_back("digest", Hex(target.item.digest.bytes, sizeof target.item.digest.bytes));
  fields.emplace_back("vendor", settlement.stamp.vendor);
  fields.emplace_back("verdict", VerdictText(report.verdict));
  fields.emplace_back("finding", report.name());
  switch (settlement.condition) {
    case Condition::kClean:
      return events_.Log(EventId::kItemScanned, "scanned: clean", std::move(fields));
    case Condition::kFailed:
      return events_.Log(EventId::kScanFailed,
                         "an item could not be scanned (" +
                             std::string(ReasonText(settlement.reason)) + ")" + why +
                             "; it stays unscanned and is tried again when it is opened",
                         std::move(fields));
    case Condition::kEncrypted:
    case Condition::kUnsupported:
    case Condition::kOverLimit:
    case Condition::kMalformed:
      return events_.Log(EventId::kNotJudged,
                         std::string("not judged: ") + VerdictText(report.verdict) + why,
                         std::move(fields));
    default:
      return events_.Log(EventId::kVirusFound,
                         std::string(VerdictText(report.verdict)) + ": " + report.name() + why,
                         std::move(fields));
  }
}

}  // namespace vsapi::engine
