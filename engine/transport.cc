// SPDX-License-Identifier: Apache-2.0
#include "transport.h"

#include <algorithm>
#include <exception>
#include <thread>

#include "message_policy.h"
#include "text.h"
#include "words.h"

namespace vsapi::engine {
namespace {

constexpr unsigned kProfileWithoutWaiting = 10;

std::string CodeText(uint32_t code) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string text;
  for (; code != 0; code >>= 4) text.insert(text.begin(), kDigits[code & 15]);
  return "0x" + (text.empty() ? "0" : text);
}

}  // namespace

// One message that is asked about, with the memory for its answer: nothing fails once it is asked.
class Transport::Call {
 public:
  Call(Transport& transport, std::shared_ptr<Submission> message, const How& asked,
       vsapi_message_judged call_back, void* of_host)
      : owner(transport),
        submission(std::move(message)),
        how(asked),
        judged(call_back),
        context(of_host),
        decisions(submission->items().size()),
        answered(decisions.size()),
        parts(decisions.size()) {}

  ItemSpan items() const { return {submission->items().data(), submission->items().size()}; }

  Transport& owner;
  const std::shared_ptr<Submission> submission;
  How how;
  const vsapi_message_judged judged;
  void* const context;
  std::vector<vsapi_decision> decisions;
  std::vector<AnsweredPart> answered;
  std::vector<vsapi_part_decision> parts;
  const std::thread::id asker = std::this_thread::get_id();
  bool has_ended = false;  // of the asker's thread
};

Transport::Transport(OnDemand& on_demand, Generations& generations, Submissions& submissions,
                     MdbTable& mdbs, Clock& clock, EventLog& events, Counters& counters,
                     std::string server)
    : on_demand_(on_demand),
      generations_(generations),
      submissions_(submissions),
      mdbs_(mdbs),
      clock_(clock),
      events_(events),
      counters_(counters),
      server_(std::move(server)) {}

void Transport::Judge(const vsapi_message& message, const How& how, vsapi_message_judged judged,
                      void* context) {
  const auto call = Begin(message, how, judged, context);
  if (DecideAtOnce(*call)) return;
  if (generations_.settings().ProfileNumber() == kProfileWithoutWaiting)
    return JudgeWithoutWaiting(call);
  on_demand_.Open(call->items(), call->how.scan, call->decisions.data());
  call->submission->set_is_owned(true);
  End(*call, call->decisions.data());
}

void Transport::JudgeAsync(const vsapi_message& message, const How& how,
                           vsapi_message_judged judged, void* context) {
  const auto call = Begin(message, how, judged, context);
  if (DecideAtOnce(*call)) return;
  if (generations_.settings().ProfileNumber() == kProfileWithoutWaiting)
    return JudgeWithoutWaiting(call);
  auto held = std::make_unique<std::shared_ptr<Call>>(call);
  call->submission->set_is_owned(true);
  try {
    on_demand_.OpenAsync(call->items(), call->how.scan, Scanned, held.get());
  } catch (...) {
    call->submission->set_is_owned(false);
    throw;
  }
  static_cast<void>(held.release());  // whoever answers has it, or had it
}

void Transport::Scanned(void* call, const vsapi_decision* decisions, size_t) {
  const std::unique_ptr<std::shared_ptr<Call>> held(static_cast<std::shared_ptr<Call>*>(call));
  (*held)->owner.End(**held, decisions);
}

std::shared_ptr<Transport::Call> Transport::Begin(const vsapi_message& message, const How& how,
                                                  vsapi_message_judged judged, void* context) {
  return std::make_shared<Call>(*this, submissions_.Add(message, MdbNumber()), how, judged,
                                context);
}

bool Transport::DecideAtOnce(Call& call) {
  const Settings& settings = generations_.settings();
  const bool is_excluded = call.how.outgoing && settings.transport_exclusion != 0 &&
                           call.how.scan.access == VSAPI_ACCESS_TRANSPORT &&
                           settings.ScansTransport();
  if (!is_excluded) return false;
  counters_.Add(Counter::kReleasedExcluded, call.decisions.size());
  for (vsapi_decision& decision : call.decisions)
    decision = MakeDecision(VSAPI_ANSWER_ALLOW, VSAPI_REASON_EXCLUDED);
  call.submission->set_is_owned(true);
  End(call, call.decisions.data());
  return true;
}

// The scan goes on, and its result is there for the next try: it keeps the message as long as a
// client of later profiles would wait.
void Transport::JudgeWithoutWaiting(const std::shared_ptr<Call>& call) {
  auto held = std::make_unique<std::shared_ptr<Call>>(call);
  OnDemand::How scan = call->how.scan;
  scan.traces = nullptr;  // the caller does not wait for them
  if (scan.timeout == Duration{})
    scan.timeout = std::chrono::seconds(generations_.settings().scan_timeout_s);
  call->submission->set_is_owned(true);
  try {
    on_demand_.OpenAsync(call->items(), scan, ScannedLater, held.get());
  } catch (...) {
    call->submission->set_is_owned(false);
    throw;
  }
  static_cast<void>(held.release());
  if (call->has_ended) return;
  for (vsapi_decision& decision : call->decisions)
    decision = MakeDecision(VSAPI_ANSWER_UNAVAILABLE, VSAPI_REASON_BEING_SCANNED);
  End(*call, call->decisions.data());
}

// What is known at once comes on the asker's own thread, before that goes on.
void Transport::ScannedLater(void* call, const vsapi_decision* decisions, size_t) {
  const std::unique_ptr<std::shared_ptr<Call>> held(static_cast<std::shared_ptr<Call>*>(call));
  Call& mine = **held;
  if (mine.asker != std::this_thread::get_id() || mine.has_ended) return;
  mine.owner.End(mine, decisions);
}

// ---- The answer ---------------------------------------------------------------------------------

void Transport::End(Call& call, const vsapi_decision* decisions) noexcept {
  call.has_ended = true;
  for (size_t at = 0; at < call.parts.size(); ++at) {
    call.parts[at] = PartOf(call, at, decisions[at]);
    call.answered[at] = {call.submission->items()[at].kind, call.parts[at].answer,
                         call.parts[at].replacement != nullptr};
  }
  const MessageFate fate = FateOf(call.answered, generations_.settings().ForInfectedMessages());
  for (size_t at = 0; at < call.parts.size(); ++at) SetAction(call, fate, at);
  vsapi_message_decision decision = DecisionOf(call, fate);
  GiveUpIfDue(call, decision);
  Count(decision);
  Tell(call, decision);
  call.judged(call.context, &decision);
}

void Transport::SetAction(Call& call, const MessageFate& fate, size_t at) {
  vsapi_part_decision& part = call.parts[at];
  part.action = PartActionFor(fate, call.answered, at);
  if (part.action == VSAPI_ACTION_REPLACE) return;
  part.replacement = nullptr;
  part.replacement_size = 0;
}

vsapi_message_decision Transport::DecisionOf(const Call& call, const MessageFate& fate) {
  const vsapi_part_decision& decided_by = call.parts[fate.decided_by];
  vsapi_message_decision decision = {};
  decision.struct_size = sizeof decision;
  decision.answer = fate.answer;
  decision.reason = decided_by.reason;
  decision.verdict = decided_by.verdict;
  std::memcpy(decision.finding, decided_by.finding, sizeof decision.finding);
  decision.decided_by = fate.decided_by;
  decision.parts = call.parts.data();
  decision.part_count = call.parts.size();
  return decision;
}

// Its code stays that of what went wrong.
void Transport::GiveUpIfDue(const Call& call, vsapi_message_decision& decision) const {
  decision.code = MessageCodeOf(decision.answer);
  if (decision.answer != VSAPI_MESSAGE_DEFER) return;
  const Settings& settings = generations_.settings();
  // What the end of the engine broke off was no try.
  const bool is_ending = std::ranges::any_of(
      call.parts, [](const auto& part) { return part.reason == VSAPI_REASON_SHUTTING_DOWN; });
  const uint32_t tries = is_ending ? 0 : call.how.tries;
  if (tries == 0 || tries < settings.TransportTries()) {
    decision.retry_after_ms = settings.TransportRetryAfterMs(tries);
    return;
  }
  decision.given_up = 1;
  decision.answer = AnswerForGivenUp(call, settings.ForGivenUpMessages());
}

// What was judged did not fail: the suspicious is quarantined, as in the store, and what is known
// to be bad goes nowhere, whatever else could not be judged.
int32_t Transport::AnswerForGivenUp(const Call& call, GivenUpMessage chosen) {
  const bool is_suspicious = std::ranges::any_of(
      call.parts, [](const auto& part) { return part.verdict == VSAPI_VERDICT_SUSPICIOUS; });
  const bool is_bad = std::ranges::any_of(call.answered, [](const AnsweredPart& part) {
    return part.is_cleaned || part.answer == VSAPI_ANSWER_DENY_INFECTED;
  });
  const int32_t answer = AnswerFor(chosen);
  const bool would_leave = is_bad && answer == VSAPI_MESSAGE_DELIVER;
  return is_suspicious || would_leave ? VSAPI_MESSAGE_QUARANTINE : answer;
}

vsapi_part_decision Transport::PartOf(const Call& call, size_t part,
                                      const vsapi_decision& decision) const {
  vsapi_part_decision of_part = {};
  of_part.struct_size = sizeof of_part;
  of_part.answer = decision.answer;
  of_part.reason = decision.reason;
  of_part.verdict = decision.verdict;
  of_part.action = VSAPI_ACTION_STAMP;
  std::memcpy(of_part.finding, decision.finding, sizeof of_part.finding);
  if (const auto* replacement = call.submission->ReplacementOf(part)) {
    of_part.answer = VSAPI_ANSWER_ALLOW;
    of_part.reason = VSAPI_REASON_SCANNED;
    of_part.verdict = VSAPI_VERDICT_CLEANED;
    of_part.replacement = replacement->content.data();
    of_part.replacement_size = replacement->content.size();
    of_part.stamp = replacement->stamp;
    CopyText(FindingOf(replacement->stamp), of_part.finding, sizeof of_part.finding);
  } else {
    of_part.stamp = StampOf(call.submission->items()[part]);
  }
  return of_part;
}

// The one that came with it, if it still holds, or the newest.
vsapi_stamp Transport::StampOf(const vsapi_item& item) const noexcept {
  if (IsCurrent(item.stamp, generations_.identity())) return item.stamp;
  vsapi_stamp stamp = {};
  try {
    if (mdbs_.Find(item.mdb)->ReadStamp(item, stamp) != VSAPI_OK) stamp = {};
  } catch (const std::exception&) {
    stamp = {};  // it costs another scan
  }
  return stamp;
}

// ---- The accounts -------------------------------------------------------------------------------

void Transport::Count(const vsapi_message_decision& decision) {
  counters_.Add(Counter::kTransportSubmitted);
  if (decision.given_up != 0) counters_.Add(Counter::kTransportGivenUp);
  switch (decision.answer) {
    case VSAPI_MESSAGE_DELIVER_CLEANED:
    case VSAPI_MESSAGE_REPLACE_PARTS:
      for (size_t at = 0; at < decision.part_count; ++at)
        if (decision.parts[at].action == VSAPI_ACTION_REPLACE)
          counters_.Add(Counter::kFilesCleaned);
      return counters_.Add(Counter::kMessagesCleaned);
    case VSAPI_MESSAGE_DELIVER:
      return counters_.Add(Counter::kTransportDelivered);
    case VSAPI_MESSAGE_DELETE:
      return counters_.Add(Counter::kMessagesDeleted);
    case VSAPI_MESSAGE_QUARANTINE:
      return counters_.Add(Counter::kMessagesQuarantined);
    case VSAPI_MESSAGE_REJECT:
      return counters_.Add(Counter::kTransportRejected);
    default:
      return counters_.Add(Counter::kTransportDeferred);
  }
}

// What goes on as it is tells nobody anything.
void Transport::Tell(const Call& call, const vsapi_message_decision& decision) noexcept try {
  if (decision.answer == VSAPI_MESSAGE_DELIVER && decision.given_up == 0) return;
  const std::string& id = call.submission->message_id();
  EventFields fields = {{"message_id", id.empty() ? "without an id" : id},
                        {"answer", MessageText(decision.answer)}};
  const bool is_judged = decision.answer != VSAPI_MESSAGE_DEFER && decision.given_up == 0;
  if (is_judged) {
    fields.emplace_back("verdict", VerdictText(decision.verdict));
    fields.emplace_back("finding", decision.finding);
    return events_.Log(EventId::kTransportStopped, "", std::move(fields));
  }
  fields.emplace_back("code", CodeText(decision.code));
  fields.emplace_back("reason", ReasonText(decision.reason));
  fields.emplace_back("tries", std::to_string(call.how.tries));
  if (decision.given_up != 0) return events_.Log(EventId::kTransportGivenUp, "", std::move(fields));
  fields.emplace_back("retry_after_ms", std::to_string(decision.retry_after_ms));
  events_.Log(EventId::kTransportFailed, "", std::move(fields));
} catch (const std::exception&) {
  return;  // it is counted
}

uint32_t Transport::MdbNumber() {
  if (const uint32_t known = mdb_.load(std::memory_order_acquire); known != 0) return known;
  const MutexLock lock(mutex_);
  if (mdb_ != 0) return mdb_;
  auto mdb = std::make_unique<Mdb>("transport", Submissions::kTable, &submissions_, events_,
                                   counters_, clock_, server_);
  mdb->set_is_no_store();
  mdb_.store(mdbs_.Add(std::move(mdb)), std::memory_order_release);
  return mdb_;
}

}  // namespace vsapi::engine
