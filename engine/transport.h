// SPDX-License-Identifier: Apache-2.0
//
// VSAPI 2.5's OnSubmission: a message is judged on its way, all its parts and the whole of it with
// one wait, and the policy says what becomes of it. How it is scanned is on_demand.h's business.
//
// In Profile 1.0, which had no such sink, it is the send path: what is not known at once is being
// scanned, and the message is tried again (SendRetries, SendRetryInterval).
//
// Thread safety: all of it from any thread.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "event_log.h"
#include "message_policy.h"
#include "on_demand.h"
#include "submissions.h"

namespace vsapi::engine {

class Transport {
 public:
  // `server` is the host's name for vendors.
  Transport(OnDemand& on_demand, Generations& generations, Submissions& submissions, MdbTable& mdbs,
            Clock& clock, EventLog& events, Counters& counters, std::string server);

  struct How {
    OnDemand::How scan = {.access = VSAPI_ACCESS_TRANSPORT};
    bool outgoing = false;
    uint32_t tries = 0;
  };
  // Calls `judged` once, before it returns; blocks at most the time-out. Where it throws, nothing
  // was called and the message is the caller's.
  void Judge(const vsapi_message& message, const How& how, vsapi_message_judged judged,
             void* context);
  // Calls `judged` once, maybe before it returns.
  void JudgeAsync(const vsapi_message& message, const How& how, vsapi_message_judged judged,
                  void* context);

 private:
  class Call;

  std::shared_ptr<Call> Begin(const vsapi_message& message, const How& how,
                              vsapi_message_judged judged, void* context);
  // What it comes to without a scan, if that can be said.
  bool DecideAtOnce(Call& call);
  void JudgeWithoutWaiting(const std::shared_ptr<Call>& call);
  static void VSAPI_CALL Scanned(void* call, const vsapi_decision* decisions, size_t count);
  static void VSAPI_CALL ScannedLater(void* call, const vsapi_decision* decisions, size_t count);

  void End(Call& call, const vsapi_decision* decisions) noexcept;
  vsapi_part_decision PartOf(const Call& call, size_t part, const vsapi_decision& decision) const;
  vsapi_stamp StampOf(const vsapi_item& item) const noexcept;
  static void SetAction(Call& call, const MessageFate& fate, size_t at);
  static vsapi_message_decision DecisionOf(const Call& call, const MessageFate& fate);
  void GiveUpIfDue(const Call& call, vsapi_message_decision& decision) const;
  static int32_t AnswerForGivenUp(const Call& call, GivenUpMessage chosen);
  void Count(const vsapi_message_decision& decision);
  void Tell(const Call& call, const vsapi_message_decision& decision) noexcept;
  uint32_t MdbNumber();

  OnDemand& on_demand_;
  Generations& generations_;
  Submissions& submissions_;  // outlives the MDBs
  MdbTable& mdbs_;
  Clock& clock_;
  EventLog& events_;
  Counters& counters_;
  const std::string server_;
  Mutex mutex_;
  std::atomic<uint32_t> mdb_ = 0;  // the submissions' number among the MDBs; 0: nothing came yet
};

}  // namespace vsapi::engine
