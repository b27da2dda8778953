// SPDX-License-Identifier: Apache-2.0
#include "quarantine_run.h"

#include <algorithm>

#include "error.h"
#include "exit_status.h"
#include "message_answer.h"
#include "times.h"

namespace store_sim {
namespace {

std::vector<Store::MessageName> Named(const QuarantineArguments& arguments, const Store& store) {
  std::vector<Store::MessageName> named;
  for (const std::string& name : arguments.messages) named.push_back(store.FindName(name));
  if (!named.empty()) return named;
  for (const auto& mdb : store.mdbs())
    for (const QuarantinedMessage& each : mdb->Quarantined())
      named.push_back({mdb.get(), each.message.number});
  return named;
}

void Release(const Store::MessageName& name, Mdb::Verdict verdict, const Desk& desk) {
  const int64_t now = name.mdb->Release(name.number, verdict, NowNs());
  desk.out << NameOf(*name.mdb, name.number) << "  released as " << NameOf(*name.mdb, now) << '\n';
}

StoredMessage FindQuarantined(const Store::MessageName& name) {
  auto message = name.mdb->Find(name.number);
  if (!message || !message->quarantined)
    throw Error(NameOf(*name.mdb, name.number) + ": is not in quarantine");
  return *std::move(message);
}

// What is let out unjudged, since scanning is off or the vendor can't tell, is no reason to let it
// go.
int Rescan(const Store::MessageName& name, Scanning& scanning, const Desk& desk) {
  const StoredMessage message = FindQuarantined(name);
  const auto decisions = scanning.engine().OpenMessage(scanning.ItemsOf(*name.mdb, message));
  const MessageAnswer answer = AnswerOf(message, decisions);
  scanning.Flush();
  if (std::ranges::all_of(decisions, IsClean) && answer.outcome == Outcome::kAllowed) {
    Release(name, Mdb::Verdict::kStands, desk);
    return kDone;
  }
  FindQuarantined(name);  // or somebody else has let it go meanwhile
  desk.out << NameOf(*name.mdb, name.number) << "  stays: " << answer.text << '\n';
  return answer.outcome == Outcome::kInfected ? kDone : kUnavailable;
}

// Nobody asked for this one: if somebody else has let it go meanwhile there is nothing to do.
int RescanOneOfAll(const Store::MessageName& name, Scanning& scanning, const Desk& desk) try {
  return Rescan(name, scanning, desk);
} catch (const DatabaseError&) {
  throw;
} catch (const Error&) {
  const auto now = name.mdb->FindWithoutParts(name.number);
  if (now && now->quarantined) throw;
  return kDone;
}

}  // namespace

std::string WrongWith(const QuarantineArguments& arguments) {
  return arguments.rescan || !arguments.messages.empty() ? "" : "no message is named";
}

int RunQuarantine(const QuarantineArguments& arguments, const Store& store, Scanning* scanning,
                  const Desk& desk) {
  int exit_status = kDone;
  const auto rescan = arguments.messages.empty() ? RescanOneOfAll : Rescan;
  for (const Store::MessageName& name : Named(arguments, store)) {
    if (desk.stopped()) throw Error("stopped before " + NameOf(*name.mdb, name.number));
    if (arguments.rescan) {
      exit_status = std::max(exit_status, rescan(name, *scanning, desk));
    } else {
      Release(name, Mdb::Verdict::kForgiven, desk);
    }
  }
  return exit_status;
}

}  // namespace store_sim
