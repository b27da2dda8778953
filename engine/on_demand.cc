// SPDX-License-Identifier: Apache-2.0
#include "on_demand.h"

#include <new>
#include <optional>

#include "policy.h"
#include "scan_accounts.h"
#include "stamp.h"

namespace vsapi::engine {
namespace {

constexpr int32_t kNoRefusal = 0;

// The answer to who can't wait any longer: transient, the scan itself goes on.
vsapi_decision StillScanning(int32_t access, int32_t reason) {
  return MakeDecision(AnswerFor(Condition::kTimedOut, access, {}), reason);
}

// What counts those that are let out without a scan for that reason; none: they are not let out so.
std::optional<Counter> CounterOf(int32_t reason) {
  switch (reason) {
    case VSAPI_REASON_EXEMPT:
      return Counter::kReleasedExempt;
    case VSAPI_REASON_EXCLUDED:
      return Counter::kReleasedExcluded;
    case VSAPI_REASON_NOT_IN_PROFILE:
      return Counter::kReleasedNotInProfile;
    case VSAPI_REASON_RTF_BODY:
      return Counter::kReleasedRtfBody;
    case VSAPI_REASON_GRACE:
      return Counter::kReleasedGrace;
    case VSAPI_REASON_OLD_STAMP:
      return Counter::kReleasedOldStamp;
    case VSAPI_REASON_OLD_ITEM:
      return Counter::kReleasedOldItem;
    default:
      return std::nullopt;
  }
}

// One more, as long as it lives.
class Counted {
 public:
  explicit Counted(std::atomic<size_t>& all)
      : all_(all), count_(all.fetch_add(1, std::memory_order_relaxed) + 1) {}
  ~Counted() { all_.fetch_sub(1, std::memory_order_relaxed); }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  size_t count() const { return count_; }

 private:
  std::atomic<size_t>& all_;
  const size_t count_;
};

}  // namespace

OnDemand::OnDemand(InFlight& in_flight, Generations& generations, MdbTable& mdbs, Clock& clock,
                   Counters& counters, Histograms& histograms)
    : in_flight_(in_flight),
      generations_(generations),
      mdbs_(mdbs),
      clock_(clock),
      counters_(counters),
      histograms_(histograms),
      deadlines_(clock, [this](Ticket& ticket) { Expire(ticket); }) {}

void OnDemand::Open(const ItemSpan& items, const How& how, vsapi_decision* decisions) {
  size_t known = 0;
  if (how.traces == nullptr)
    while (known < items.size() && DecideAtOnce(items[known], how.access, decisions[known]))
      ++known;
  if (known == items.size()) return;

  const Counted waiting(waiters_);
  const TimePoint now = clock_.Now();
  Ticket& ticket = tickets_.Take();
  try {
    ticket.Open(items.size() - known, how.access, decisions + known, nullptr);
  } catch (...) {
    tickets_.PutBack(ticket);
    throw;
  }
  Begin(ticket, how, now);
  AskFrom(known, items, ticket, Refusal(waiting.count() > MaxWaiters()), now);
  ticket.Release();
  WaitFor(ticket, DeadlineOf(how, now));
  CountWait(ticket);
  tickets_.PutBack(ticket);
}

void OnDemand::OpenAsync(const ItemSpan& items, const How& how, vsapi_opened opened,
                         void* context) {
  const TimePoint now = clock_.Now();
  Ticket& ticket = tickets_.Take();
  try {
    ticket.Open(items.size(), how.access, nullptr, this);
  } catch (...) {
    tickets_.PutBack(ticket);
    throw;
  }
  Begin(ticket, how, now);
  ticket.opened = opened;
  ticket.context = context;
  const size_t requests = requests_.fetch_add(1, std::memory_order_relaxed) + 1;
  const bool too_many = requests > generations_.settings().max_requests;
  AskFrom(0, items, ticket, Refusal(too_many), now);
  if (ticket.is_waiting()) deadlines_.Add(ticket, DeadlineOf(how, now));
  ticket.Release();
}

// An asynchronous caller gets its answer.
void OnDemand::Answered(Ticket& ticket) {
  deadlines_.Remove(ticket);
  CountWait(ticket);
  requests_.fetch_sub(1, std::memory_order_relaxed);
  ticket.opened(ticket.context, ticket.decisions(), ticket.slots());
  tickets_.PutBack(ticket);
}

void OnDemand::WaitFor(Ticket& ticket, TimePoint deadline) {
  if (ticket.Wait(clock_, deadline)) return;
  LeaveAt(ticket, deadline);
  ticket.Wait(clock_, TimePoint::max());  // for what was being settled at that moment
}

void OnDemand::Begin(Ticket& ticket, const How& how, TimePoint now) {
  ticket.Introduce(how.client, how.user, now);
  ticket.lane = how.lane;
  if (how.traces != nullptr) ticket.traces = Traces(how.traces, ticket.slots(), clock_, now);
}

// What a stamp or a switch answers, and who is turned away, waits for nothing.
void OnDemand::CountWait(const Ticket& ticket) {
  if (!ticket.waits) return;
  histograms_.Add(Timing::kTotalWait, ticket.access(), clock_.Now() - ticket.asker().at);
}

int32_t OnDemand::Refusal(bool too_many) const {
  if (turns_away_.load(std::memory_order_relaxed)) return VSAPI_REASON_VENDOR_HANGS;
  return too_many ? VSAPI_REASON_TOO_MANY : kNoRefusal;
}

void OnDemand::AskFrom(size_t first, const ItemSpan& items, Ticket& ticket, int32_t refusal,
                       TimePoint now) {
  if (refusal == VSAPI_REASON_TOO_MANY) counters_.Add(Counter::kTooManyWaiters);
  for (size_t at = first; at < items.size(); ++at) {
    vsapi_decision decision;
    if (DecideAtOnce(items[at], ticket.access(), decision))
      ticket.Settle(at - first, decision);
    else if (refusal != kNoRefusal)
      ticket.Settle(at - first, StillScanning(ticket.access(), refusal));
    else
      Ask(items[at], ticket, at - first, now);
  }
}

void OnDemand::Ask(const vsapi_item& item, Ticket& ticket, size_t slot, TimePoint now) {
  vsapi_decision decision;
  try {
    if (Admit(item, ticket, slot, now, decision)) return;
  } catch (const std::bad_alloc&) {
    decision = MakeDecision(VSAPI_ANSWER_UNAVAILABLE, VSAPI_REASON_FAILED);
  }
  ticket.Settle(slot, decision);
}

// False with a decision if there is nothing to wait for.
bool OnDemand::Admit(const vsapi_item& item, Ticket& ticket, size_t slot, TimePoint now,
                     vsapi_decision& decision) {
  const auto turned_away = [&] {
    decision = StillScanning(ticket.access(), VSAPI_REASON_SHUTTING_DOWN);
    return false;
  };
  if (in_flight_.given_up()) return turned_away();
  Mdb* const mdb = mdbs_.Find(item.mdb);
  vsapi_stamp stamp;
  const int32_t read = mdb == nullptr ? VSAPI_E_GONE : mdb->ReadStamp(item, stamp);
  if (IsNotThere(read)) {
    decision = NotThere(read);
    return false;
  }
  const Identity& identity = generations_.identity();
  if (read == VSAPI_OK && IsCurrent(stamp, identity)) {
    decision = DecideByStamp(stamp, ticket.access());
    return false;
  }
  const bool may_be_old = read == VSAPI_OK && ticket.access() == VSAPI_ACCESS_ON_DEMAND;
  if (const int32_t reason = may_be_old ? ReasonToTrust(*mdb, item, stamp) : 0; reason != 0) {
    decision = DecideUnscanned(reason, ticket.access());
    return false;
  }
  if (ticket.traces.wanted()) now = clock_.Now();
  ticket.waits = true;
  const auto admitted = in_flight_.Admit(mdb, item,
                                         {.access = ticket.access(),
                                          .lane = ticket.lane,
                                          .generation = identity.generation,
                                          .now = now,
                                          .ticket = &ticket,
                                          .slot = slot});
  if (admitted == InFlight::Admitted::kClosed) return turned_away();
  const bool joined = admitted == InFlight::Admitted::kJoined;
  if (ticket.traces.wanted()) ticket.traces.Queued(slot, now, joined);
  return true;
}

// Called with a hold of the ticket.
void OnDemand::Expire(Ticket& ticket) {
  LeaveAt(ticket, ticket.due);
  ticket.Release();
}

// Who never meant to wait has not timed out.
void OnDemand::LeaveAt(Ticket& ticket, TimePoint deadline) {
  const bool waited = deadline > ticket.asker().at;
  const int32_t reason = waited ? VSAPI_REASON_TIMED_OUT : VSAPI_REASON_BEING_SCANNED;
  if (in_flight_.Expire(ticket, StillScanning(ticket.access(), reason)) && waited)
    counters_.Add(Counter::kTimeouts);
}

TimePoint OnDemand::DeadlineOf(const How& how, TimePoint now) const {
  if (how.timeout > Duration{}) return now + how.timeout;
  if (generations_.settings().ProfileNumber() == 10) return now;
  return now + std::chrono::seconds(generations_.settings().scan_timeout_s);
}

size_t OnDemand::MaxWaiters() const {
  const Settings& settings = generations_.settings();
  return settings.max_waiters != 0 ? settings.max_waiters
                                   : 4 * threads_.load(std::memory_order_relaxed);
}

// A clean stamp is looked at first: it lets out what a switch would let out too.
bool OnDemand::DecideAtOnce(const vsapi_item& item, int32_t access, vsapi_decision& decision) {
  const Identity& identity = generations_.identity();
  const bool knows = identity.serving && access <= VSAPI_ACCESS_TRANSPORT;
  if (knows && IsCurrent(item.stamp, identity) &&
      (item.stamp.verdict == VSAPI_VERDICT_CLEAN || !IsOff(item, identity))) {
    decision = DecideByStamp(item.stamp, access);
    return true;
  }
  int32_t reason = ReasonNotToScan(item, access, identity);
  if (reason == 0 && !identity.serving && generations_.HasNone()) reason = VSAPI_REASON_NO_VENDOR;
  if (reason == 0) return false;
  decision = DecideUnscanned(reason, access);
  return true;
}

int32_t OnDemand::ReasonNotToScan(const vsapi_item& item, int32_t access,
                                  const Identity& identity) const {
  if (IsExempt(access)) return VSAPI_REASON_EXEMPT;
  if (IsOff(item, identity)) return VSAPI_REASON_DISABLED;
  const Settings& settings = generations_.settings();
  const bool is_transport = access == VSAPI_ACCESS_TRANSPORT;
  if (is_transport && !settings.ScansTransport()) return VSAPI_REASON_DISABLED;
  if (is_transport && settings.transport_exclusion != 0 && IsOfAStore(item))
    return VSAPI_REASON_EXCLUDED;
  if (!settings.ScansKind(item.kind)) return VSAPI_REASON_RTF_BODY;
  // VSAPI 1.0 saw attachments alone. What may hold one that nobody took apart is one.
  const bool is_attachment =
      item.kind == VSAPI_ITEM_ATTACHMENT || (item.kind == VSAPI_ITEM_MESSAGE && !is_transport);
  return settings.ProfileNumber() == 10 && !is_attachment ? VSAPI_REASON_NOT_IN_PROFILE : 0;
}

bool OnDemand::IsOfAStore(const vsapi_item& item) const {
  const Mdb* const mdb = mdbs_.Find(item.mdb);
  return mdb != nullptr && mdb->is_store();
}

bool OnDemand::IsOff(const vsapi_item& item, const Identity& identity) const {
  if (!identity.enabled) return true;
  const Settings& settings = generations_.settings();
  if (settings.mdbs.empty()) return settings.enabled == 0;  // none has a switch of its own
  const Mdb* const mdb = mdbs_.Find(item.mdb);
  return mdb != nullptr && !settings.EnabledFor(mdb->name());
}

vsapi_decision OnDemand::DecideByStamp(const vsapi_stamp& stamp, int32_t access) {
  counters_.Add(Counter::kStampHits);
  const Condition condition = ConditionOf(stamp.verdict);
  if (condition == Condition::kClean)
    return MakeDecision(VSAPI_ANSWER_ALLOW, VSAPI_REASON_STAMP, stamp.verdict);
  CountRelease(counters_, condition);
  return MakeDecision(AnswerFor(condition, access, generations_.settings().Policy()),
                      VSAPI_REASON_STAMP, stamp.verdict, FindingOf(stamp));
}

int32_t OnDemand::ReasonToTrust(const Mdb& mdb, const vsapi_item& item,
                                const vsapi_stamp& stamp) const {
  const Settings& settings = generations_.settings();
  const uint64_t threshold = settings.on_access_threshold_version;
  if (WasClean(stamp, generations_.identity())) {
    if (settings.background_grace != 0 && mdb.is_catching_up()) return VSAPI_REASON_GRACE;
    if (threshold != 0 && stamp.version >= threshold) return VSAPI_REASON_OLD_STAMP;
  }
  return IsTooOld(item, stamp) ? VSAPI_REASON_OLD_ITEM : 0;
}

// What was found in it once, by whomever, is looked for again.
bool OnDemand::IsTooOld(const vsapi_item& item, const vsapi_stamp& stamp) const {
  const uint64_t limit_s = generations_.settings().on_access_age_limit_s;
  const bool is_told = VSAPI_HAS_FIELD(&item, vsapi_item, received_ns) && item.received_ns != 0;
  if (limit_s == 0 || !is_told) return false;
  const bool is_unsuspected = stamp.verdict == VSAPI_VERDICT_NONE ||
                              stamp.verdict == VSAPI_VERDICT_CLEAN ||
                              stamp.verdict == VSAPI_VERDICT_CLEAN_PERMANENT;
  return is_unsuspected &&
         clock_.WallNs() - item.received_ns > static_cast<int64_t>(limit_s) * 1'000'000'000;
}

// For who is exempt, what needs no scan, or while nobody scans.
vsapi_decision OnDemand::DecideUnscanned(int32_t reason, int32_t access) {
  if (const auto counter = CounterOf(reason)) {
    counters_.Add(*counter);
    return MakeDecision(VSAPI_ANSWER_ALLOW, reason);
  }
  if (reason != VSAPI_REASON_DISABLED)
    return MakeDecision(AnswerFor(Condition::kNoVendor, access, {}), reason);
  CountRelease(counters_, Condition::kDisabled);
  return MakeDecision(AnswerFor(Condition::kDisabled, access, {}), reason);
}

}  // namespace vsapi::engine
