// SPDX-License-Identifier: Apache-2.0
#include "reply_run.h"

#include "compose.h"
#include "exit_status.h"
#include "importer.h"
#include "open_run.h"
#include "save_file.h"
#include "times.h"
#include "transport_delivery.h"

namespace store_sim {
namespace {

// "eve@example.org>" of "Eve <eve@example.org>".
std::string AddressIn(const std::string& sender) {
  const size_t begin = sender.substr(0, sender.find('@')).find_last_of("<\" ");
  return begin == sender.npos ? sender : sender.substr(begin + 1);
}

std::vector<std::string> ReadersOf(const ReplyArguments& arguments, const StoredMessage& message) {
  if (arguments.to.empty()) return {MailboxOf(AddressIn(message.details.sender))};
  std::vector<std::string> readers;
  for (const std::string& address : arguments.to) readers.push_back(MailboxOf(address));
  return readers;
}

// The first text that a mail program shows.
std::string FirstText(Mdb& mdb, const StoredMessage& message) {
  for (const StoredPart& part : message.parts)
    if (part.kind == PartKind::kBody) return mdb.ReadContent(part.content).value_or("");
  return "";
}

IncomingMessage Written(Mdb& mdb, const StoredMessage& message, const std::string& from,
                        const std::vector<std::string>& to, const ReplyArguments& arguments) {
  const std::string raw = arguments.forwards ? ForwardOf(ReadCheckedRaw(mdb, message), from, to)
                                             : ReplyTo(message.details, FirstText(mdb, message),
                                                       from, to, arguments.text);
  IncomingMessage written = Prepare(raw, {from, "Sent Items"}, NowNs());
  for (const std::string& each : to) written.placements.push_back({each, "Inbox"});
  written.came_in = (arguments.forwards ? "forward of " : "reply to ") +
                    NameOf(mdb, message.number) + " by " + from;
  return written;
}

std::string Names(const std::vector<std::string>& to) {
  std::string names;
  for (const std::string& each : to) names += (names.empty() ? "" : ", ") + each;
  return names;
}

}  // namespace

std::string WrongWith(const ReplyArguments& arguments) {
  if (arguments.message.empty()) return "no message is named";
  return arguments.forwards && arguments.to.empty() ? "--to is missing" : "";
}

int RunReply(const ReplyArguments& arguments, const Store& store, Progress& progress,
             const Desk& desk, ProactiveScan& scan) {
  const Store::MessageName name = store.FindName(arguments.message);
  Mdb& mdb = *name.mdb;
  const std::string from =
      PlaceOf(FindForClient(mdb, name.number), arguments.mailbox, arguments.message).mailbox;
  vsapi::OpenOptions how;
  how.user = from.c_str();
  const auto [message, decisions] = AskFor(scan.scanning(), mdb, name.number, how);
  const MessageAnswer answer = AnswerOf(message, decisions);
  if (answer.outcome != Outcome::kAllowed) {
    desk.out << arguments.message << "  not opened: " << answer.text << '\n';
    return ExitStatusOf(answer.outcome);
  }
  mdb.NoteOpened(name.number, from, "", NowNs());
  mdb.WriteOpenings();
  const std::vector<std::string> to = ReadersOf(arguments, message);
  Importer importer(
      mdb, [&](const auto& items) { scan.Submit(mdb, items); },
      [&](const Stamp& stamp) { return scan.scanning().Holds(stamp); });
  importer.Add(Written(mdb, message, from, to, arguments));
  importer.Flush();
  desk.out << arguments.message << (arguments.forwards ? "  forwarded to " : "  replied to ")
           << Names(to) << '\n';
  if (const std::string scanned = scan.End(); !scanned.empty()) progress.Line(scanned);
  return kDone;
}

}  // namespace store_sim
