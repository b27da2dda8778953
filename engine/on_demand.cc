// SPDX-License-Identifier: Apache-2.0
#include "on_demand.h"

#include "policy.h"
#include "scanner.h"
#include "stamp.h"

namespace vsapi::engine {
namespace {

// The answer to who can't wait any longer: transient, the scan itself goes on.
vsapi_decision StillScanning(int32_t access, int32_t reason) {
  return MakeDecision(AnswerFor(Condition::kTimedOut, access, {}), reason);
}

// One more blocked caller, as long as it lives.
class Waiting {
 public:
  explicit Waiting(std::atomic<size_t>& waiters)
      : waiters_(waiters), count_(waiters.fetch_add(1, std::memory_order_relaxed) + 1) {}
  ~Waiting() { waiters_.fetch_sub(1, std::memory_order_relaxed); }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  size_t count() const { return count_; }

 private:
  std::atomic<size_t>& waiters_;
  const size_t count_;
};

}  // namespace

OnDemand::OnDemand(InFlight& in_flight, Generations& generations, MdbTable& mdbs, Clock& clock,
                   Counters& counters, unsigned cpus)
    : in_flight_(in_flight),
      generations_(generations),
      mdbs_(mdbs),
      clock_(clock),
      counters_(counters),
      cpus_(cpus),
      deadlines_(clock, [this](Ticket& ticket) { Expire(ticket); }) {}

void OnDemand::Open(const ItemSpan& items, const How& how, vsapi_decision* decisions) {
  size_t known = 0;
  while (known < items.size() && DecideAtOnce(items[known], how.access, decisions[known])) ++known;
  if (known == items.size()) return;

  const auto ticket = std::make_shared<Ticket>(items.size(), how.access);
  for (size_t slot = 0; slot < known; ++slot) ticket->Settle(slot, decisions[slot]);
  const Waiting waiting(waiters_);
  const TimePoint deadline = DeadlineOf(how);
  AskFrom(known, items, ticket, waiting.count() > MaxWaiters());
  if (!ticket->Wait(clock_, deadline)) Expire(*ticket);
  for (size_t slot = known; slot < items.size(); ++slot)
    decisions[slot] = ticket->decisions()[slot];
}

void OnDemand::OpenAsync(const ItemSpan& items, const How& how, Ticket::Callback opened) {
  const auto ticket = std::make_shared<Ticket>(items.size(), how.access, std::move(opened));
  const bool too_many = in_flight_.size() >= generations_.settings().max_requests;
  if (AskFrom(0, items, ticket, too_many)) return ticket->Release();
  deadlines_.Add(DeadlineOf(how), ticket);
}

bool OnDemand::AskFrom(size_t first, const ItemSpan& items, const std::shared_ptr<Ticket>& ticket,
                       bool too_many) {
  if (too_many) counters_.Add(Counter::kTooManyWaiters);
  bool last = false;
  for (size_t slot = first; slot < items.size(); ++slot) {
    vsapi_decision decision;
    if (DecideAtOnce(items[slot], ticket->access(), decision))
      last = ticket->Settle(slot, decision);
    else if (too_many)
      last = ticket->Settle(slot, StillScanning(ticket->access(), VSAPI_REASON_TOO_MANY));
    else
      last = Ask(items[slot], ticket, slot);
  }
  return last;
}

bool OnDemand::Ask(const vsapi_item& item, const std::shared_ptr<Ticket>& ticket, size_t slot) {
  if (in_flight_.given_up())
    return ticket->Settle(slot, StillScanning(ticket->access(), VSAPI_REASON_SHUTTING_DOWN));
  const auto mdb = mdbs_.Find(item.mdb);
  if (!mdb) return ticket->Settle(slot, NotThere(VSAPI_E_GONE));
  vsapi_stamp stamp = {};
  const int32_t read = mdb->ReadStamp(item, stamp);
  if (read == VSAPI_E_GONE || read == VSAPI_E_CHANGED) return ticket->Settle(slot, NotThere(read));
  const Identity& identity = generations_.identity();
  vsapi_decision decision;
  if (read == VSAPI_OK && DecideByStamp(stamp, identity, ticket->access(), decision))
    return ticket->Settle(slot, decision);
  const auto admitted = in_flight_.Admit(
      MakeTarget(mdb, item),
      {.access = ticket->access(), .lane = Lane::kHigh, .generation = identity.generation}, ticket,
      slot);
  if (admitted != InFlight::Admitted::kClosed) return false;
  return ticket->Settle(slot, StillScanning(ticket->access(), VSAPI_REASON_SHUTTING_DOWN));
}

void OnDemand::Expire(Ticket& ticket) {
  if (!in_flight_.Expire(ticket, StillScanning(ticket.access(), VSAPI_REASON_TIMED_OUT))) return;
  counters_.Add(Counter::kTimeouts);
  ticket.Release();
}

TimePoint OnDemand::DeadlineOf(const How& how) const {
  if (how.timeout > Duration{}) return clock_.Now() + how.timeout;
  return clock_.Now() + std::chrono::seconds(generations_.settings().scan_timeout_s);
}

size_t OnDemand::MaxWaiters() const {
  const Settings& settings = generations_.settings();
  return settings.max_waiters != 0 ? settings.max_waiters : 4 * settings.PoolThreads(cpus_);
}

bool OnDemand::DecideAtOnce(const vsapi_item& item, int32_t access, vsapi_decision& decision) {
  const Identity& identity = generations_.identity();
  if (identity.serving && access <= VSAPI_ACCESS_TRANSPORT &&
      DecideByStamp(item.stamp, identity, access, decision))
    return true;
  if (IsExempt(access)) {
    counters_.Add(Counter::kReleasedExempt);
    decision = MakeDecision(VSAPI_ANSWER_ALLOW, VSAPI_REASON_EXEMPT);
    return true;
  }
  const bool off = !identity.enabled ||
                   (access == VSAPI_ACCESS_TRANSPORT && !generations_.settings().transport_enabled);
  if (off || !identity.serving) {
    const Condition condition = off ? Condition::kDisabled : Condition::kNoVendor;
    CountRelease(counters_, condition);
    decision = MakeDecision(AnswerFor(condition, access, {}),
                            off ? VSAPI_REASON_DISABLED : VSAPI_REASON_NO_VENDOR);
    return true;
  }
  return false;
}

bool OnDemand::DecideByStamp(const vsapi_stamp& stamp, const Identity& identity, int32_t access,
                             vsapi_decision& decision) {
  if (!IsCurrent(stamp, identity)) return false;
  counters_.Add(Counter::kStampHits);
  const Condition condition = ConditionOf(stamp.verdict);
  if (condition == Condition::kClean) {
    decision = MakeDecision(VSAPI_ANSWER_ALLOW, VSAPI_REASON_STAMP, stamp.verdict);
    return true;
  }
  CountRelease(counters_, condition);
  decision = MakeDecision(AnswerFor(condition, access, generations_.settings().Policy()),
                          VSAPI_REASON_STAMP, stamp.verdict, FindingOf(stamp).c_str());
  return true;
}

}  // namespace vsapi::engine
