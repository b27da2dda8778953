// SPDX-License-Identifier: Apache-2.0
#include "ticket.h"

#include "platform.h"
#include "policy.h"
#include "text.h"

namespace vsapi::engine {
namespace {

// What is no text is not passed on: vendors may rely on UTF-8.
template <size_t N>
void CopyName(const char* from, char (&to)[N]) {
  *to = '\0';
  if (from != nullptr && *from != '\0' && IsUtf8(from)) CopyText(from, to, N);
}

}  // namespace

void Ticket::Open(size_t slots, int32_t access, vsapi_decision* decisions, Caller* caller) {
  if (waiters_.size() < slots) waiters_ = std::vector<Waiter>(slots);
  if (decisions == nullptr) own_decisions_.resize(slots);
  slots_ = slots;
  access_ = access;
  caller_ = caller;
  waits = false;
  lane = Lane::kHigh;
  traces = {};
  decisions_ = decisions == nullptr ? own_decisions_.data() : decisions;
  for (size_t slot = 0; slot < slots; ++slot) {
    waiters_[slot].ticket = this;
    waiters_[slot].slot = slot;
  }
  open_.store(static_cast<uint32_t>(slots) + 1, std::memory_order_relaxed);
}

void Ticket::Introduce(const char* client, const char* user, TimePoint now) noexcept {
  CopyName(client, asker_.client);
  CopyName(user, asker_.user);
  asker_.access = access_;
  asker_.at = now;
}

void Ticket::Settle(size_t slot, const vsapi_decision& decision) {
  decisions_[slot] = decision;
  if (traces.wanted()) traces.Released(slot);
  CountDown();
}

void Ticket::Release() { CountDown(); }

bool Ticket::Hold() {
  uint32_t open = open_.load(std::memory_order_relaxed);
  while ((open & ~kSleeps) != 0)
    if (open_.compare_exchange_weak(open, open + 1, std::memory_order_relaxed)) return true;
  return false;
}

void Ticket::CountDown() {
  Caller* const caller = caller_;
  const std::atomic<uint32_t>* const word = &open_;
  const uint32_t before = open_.fetch_sub(1, std::memory_order_acq_rel);
  if ((before & ~kSleeps) != 1) return;
  if (caller != nullptr) return caller->Answered(*this);
  if ((before & kSleeps) != 0) platform::WakeOne(word);  // the ticket may be another's already
}

bool Ticket::Wait(Clock& clock, TimePoint deadline) {
  uint32_t open = open_.load(std::memory_order_acquire);
  while ((open & ~kSleeps) != 0) {
    if (deadline != TimePoint::max() && clock.Now() >= deadline) return false;
    if ((open & kSleeps) == 0 && !open_.compare_exchange_weak(open, open | kSleeps)) continue;
    clock.Sleep(open_, open | kSleeps, deadline);
    open = open_.load(std::memory_order_acquire);
  }
  return true;
}

Ticket& TicketStock::Take() {
  {
    const MutexLock lock(mutex_);
    if (!free_.empty()) {
      Ticket& ticket = *free_.back();
      free_.pop_back();
      return ticket;
    }
  }
  auto fresh = std::make_unique<Ticket>();
  const MutexLock lock(mutex_);
  all_.push_back(std::move(fresh));
  free_.reserve(all_.capacity());
  return *all_.back();
}

void TicketStock::PutBack(Ticket& ticket) {
  const MutexLock lock(mutex_);
  free_.push_back(&ticket);
}

vsapi_decision MakeDecision(int32_t answer, int32_t reason, int32_t verdict,
                            std::string_view finding) {
  vsapi_decision decision;
  decision.struct_size = sizeof decision;
  decision.answer = answer;
  decision.code = CodeOf(answer);
  decision.reason = reason;
  decision.verdict = verdict;
  CopyText(finding, decision.finding, sizeof decision.finding);
  return decision;
}

vsapi_decision NotThere(int32_t status) {
  return status == VSAPI_E_CHANGED ? MakeDecision(VSAPI_ANSWER_IN_PROGRESS, VSAPI_REASON_CHANGED)
                                   : MakeDecision(VSAPI_ANSWER_UNAVAILABLE, VSAPI_REASON_GONE);
}

}  // namespace vsapi::engine
