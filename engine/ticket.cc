// SPDX-License-Identifier: Apache-2.0
#include "ticket.h"

#include "policy.h"
#include "text.h"

namespace vsapi::engine {

Ticket::Ticket(size_t slots, int32_t access, Callback callback)
    : decisions_(slots),
      settled_(slots),
      open_(slots),
      waiters_(slots),
      access_(access),
      callback_(std::move(callback)) {
  for (size_t slot = 0; slot < slots; ++slot) waiters_[slot].slot = slot;
}

bool Ticket::Settle(size_t slot, const vsapi_decision& decision) {
  const MutexLock lock(mutex_);
  if (settled_[slot]) return false;
  settled_[slot] = true;
  decisions_[slot] = decision;
  return --open_ == 0;
}

void Ticket::Release() {
  if (callback_)
    callback_(decisions_);
  else
    all_settled_.NotifyAll();
}

bool Ticket::Wait(Clock& clock, TimePoint deadline) {
  const MutexLock lock(mutex_);
  while (open_ > 0 && clock.Now() < deadline) clock.WaitUntil(all_settled_, mutex_, deadline);
  return open_ == 0;
}

vsapi_decision MakeDecision(int32_t answer, int32_t reason, int32_t verdict, const char* finding) {
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
