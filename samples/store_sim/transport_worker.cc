// SPDX-License-Identifier: Apache-2.0
#include "transport_worker.h"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "av_stamp.h"
#include "display.h"
#include "error.h"
#include "header_fields.h"
#include "mdb_coverage.h"
#include "registry_file.h"
#include "times.h"
#include "transport_delivery.h"

namespace store_sim {
namespace {

std::string WhereTo(const Envelope& envelope) {
  constexpr size_t kMostNamed = 3;
  if (!envelope.relay.empty()) return ForDisplay(envelope.relay);
  std::string text;
  for (size_t at = 0; at < std::min(envelope.to.size(), kMostNamed); ++at)
    text += (at == 0 ? "" : ", ") + ForDisplay(envelope.to[at]);
  if (envelope.to.size() > kMostNamed)
    text += " and " + std::to_string(envelope.to.size() - kMostNamed) + " more";
  return text;
}

// "infected Evil in part 2 (a.zip)"
std::string WhatWasMet(const TransitMail& mail, const vsapi::MessageDecision& decision) {
  const auto& parts = mail.incoming().apart.parts;
  const bool judged = decision.verdict != VSAPI_VERDICT_NONE;
  std::string text =
      judged ? vsapi_verdict_text(decision.verdict) : vsapi_reason_text(decision.reason);
  if (!decision.finding.empty()) text += " " + ForDisplay(decision.finding);
  if (decision.decided_by >= parts.size()) return text + " in the whole message";
  const Part& part = parts[decision.decided_by];
  if (part.kind == PartKind::kWhole) return text + " in the whole message";
  return text + " in part " + part.path +
         (part.name.empty() ? "" : " (" + ForDisplay(part.name) + ")");
}

}  // namespace

struct TransportWorker::Flight {
  QueuedMessage message;  // without its bytes, which the mail has
  std::shared_ptr<TransitMail> mail;
};

TransportWorker::TransportWorker(const Store& store, TransportQueue& queue, Scanning& scanning,
                                 Tell tell, const TransitBounds& bounds)
    : store_(store),
      queue_(queue),
      scanning_(scanning),
      tell_(std::move(tell)),
      bounds_(bounds),
      answers_(scanning.LendAnswers()),
      timer_(*answers_),
      settings_(store.folder() / kRegistryFileName) {
  answers_->restart();  // it ran out of work for who had it before
  keeps_.emplace(answers_->get_executor());
  thread_ = std::thread([this] { Run(); });
  Look();
}

TransportWorker::~TransportWorker() {
  StopTaking();
  Join();
}

std::future<TransportWorker::Outcome> TransportWorker::Submit(Envelope envelope, std::string raw) {
  if (envelope.to.empty() && envelope.relay.empty()) throw Error("name a recipient by --to");
  if (!envelope.from.empty()) MailboxOf(envelope.from);  // a refusal goes there
  if (envelope.relay.empty()) {
    store_.mdb(envelope.mdb);
    for (const std::string& address : envelope.to) MailboxOf(address);
  }
  QueuedMessage message;
  message.envelope = std::move(envelope);
  message.received_ns = NowNs();
  message.bulk = IsBulkMail(raw);
  const TakenApart apart = TakeApart(raw);
  message.message_id = apart.details.message_id;
  message.subject = apart.details.subject;
  message.raw = std::move(raw);
  std::promise<Outcome> waiter;
  auto first_try = waiter.get_future();
  {
    const std::lock_guard lock(mutex_);  // before the worker sees it
    waiters_.emplace(queue_.Add(message), std::move(waiter));
  }
  Look();
  return first_try;
}

void TransportWorker::Look() {
  boost::asio::post(*answers_, [this] { LookNow(); });
}

void TransportWorker::StopTaking() {
  boost::asio::post(*answers_, [this] {
    stopped_ = true;
    timer_.cancel();
    keeps_.reset();
  });
}

// What is at the engine still comes back first.
void TransportWorker::Join() {
  if (thread_.joinable()) thread_.join();
  const std::lock_guard lock(mutex_);
  waiters_.clear();
}

void TransportWorker::Run() {
  pthread_setname_np(pthread_self(), "transport");
  answers_->run();
}

// ---- What is due --------------------------------------------------------------------------------

void TransportWorker::LookNow() try {
  if (stopped_) return;
  const int64_t now = NowNs();  // of both: what becomes due between two looks is seen by neither
  if (now < rests_until_ns_) return SleepUntilDue(now);
  TakeDue(now, false);
  TakeDue(now, true);
  SleepUntilDue(now);
} catch (const std::exception& error) {
  tell_(std::string("the transport queue can't be read: ") + error.what());
  SleepUntilDue(NowNs());
}

// What comes behind one that has no room waits too: it is its turn.
void TransportWorker::TakeDue(int64_t now_ns, bool bulk) {
  const TransitBounds::Bound& most = bulk ? bounds_.bulk : bounds_.interactive;
  TransitBounds::Bound load = LoadOf(bulk);
  for (const auto& [number, size] : queue_.Due(now_ns, bulk, most.messages)) {
    if (in_flight_.contains(number)) continue;
    ++load.messages;
    load.bytes += size;
    const bool has_room = load.messages <= most.messages && load.bytes <= most.bytes;
    if (load.messages > 1 && !has_room) return;
    in_flight_.emplace(number, InFlight{bulk, size});
    Begin(number);
  }
}

TransitBounds::Bound TransportWorker::LoadOf(bool bulk) const {
  TransitBounds::Bound load;
  for (const auto& [number, each] : in_flight_) {
    if (each.bulk != bulk) continue;
    ++load.messages;
    load.bytes += each.size;
  }
  return load;
}

void TransportWorker::SleepUntilDue(int64_t now_ns) {
  std::optional<int64_t> next;
  try {
    next = queue_.NextAfter(now_ns);
  } catch (const Error&) {
    next = std::nullopt;  // told already
  }
  std::chrono::nanoseconds sleep = kLongestSleep;
  if (next)
    sleep = std::min(sleep, std::chrono::nanoseconds(std::max<int64_t>(0, *next - NowNs())));
  timer_.expires_after(sleep);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) LookNow();
  });
}

void TransportWorker::Begin(int64_t number) try {
  auto message = queue_.Load(number);
  if (!message) {
    in_flight_.erase(number);
    return Answer({number, VSAPI_MESSAGE_DELETE, "removed from the queue meanwhile"});
  }
  auto flight = std::make_shared<Flight>();
  flight->mail = std::make_shared<TransitMail>(message->envelope, message->received_ns,
                                               std::exchange(message->raw, {}));
  flight->message = std::move(*message);
  const vsapi::SubmissionOptions how{.access = flight->message.envelope.access,
                                     .bulk = flight->message.bulk,
                                     .outgoing = flight->message.envelope.outgoing,
                                     .tries = flight->message.tries + 1,
                                     .client = "transport",
                                     .user = flight->message.envelope.from.c_str()};
  scanning_.engine().AsyncOnSubmission(
      {flight->mail, flight->mail->Items(StampOf(*flight->mail)), flight->message.message_id},
      boost::asio::bind_executor(
          *answers_,
          [this, flight](const vsapi::MessageDecision& decision) { Judged(flight, decision); }),
      how);
} catch (const std::exception& error) {
  tell_("transport/" + std::to_string(number) + ": " + error.what());
  in_flight_.erase(number);  // looked at again when something is due
}

// Of hosts that are not trusted nothing counts, however well it is signed.
std::optional<vsapi::Stamp> TransportWorker::StampOf(const TransitMail& mail) try {
  if (mail.envelope().hop.empty()) return std::nullopt;
  const vsapi::engine::Settings& settings = settings_.Now();
  if (!IsTrustedHop(settings.avstamp_trusted_hops, mail.envelope().hop)) return std::nullopt;
  const auto key = Key();
  const vsapi::Status status = scanning_.engine().Status();
  if (!key || !status.serving) return std::nullopt;
  vsapi::Level level = LevelOf(status);
  level.since_generation = 0;  // another host's generations are not ours
  auto stamp = TrustedStamp(mail.incoming().raw, mail.incoming().contents, *key, level);
  // It counts as this generation's, unless the sweep is to look at what others have judged.
  if (stamp && settings.background_ignore_stamp == 0) stamp->generation = status.generation;
  return stamp;
} catch (const Error& error) {
  tell_(error.what());
  return std::nullopt;
}

std::optional<std::string> TransportWorker::Key() {
  const vsapi::engine::Settings& settings = settings_.Now();
  if (settings.avstamp_header == 0 || settings.avstamp_key_file.empty()) return std::nullopt;
  return ReadAvStampKey(store_.folder() / settings.avstamp_key_file);
}

// ---- What was decided ---------------------------------------------------------------------------

void TransportWorker::Judged(const std::shared_ptr<Flight>& flight,
                             const vsapi::MessageDecision& decision) {
  const int64_t number = flight->message.number;
  in_flight_.erase(number);
  try {
    const Outcome outcome = Do(*flight, decision);
    if (outcome.answer != VSAPI_MESSAGE_NONE) Answer(outcome);
  } catch (const std::exception& error) {
    Trouble(*flight, error.what());
  }
  LookNow();
}

// VSAPI_MESSAGE_NONE: it is judged again at once, changed as it is now.
TransportWorker::Outcome TransportWorker::Do(Flight& flight,
                                             const vsapi::MessageDecision& decision) {
  switch (decision.answer) {
    case VSAPI_MESSAGE_DELIVER:
      return Deliver(flight, decision);
    case VSAPI_MESSAGE_DELIVER_CLEANED:
    case VSAPI_MESSAGE_REPLACE_PARTS:
      return Change(flight, decision);
    case VSAPI_MESSAGE_DELETE:
      queue_.Remove(flight.message.number);
      return {flight.message.number, decision.answer,
              "deleted: " + WhatWasMet(*flight.mail, decision)};
    case VSAPI_MESSAGE_QUARANTINE:
      return PutAway(flight, WhatWasMet(*flight.mail, decision));
    case VSAPI_MESSAGE_REJECT:
      return Reject(flight, decision);
    default:
      return Defer(flight, decision);
  }
}

TransportWorker::Outcome TransportWorker::Deliver(const Flight& flight,
                                                  const vsapi::MessageDecision& decision) {
  const QueuedMessage& message = flight.message;
  const bool is_local = message.envelope.relay.empty();
  // The store denies it to its clients itself.
  if (const std::string why = flight.mail->WhyItStays(decision); !is_local && !why.empty())
    return PutAway(flight, why);
  if (is_local)
    DeliverInto(store_, scanning_, *flight.mail, decision);
  else
    RelayTo(*flight.mail, message.number, decision, Key());
  queue_.Remove(message.number);
  const std::string changed = message.edits > 0 ? " with parts replaced" : "";
  return {message.number, VSAPI_MESSAGE_DELIVER,
          (is_local ? "delivered to " : "handed on to ") + WhereTo(message.envelope) + changed};
}

// A vendor that would change it for ever is not let.
TransportWorker::Outcome TransportWorker::Change(Flight& flight,
                                                 const vsapi::MessageDecision& decision) {
  const int64_t number = flight.message.number;
  const auto changed = flight.message.edits < kMostEdits
                           ? WithPartsReplaced(*flight.mail, number, decision)
                           : std::nullopt;
  if (!changed) return PutAway(flight, WhatWasMet(*flight.mail, decision) + ", can't be replaced");
  queue_.Rewrite(number, *changed);
  return {number, VSAPI_MESSAGE_NONE, ""};
}

// Who waits for the first try is told; otherwise the sender is, by mail.
TransportWorker::Outcome TransportWorker::Reject(const Flight& flight,
                                                 const vsapi::MessageDecision& decision) {
  const QueuedMessage& message = flight.message;
  const std::string why = WhatWasMet(*flight.mail, decision);
  const auto bounce = BounceOf(message, *flight.mail, why);
  if (!IsWaitedFor(message.number) && bounce) queue_.Add(*bounce);
  queue_.Remove(message.number);
  return {message.number, decision.answer, "rejected: " + why};
}

// At the end of the engine nothing was tried.
TransportWorker::Outcome TransportWorker::Defer(const Flight& flight,
                                                const vsapi::MessageDecision& decision) {
  const int64_t number = flight.message.number;
  const std::string why = WhatWasMet(*flight.mail, decision);
  const int64_t again = NowNs() + std::chrono::nanoseconds(decision.retry_after).count();
  if (decision.reason != VSAPI_REASON_SHUTTING_DOWN) queue_.Defer(number, again, why);
  return {number, VSAPI_MESSAGE_DEFER,
          "deferred: " + why + "; it stays in the queue and is tried again at " + IsoTime(again)};
}

TransportWorker::Outcome TransportWorker::PutAway(const Flight& flight, const std::string& why) {
  queue_.Quarantine(flight.message.number, why);
  return {flight.message.number, VSAPI_MESSAGE_QUARANTINE, "quarantined: " + why};
}

// A full disk, say. It is tried again as what can't be judged is, and as often.
void TransportWorker::Trouble(const Flight& flight, const std::string& what) {
  const int64_t number = flight.message.number;
  tell_("transport/" + std::to_string(number) + ": " + what);
  try {
    const vsapi::engine::Settings& settings = settings_.Now();
    const uint64_t tries = flight.message.tries + 1;
    if (tries >= settings.TransportTries()) return Answer(PutAway(flight, what));
    const std::chrono::milliseconds pause(settings.TransportRetryAfterMs(tries));
    queue_.Defer(number, NowNs() + std::chrono::nanoseconds(pause).count(), what);
  } catch (const std::exception& error) {
    tell_("transport/" + std::to_string(number) + ": " + error.what());
    // It is still due, and the queue could not even note that: so it is with all of them.
    rests_until_ns_ = NowNs() + std::chrono::nanoseconds(kLongestSleep).count();
  }
  Answer({number, VSAPI_MESSAGE_DEFER, "deferred: " + ForDisplay(what)});
}

bool TransportWorker::IsWaitedFor(int64_t number) {
  const std::lock_guard lock(mutex_);
  return waiters_.contains(number);
}

void TransportWorker::Answer(const Outcome& outcome) {
  std::promise<Outcome> waiter;
  {
    const std::lock_guard lock(mutex_);
    const auto found = waiters_.find(outcome.number);
    if (found == waiters_.end()) return;
    waiter = std::move(found->second);
    waiters_.erase(found);
  }
  waiter.set_value(outcome);
}

}  // namespace store_sim
