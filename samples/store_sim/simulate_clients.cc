// SPDX-License-Identifier: Apache-2.0
#include "simulate_clients.h"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <map>
#include <sstream>

#include "error.h"
#include "exit_status.h"
#include "importer.h"
#include "move_run.h"
#include "open_run.h"
#include "simulate_mail.h"
#include "times.h"

namespace store_sim {
namespace {

using Clock = SimulatedClients::Clock;

constexpr char kClient[] = "imap";
constexpr size_t kMostTogether = 64;  // messages that one client asks for at once

Answered AnsweredBy(Outcome outcome) {
  switch (outcome) {
    case Outcome::kAllowed:
      return Answered::kAllowed;
    case Outcome::kInfected:
      return Answered::kInfected;
    case Outcome::kInProgress:
      return Answered::kInProgress;
    case Outcome::kUnavailable:
      break;
  }
  return Answered::kUnavailable;
}

// `first`, and one to `most` others in three of ten cases.
std::vector<uint64_t> Recipients(uint64_t first, uint64_t mailboxes, uint64_t most,
                                 MixRandom& random) {
  std::vector<uint64_t> recipients{first};
  const uint64_t more = random.Percent(30) ? random.Between(1, most) : 0;
  for (uint64_t i = 0; i < more; ++i) recipients.push_back(random.Below(mailboxes));
  return recipients;
}

// False: what it is about is there no more. What the database fails at stays a failure.
bool IsThere(const std::function<void()>& work) {
  try {
    work();
    return true;
  } catch (const DatabaseError&) {
    throw;
  } catch (const Error&) {
    return false;
  }
}

// `user` outlives it.
vsapi::OpenOptions HowOf(const std::string& user) {
  vsapi::OpenOptions how;
  how.client = kClient;
  how.user = user.c_str();
  return how;
}

}  // namespace

struct SimulatedClients::Question {
  Mailboxes::Place place;
  StoredMessage message;
  std::vector<vsapi::Decision> decisions = {};
  Clock::time_point answered = {};
};

void SimulatedClients::Do(const Arrival& arrival, const std::string& mail,
                          Clock::time_point intended) {
  bool acted = true;
  try {
    acted = Act(arrival, mail);
  } catch (const std::exception& error) {
    scene_.ledger.Trouble(NameOf(arrival.action) + std::string(": ") + error.what());
  }
  if (acted) scene_.ledger.Took(arrival.action, Clock::now() - intended);
}

// False: there was nothing to do, in an empty mailbox say.
bool SimulatedClients::Act(const Arrival& arrival, const std::string& mail) {
  switch (arrival.action) {
    case Action::kDeliver:
      return Deliver(arrival, mail);
    case Action::kOpen:
      return Open(arrival);
    case Action::kPreview:
      return OpenNewest(arrival.mailbox, scene_.profile.preview_messages);
    case Action::kSynchronise:
      return OpenNewest(arrival.mailbox, SIZE_MAX);
    case Action::kForward:
      return Forward(arrival);
    case Action::kMove:
      return Move(arrival);
    case Action::kMailToAll:
      return MailToAll(arrival, mail);
    case Action::kDefinitions:
      return UpdateDefinitions();
  }
  return false;
}

bool SimulatedClients::Deliver(const Arrival& arrival, const std::string& mail) {
  MixRandom random(arrival.dice);
  std::vector<Target> targets;
  for (const uint64_t each : Recipients(arrival.mailbox, scene_.mailboxes.count(), 3, random))
    targets.push_back({each, "Inbox"});
  Put(Token(scene_.seed, arrival.number), mail, targets);
  return true;
}

bool SimulatedClients::MailToAll(const Arrival& arrival, const std::string& mail) {
  std::vector<Target> targets;
  for (uint64_t each = 0; each < scene_.mailboxes.count(); ++each)
    targets.push_back({each, "Inbox"});
  Put(Token(scene_.seed, arrival.number), mail, targets);
  return true;
}

bool SimulatedClients::Open(const Arrival& arrival) {
  const auto place = scene_.mailboxes.Pick(arrival.mailbox, arrival.dice);
  if (place) Ask(*place, arrival.mailbox);
  return place.has_value();
}

bool SimulatedClients::OpenNewest(uint64_t mailbox, size_t count) {
  const auto places = scene_.mailboxes.Newest(mailbox, count);
  for (std::span<const Mailboxes::Place> left = places; !left.empty();) {
    const size_t together = std::min(left.size(), kMostTogether);
    OpenTogether(left.first(together), mailbox);
    left = left.subspan(together);
  }
  return !places.empty();
}

// What was allowed is read when all are answered: the reader of one message must not make another's
// answer look late.
void SimulatedClients::OpenTogether(std::span<const Mailboxes::Place> places, uint64_t mailbox) {
  std::vector<Question> questions;
  for (const Mailboxes::Place& place : places) {
    auto message = place.mdb->Find(place.number);
    if (message && !message->quarantined) questions.push_back({place, std::move(*message)});
  }
  const Asker asker = AskerOf(mailbox);
  const auto asked = Clock::now();
  AskTogether(questions, asker.user);
  for (const Question& each : questions) {
    if (HasChanged(each.decisions) || IsBeingScanned(each.decisions)) {
      Ask(each.place, mailbox);
      continue;
    }
    const Outcome outcome = AnswerOf(each.message, each.decisions).outcome;
    scene_.ledger.Asked(AnsweredBy(outcome), each.answered - asked);
    if (outcome == Outcome::kAllowed) Take(*each.place.mdb, each.message, asker);
  }
}

// Returns when all have their answer.
void SimulatedClients::AskTogether(std::span<Question> questions, const std::string& user) {
  const Scanning::Answers answers = scene_.scanning.LendAnswers();
  answers->restart();
  const auto keep_running = boost::asio::make_work_guard(*answers);
  const vsapi::OpenOptions how = HowOf(user);
  size_t waiting = questions.size();
  for (Question& each : questions) {
    auto answered = [&each, &waiting](const std::vector<vsapi::Decision>& decisions) {
      each.decisions = decisions;
      each.answered = Clock::now();
      --waiting;
    };
    scene_.scanning.engine().AsyncOpenMessage(
        scene_.scanning.ItemsOf(*each.place.mdb, each.message),
        boost::asio::bind_executor(answers->get_executor(), std::move(answered)), how);
  }
  while (waiting > 0) answers->run_one();
}

bool SimulatedClients::Forward(const Arrival& arrival) {
  const auto place = scene_.mailboxes.Pick(arrival.mailbox, arrival.dice);
  if (!place) return false;
  const std::string raw = Ask(*place, arrival.mailbox);
  if (raw.empty()) return true;
  const std::string token = Token(scene_.seed, arrival.number);
  MixRandom random(arrival.dice);
  std::vector<Target> targets{{arrival.mailbox, "Sent Items"}};
  const uint64_t first = random.Below(scene_.mailboxes.count());
  for (const uint64_t each : Recipients(first, scene_.mailboxes.count(), 2, random))
    targets.push_back({each, "Inbox"});
  Put(token, Forwarded(raw, token, Mailboxes::NameOf(arrival.mailbox)), targets);
  return true;
}

// One in five to another MDB. What is gone meanwhile, or may not be moved, stays away or where it
// is.
bool SimulatedClients::Move(const Arrival& arrival) {
  const auto place = scene_.mailboxes.Pick(arrival.mailbox, arrival.dice);
  if (!place) return false;
  const auto message = place->mdb->FindWithoutParts(place->number);
  if (!message || message->quarantined) return false;
  const auto& mdbs = scene_.mailboxes.mdbs();
  Mdb& to = arrival.dice % 5 == 0 ? *mdbs[arrival.dice / 5 % mdbs.size()] : *place->mdb;
  MoveArguments move;
  move.message = store_sim::NameOf(*place->mdb, place->number);
  move.mailbox = Mailboxes::NameOf(arrival.mailbox);
  move.to_mdb = to.name();
  move.to_folder = "Archive/Done";
  std::ostringstream ignored;
  int status = kTrouble;
  IsThere([&] { status = RunMove(move, scene_.store, scene_.scanning, {ignored, ignored}); });
  if (status != kDone || &to == place->mdb) return true;
  if (const auto number = to.FindNumber(message->digest))
    scene_.mailboxes.Replace(arrival.mailbox, *place, {&to, *number});
  return true;
}

// Known from when it is loaded.
bool SimulatedClients::UpdateDefinitions() {
  const std::lock_guard lock(definitions_mutex_);
  const auto sleeper = scene_.definitions->AddNext();
  scene_.load();
  if (sleeper) scene_.truth.Know(*sleeper);
  return true;
}

void SimulatedClients::Put(const std::string& token, const std::string& mail,
                           const std::vector<Target>& targets) {
  IncomingMessage incoming = Prepare(mail, NowNs());
  incoming.came_in = "simulation";
  if (!MayComeIn(mail, targets)) return;
  std::map<Mdb*, std::vector<Target>> by_mdb;
  for (const Target& each : targets) by_mdb[&scene_.mailboxes.mdb(each.mailbox)].push_back(each);
  std::vector<uint64_t> mailboxes;
  for (const auto& [mdb, here] : by_mdb) {
    incoming.placements.clear();
    for (const Target& each : here)
      incoming.placements.push_back({Mailboxes::NameOf(each.mailbox), each.folder});
    std::vector<NewItem> items;
    mdb->Import({&incoming, 1}, &items);
    for (const NewItem& item : items)
      scene_.scanning.engine().Submitted(scene_.scanning.ItemOf(*mdb, item));
    const auto number = mdb->FindNumber(incoming.digest);
    for (const Target& each : here) {
      mailboxes.push_back(each.mailbox);
      if (number) scene_.mailboxes.Add(each.mailbox, {mdb, *number});
    }
  }
  scene_.ledger.Stored(token, mailboxes);
}

bool SimulatedClients::MayComeIn(const std::string& mail,
                                 const std::vector<Target>& targets) const {
  if (!scene_.gate) return true;
  std::vector<std::string> to;
  for (const Target& each : targets) to.push_back(Mailboxes::NameOf(each.mailbox));
  return scene_.gate(mail, to);
}

// The message as it was given; "": it was not.
std::string SimulatedClients::Ask(const Mailboxes::Place& place, uint64_t mailbox) {
  for (int tried = 0; tried < kMostTries; ++tried) {
    const Asker asker = AskerOf(mailbox);
    const auto asked_at = Clock::now();
    AskedMessage asked;
    if (!IsThere(
            [&] { asked = AskFor(scene_.scanning, *place.mdb, place.number, HowOf(asker.user)); }))
      break;
    const Outcome outcome = AnswerOf(asked.message, asked.decisions).outcome;
    scene_.ledger.Asked(AnsweredBy(outcome), Clock::now() - asked_at);
    if (outcome != Outcome::kAllowed) return "";
    if (auto raw = Take(*place.mdb, asked.message, asker)) return std::move(*raw);
  }
  scene_.ledger.Gone();
  return "";
}

// What an allowed client reads. None: something else stands there by now, and it has to ask again.
std::optional<std::string> SimulatedClients::Take(Mdb& mdb, const StoredMessage& message,
                                                  const Asker& asker) {
  auto raw = mdb.ReadRaw(message.number);
  if (!raw || Sha256(*raw) != message.digest) return std::nullopt;
  mdb.NoteOpened(message.number, asker.user, kClient, NowNs());
  scene_.ledger.Given(raw->size());
  const std::string bad = scene_.truth.BadIn(*raw, asker.known);
  if (!bad.empty())
    scene_.ledger.Exposed({bad, store_sim::NameOf(mdb, message.number), asker.user, scene_.at_s()});
  return raw;
}

SimulatedClients::Asker SimulatedClients::AskerOf(uint64_t mailbox) const {
  return {Mailboxes::NameOf(mailbox), scene_.truth.known()};
}

}  // namespace store_sim
