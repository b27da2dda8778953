// SPDX-License-Identifier: Apache-2.0
#include "move_run.h"

#include "access_names.h"
#include "error.h"
#include "exit_status.h"
#include "importer.h"
#include "open_run.h"
#include "save_file.h"

namespace store_sim {
namespace {

Placement TargetOf(const Placement& from, const Mdb& to, const MoveArguments& arguments) {
  Placement target = from;
  if (!arguments.to_folder.empty()) target.folder = arguments.to_folder;
  if (!arguments.to_mailbox.empty()) target.mailbox = arguments.to_mailbox;
  if (to.kind() == MdbKind::kPublic) target.mailbox = kPublicFolders;
  if (to.kind() == MdbKind::kPrivate && target.mailbox == kPublicFolders)
    throw Error("a message from a public folder needs a mailbox: name one by --to-mailbox");
  return target;
}

void MoveWithin(Mdb& mdb, int64_t number, const MoveArguments& arguments, const Store& store) {
  const auto lock = store.LockMoves();
  const StoredMessage message = FindForClient(mdb, number);
  const Placement place = PlaceOf(message, arguments.mailbox, arguments.message);
  mdb.TakeOut(number, message.digest, place.mailbox, TargetOf(place, mdb, arguments));
}

// Its readers get back what is in quarantine where that is.
void CheckStandsInForNone(const StoredMessage& message, const std::string& name) {
  if (message.stands_in)
    throw Error(name +
                ": stands in for one that is in quarantine, and stays in its MDB; release that "
                "one first");
}

// What the one MDB keeps of its parts, given to the same message in `to`.
void CarryStamps(const StoredMessage& message, int64_t number, Mdb& to) {
  std::vector<MarkChange> changes;
  for (const StoredPart& part : message.parts) {
    if (!part.mark.stamp) continue;
    changes.push_back({part.content, {part.mark.stamp, {}}, ItemPlace{number, part.ordinal}});
    // What was ordered here was done here; there it is a stamp alone.
    changes.back().mark.stamp->action = VSAPI_ACTION_STAMP;
  }
  to.ApplyMarks(changes, Durability::kDurable);
}

// It is new there: a pass that has been over what it came to does not find what is stale in it.
void Submit(const Mdb& to, const StoredMessage& message, Scanning& scanning) {
  for (const vsapi::Item& item : scanning.ItemsOf(to, message)) scanning.engine().Submitted(item);
}

// With all that is recorded of it.
void MoveTo(Mdb& to, const Placement& place, Mdb& from, const StoredMessage& message,
            Scanning& scanning) {
  IncomingMessage incoming = Prepare(ReadCheckedRaw(from, message), place, message.received_ns);
  incoming.came_in = message.came_in;
  to.Import({&incoming, 1});
  const auto number = to.FindNumber(incoming.digest);
  if (!number) return;
  to.AddRecord(*number, from.RecordOf(message.number));
  CarryStamps(message, *number, to);
  if (const auto arrived = to.Find(*number)) Submit(to, *arrived, scanning);
}

// What somebody else has made of it meanwhile is in no other place than `from`.
void TakeOutOf(Mdb& from, const StoredMessage& message, const std::string& mailbox,
               const Mdb& to) try {
  from.TakeOut(message.number, message.digest, mailbox, std::nullopt);
} catch (const DatabaseError&) {
  throw;
} catch (const Error& error) {
  throw Error(std::string(error.what()) + "; as it was it stands in " + to.name() + " now" +
              (from.FindWithoutParts(message.number)
                   ? ", and as it is in " + from.name() + ": move that again"
                   : ""));
}

}  // namespace

std::string WrongWith(const MoveArguments& arguments) {
  if (arguments.message.empty()) return "no message is named";
  const int32_t access = AccessOf(arguments.as);
  const bool moves = access == VSAPI_ACCESS_ON_DEMAND || access == VSAPI_ACCESS_MOVE;
  return moves ? "" : "--as is client or move";
}

int RunMove(const MoveArguments& arguments, const Store& store, Scanning& scanning,
            const Desk& desk) {
  const auto [from, number] = store.FindName(arguments.message);
  Mdb& to = arguments.to_mdb.empty() ? *from : store.mdb(arguments.to_mdb);
  if (&to == from) {
    MoveWithin(to, number, arguments, store);
    return kDone;
  }
  vsapi::OpenOptions how;
  how.access = AccessOf(arguments.as);
  const auto [message, decisions] = AskFor(scanning, *from, number, how);
  const MessageAnswer answer = AnswerOf(message, decisions);
  if (answer.outcome != Outcome::kAllowed) {
    desk.out << arguments.message << "  not moved: " << answer.text << '\n';
    return ExitStatusOf(answer.outcome);
  }
  scanning.Flush();
  const auto lock = store.LockMoves();
  const auto stamped = from->Find(number);
  if (!stamped || stamped->digest != message.digest)
    throw Error(arguments.message + ": has changed meanwhile; move it again");
  CheckStandsInForNone(*stamped, arguments.message);
  const Placement place = PlaceOf(*stamped, arguments.mailbox, arguments.message);
  MoveTo(to, TargetOf(place, to, arguments), *from, *stamped, scanning);
  TakeOutOf(*from, *stamped, place.mailbox, to);
  return kDone;
}

}  // namespace store_sim
