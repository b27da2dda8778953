// SPDX-License-Identifier: Apache-2.0
#include "open_all.h"

#include <boost/asio/bind_executor.hpp>

#include "error.h"
#include "message_answer.h"

namespace store_sim {
namespace {

constexpr size_t kPage = 1'000;
}  // namespace

OpenAll::OpenAll(Scanning& scanning, vsapi::OpenOptions how, Calls calls)
    : scanning_(scanning),
      how_(how),
      calls_(std::move(calls)),
      most_messages_(2 * scanning.engine().Status().threads),
      answers_(scanning.LendAnswers()),
      keep_running_(answers_->get_executor()) {
  answers_->restart();  // it ran out of work for who had it before
}

OpenAll::~OpenAll() {
  is_ending_ = true;
  while (messages_ > 0) answers_->run_one();
}

void OpenAll::Run(const Store& store, const Placement& place) {
  for (const auto& mdb : store.mdbs()) RunMdb(*mdb, place);
  while (messages_ > 0 || !again_.empty()) {
    StartAgain();
    if (messages_ > 0) answers_->run_one();
  }
}

void OpenAll::StartAgain() {
  while (!again_.empty()) {
    const Asked asked = again_.back();
    again_.pop_back();
    Start(asked);
  }
}

void OpenAll::RunMdb(Mdb& mdb, const Placement& place) {
  for (int64_t after = 0;;) {
    const std::vector<int64_t> numbers = mdb.Numbers(after, kPage, place);
    if (numbers.empty()) return;
    for (const int64_t number : numbers) {
      if (calls_.stopped()) return;
      Start({&mdb, number});
      StartAgain();
    }
    after = numbers.back();
  }
}

void OpenAll::Start(const Asked& asked) {
  Mdb& mdb = *asked.mdb;
  std::optional<StoredMessage> message;
  try {
    message = mdb.Find(asked.number);
  } catch (const Error& error) {
    return calls_.unreadable(mdb, asked.number, error.what());
  }
  if (!message) return;
  std::vector<vsapi::Item> items = scanning_.ItemsOf(mdb, *message);
  const size_t count = items.size();
  WaitFor(count);
  auto answered = [this, asked, count,
                   read = std::move(*message)](const std::vector<vsapi::Decision>& decisions) {
    --messages_;
    items_ -= count;
    if (is_ending_) return;
    if (asked.tried + 1 < kMostTries && HasChanged(decisions))
      return again_.push_back({asked.mdb, asked.number, asked.tried + 1});
    calls_.answered(*asked.mdb, read, decisions);
  };
  scanning_.engine().AsyncOpenMessage(
      std::move(items), boost::asio::bind_executor(answers_->get_executor(), std::move(answered)),
      how_);
  ++messages_;  // now that it has not thrown; the answer comes by run_one alone
  items_ += count;
}

// Until there is room for a message with so many items.
void OpenAll::WaitFor(size_t items) {
  while (messages_ >= most_messages_ || (messages_ > 0 && items_ + items > kMostItems)) {
    answers_->run_one();
  }
}

}  // namespace store_sim
