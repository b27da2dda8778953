// SPDX-License-Identifier: Apache-2.0
#include "open_run.h"

#include <algorithm>
#include <set>
#include <thread>

#include "error.h"
#include "open_all.h"
#include "open_report.h"
#include "registry_file.h"
#include "save_file.h"
#include "times.h"

namespace store_sim {
namespace {

uint64_t CountMessages(const Store& store) {
  uint64_t count = 0;
  for (const auto& mdb : store.mdbs()) count += mdb->Totals().messages;
  return count;
}

// As long as clients of later profiles wait.
constexpr std::chrono::seconds kLongestAsking{180};

std::chrono::milliseconds OpenRetryDelay(Scanning& scanning) {
  const uint64_t delay = scanning.engine().Status().open_retry_delay_ms;
  return std::chrono::milliseconds(std::max<uint64_t>(1, delay));
}

// One run of the command.
class Open {
 public:
  Open(const OpenArguments& arguments, const Store& store, Scanning& scanning, Progress& progress,
       const Desk& desk)
      : arguments_(arguments),
        store_(store),
        scanning_(scanning),
        progress_(progress),
        desk_(desk),
        report_(scanning.engine()) {
    how_.access = AccessOf(arguments.as);
    how_.timeout = std::chrono::milliseconds(static_cast<int64_t>(arguments.timeout_s * 1000));
    how_.client = arguments_.client.c_str();
    how_.user = arguments_.user.c_str();
  }

  int Run(const std::function<void()>& asked) {
    if (!HasVendor()) {
      progress_.Line("store_sim: nothing is opened without a vendor; name one in " +
                     (store_.folder() / kRegistryFileName).string() +
                     " (\"Library\") or by --vendor");
    }
    if (arguments_.all) {
      RunAll();
    } else {
      for (const std::string& name : arguments_.messages) RunOne(name);
    }
    asked();
    Record([&] {
      for (const auto& mdb : store_.mdbs()) mdb->WriteOpenings();
    });
    if (arguments_.all && !arguments_.quiet && report_.messages() > 0) report_.Print(desk_.out);
    return ExitStatusOf(worst_);
  }

 private:
  void RunOne(const std::string& name) {
    if (desk_.stopped()) throw Error("stopped before " + name + " was asked for");
    const auto [mdb, number] = store_.FindName(name);
    const auto [message, decisions] = AskFor(scanning_, *mdb, number, how_);
    const MessageAnswer answer = Take(*mdb, message, decisions);
    if (answer.outcome == Outcome::kAllowed && !arguments_.save.empty()) {
      SaveFile(arguments_.save, ReadCheckedRaw(*mdb, message));
    }
  }

  bool HasVendor() {
    const vsapi::Status status = scanning_.engine().Status();
    return status.serving || !status.enabled || how_.access != VSAPI_ACCESS_ON_DEMAND;
  }

  // Without a vendor every one of them would be refused for the same reason.
  void RunAll() {
    if (!HasVendor()) {
      worst_ = Outcome::kUnavailable;
      return;
    }
    const uint64_t total = CountMessages(store_);
    OpenAll all(scanning_, how_,
                {[&](const Mdb& mdb, const StoredMessage& message, const auto& decisions) {
                   Take(mdb, message, decisions);
                   ShowProgress(total);
                 },
                 [&](const Mdb& mdb, int64_t number, const std::string& problem) {
                   worst_ = std::max(worst_, Outcome::kUnavailable);
                   report_.AddUnreadable();
                   Print(mdb, number, "unavailable: " + problem);
                 },
                 desk_.stopped});
    all.Run(store_, {arguments_.mailbox, arguments_.folder});
    if (desk_.stopped()) throw Error("stopped before all messages were asked for");
  }

  MessageAnswer Take(const Mdb& mdb, const StoredMessage& message,
                     const std::vector<vsapi::Decision>& decisions) {
    MessageAnswer answer = AnswerOf(message, decisions);
    report_.Add(message, decisions, answer.outcome);
    worst_ = std::max(worst_, answer.outcome);
    if (answer.outcome == Outcome::kAllowed && how_.access == VSAPI_ACCESS_ON_DEMAND) {
      Record([&] {
        store_.mdb(mdb.name())
            .NoteOpened(message.number, arguments_.user, arguments_.client, NowNs());
      });
    }
    const bool shown = answer.outcome != Outcome::kAllowed || arguments_.verbose ||
                       (!arguments_.all && !arguments_.quiet);
    if (shown) Print(mdb, message.number, answer.text);
    return answer;
  }

  // The answer stands, whatever becomes of the record of it.
  template <class Write>
  void Record(Write write) try {
    write();
  } catch (const Error& error) {
    progress_.Line(std::string("store_sim: who opened what could not be recorded: ") +
                   error.what());
  }

  void Print(const Mdb& mdb, int64_t number, const std::string& text) {
    progress_.Line(NameOf(mdb, number) + "  " + text, arguments_.quiet ? desk_.err : desk_.out);
  }

  void ShowProgress(uint64_t total) {
    if (arguments_.quiet) return;
    progress_.Update(report_.messages(), total, std::to_string(report_.messages()) + " messages");
  }

  const OpenArguments& arguments_;
  const Store& store_;
  Scanning& scanning_;
  Progress& progress_;
  const Desk& desk_;
  OpenReport report_;
  vsapi::OpenOptions how_;
  Outcome worst_ = Outcome::kAllowed;
};

}  // namespace

bool IsTimeout(double seconds) {
  return seconds == 0 || (seconds >= kLeastTimeout && seconds <= kMostTimeout);
}

std::string WrongWith(const OpenArguments& arguments) {
  if (arguments.all == !arguments.messages.empty()) return "give either MESSAGE... or --all";
  if (!arguments.all && !(arguments.mailbox + arguments.folder).empty())
    return "--mailbox and --folder go with --all";
  if (!arguments.save.empty() && arguments.messages.size() != 1) return "--save takes one MESSAGE";
  if (arguments.user.size() > kLongestUser) return "--user is too long";
  const bool is_client =
      std::find(kClients.begin(), kClients.end(), arguments.client) != kClients.end();
  if (!arguments.client.empty() && !is_client) return "--client is not known";
  if (AccessOf(arguments.as) == 0) return "--as names nobody: '" + arguments.as + "'";
  return IsTimeout(arguments.timeout_s) ? "" : "--timeout is out of range";
}

StoredMessage FindForClient(Mdb& mdb, int64_t number) {
  auto message = mdb.Find(number);
  const std::string name = NameOf(mdb, number);
  if (!message) throw Error(name + ": there is no such message; see `store_sim list`");
  if (message->quarantined)
    throw Error(name +
                ": is in quarantine; an administrator may release it: see `store_sim "
                "quarantine --help`");
  return std::move(*message);
}

Placement PlaceOf(const StoredMessage& message, const std::string& mailbox,
                  const std::string& name) {
  std::set<std::string> mailboxes;
  for (const Placement& place : message.placements) {
    if (place.mailbox == mailbox) return place;
    mailboxes.insert(place.mailbox);
  }
  if (mailbox.empty() && mailboxes.size() == 1) return message.placements.front();
  throw Error(name + (mailbox.empty() ? ": several mailboxes have it; name one by --mailbox"
                                      : ": is not in the mailbox " + mailbox));
}

AskedMessage AskFor(Scanning& scanning, Mdb& mdb, int64_t number, const vsapi::OpenOptions& how) {
  AskedMessage asked;
  const auto end = std::chrono::steady_clock::now() + kLongestAsking;
  for (int tried = 0; tried < kMostTries;) {
    asked.message = FindForClient(mdb, number);
    asked.decisions = scanning.engine().OpenMessage(scanning.ItemsOf(mdb, asked.message), how);
    if (IsBeingScanned(asked.decisions) && std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(OpenRetryDelay(scanning));
      continue;
    }
    if (!HasChanged(asked.decisions)) break;
    ++tried;
  }
  return asked;
}

int RunOpen(const OpenArguments& arguments, const Store& store, Scanning& scanning,
            Progress& progress, const Desk& desk, const std::function<void()>& asked) {
  return Open(arguments, store, scanning, progress, desk).Run(asked);
}

}  // namespace store_sim
