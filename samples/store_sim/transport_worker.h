// SPDX-License-Identifier: Apache-2.0
//
// Works on the messages pending submission: gives each that is due to the engine, a bounded number
// at the same time, interactive mail before bulk, and does what the engine decides. What can't be
// judged is tried again later, as often as the engine says; a message leaves the queue only when it
// is where it belongs. Whatever ends this, each message is still there or delivered.
//
// Thread safety: Submit, Look and StopTaking from any thread; one thread makes and joins it. The
// work is done on a thread of its own.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <future>
#include <map>
#include <set>
#include <thread>

#include "scanning.h"
#include "store_settings.h"
#include "transit_mail.h"

namespace store_sim {

// What is in flight at most; one message is so however large.
struct TransitBounds {
  struct Bound {
    size_t messages = 0;
    uint64_t bytes = 0;  // of messages as they came: while one is judged its parts are decoded too
  };
  Bound interactive{64, 256 << 20};
  Bound bulk{32, 64 << 20};
};

class TransportWorker {
 public:
  // Lines for the administrator.
  using Tell = std::function<void(const std::string& line)>;

  // What a try came to.
  struct Outcome {
    int64_t number = 0;
    int32_t answer = VSAPI_MESSAGE_DEFER;
    std::string text;  // one line, safe for a terminal
  };

  // Begins with what is in the queue. `scanning` is to be ended between StopTaking and Join, so
  // that what is at the engine comes back.
  TransportWorker(const Store& store, TransportQueue& queue, Scanning& scanning, Tell tell,
                  const TransitBounds& bounds = {});
  ~TransportWorker();

  // Durable in the queue when it returns; then comes what the first try comes to, or an exception
  // if the worker ends before. Throws Error where the envelope is wrong.
  std::future<Outcome> Submit(Envelope envelope, std::string raw);
  // Something in the queue has become due.
  void Look();

  void StopTaking();
  void Join();

 private:
  struct Flight;

  void Run();
  void LookNow();
  void TakeDue(int64_t now_ns, bool bulk);
  TransitBounds::Bound LoadOf(bool bulk) const;
  void SleepUntilDue(int64_t now_ns);
  void Begin(int64_t number);
  std::optional<vsapi::Stamp> StampOf(const TransitMail& mail);
  std::optional<std::string> Key();

  void Judged(const std::shared_ptr<Flight>& flight, const vsapi::MessageDecision& decision);
  Outcome Do(Flight& flight, const vsapi::MessageDecision& decision);
  Outcome Deliver(const Flight& flight, const vsapi::MessageDecision& decision);
  Outcome Change(Flight& flight, const vsapi::MessageDecision& decision);
  Outcome Reject(const Flight& flight, const vsapi::MessageDecision& decision);
  Outcome Defer(const Flight& flight, const vsapi::MessageDecision& decision);
  Outcome PutAway(const Flight& flight, const std::string& why);
  void Trouble(const Flight& flight, const std::string& what);
  bool IsWaitedFor(int64_t number);
  void Answer(const Outcome& outcome);

  static constexpr uint32_t kMostEdits = 3;
  static constexpr std::chrono::seconds kLongestSleep{60};

  const Store& store_;
  TransportQueue& queue_;
  Scanning& scanning_;
  const Tell tell_;
  const TransitBounds bounds_;
  const Scanning::Answers answers_;
  std::optional<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> keeps_;
  boost::asio::steady_timer timer_;

  // Of the worker's thread.
  struct InFlight {
    bool bulk = false;
    uint64_t size = 0;
  };
  std::map<int64_t, InFlight> in_flight_;  // by number
  int64_t rests_until_ns_ = 0;             // since the queue could not be written
  StoreSettings settings_;
  bool stopped_ = false;

  std::mutex mutex_;
  std::map<int64_t, std::promise<Outcome>> waiters_;  // by mutex_: for the first try

  std::thread thread_;
};

}  // namespace store_sim
