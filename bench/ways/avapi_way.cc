// SPDX-License-Identifier: Apache-2.0
#include "avapi_way.h"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>

#include "mdb_look.h"

namespace store_sim::ways {
namespace {

// Messages of the pass in the queue at once; as many as the low lane was to hold later.
constexpr size_t kTogether = 30;
// In profile 1.0 who names no time-out does not wait.
constexpr std::chrono::minutes kPatience{3};

}  // namespace

Settings AvapiWay::settings() const {
  Settings settings = EngineWay::settings();
  settings.emplace_back("BackgroundScanning", "0");
  return settings;
}

void AvapiWay::Begin(Host& host, const Mailboxes& mailboxes) {
  EngineWay::Begin(host, mailboxes);
  pass_ = std::jthread([this](const std::stop_token& stop) { Pass(stop); });
}

// There is no other pass before the next start, so they never protect everything.
void AvapiWay::Load() { Reload(); }

void AvapiWay::End() {
  pass_ = {};
  EngineWay::End();
}

void AvapiWay::Pass(const std::stop_token& stop) {
  const std::vector<Question> questions = Questions();
  for (std::span<const Question> left = questions; !left.empty() && !stop.stop_requested();) {
    const size_t together = std::min(left.size(), kTogether);
    AskTogether(left.first(together));
    left = left.subspan(together);
  }
}

// Of each message that is there now; those of its items that are no attachment are let out at once.
std::vector<AvapiWay::Question> AvapiWay::Questions() const {
  std::vector<Question> questions;
  for (const auto& mdb : host().store().mdbs())
    for (const int64_t number : AllNumbers(*mdb))
      if (const auto message = mdb->Find(number))
        questions.push_back(host().scanning().ItemsOf(*mdb, *message));
  return questions;
}

void AvapiWay::AskTogether(std::span<const Question> questions) {
  const Scanning::Answers answers = host().scanning().LendAnswers();
  answers->restart();
  const auto keep_running = boost::asio::make_work_guard(*answers);
  vsapi::OpenOptions how;
  how.timeout = kPatience;
  size_t waiting = questions.size();
  for (const Question& each : questions)
    host().engine().AsyncOpenMessage(
        each,
        boost::asio::bind_executor(answers->get_executor(),
                                   [&waiting](const std::vector<vsapi::Decision>&) { --waiting; }),
        how);
  while (waiting > 0) answers->run_one();
}

}  // namespace store_sim::ways
