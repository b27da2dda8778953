// SPDX-License-Identifier: Apache-2.0
#include "replace_run.h"

#include <fstream>
#include <iterator>

#include "error.h"
#include "exit_status.h"
#include "open_run.h"

namespace store_sim {
namespace {

const StoredPart& PartAt(const StoredMessage& message, const ReplaceArguments& arguments) {
  for (const StoredPart& part : message.parts)
    if (part.path == arguments.part) return part;
  throw Error(arguments.message + ": has no part " + arguments.part +
              "; `store_sim show` names its parts");
}

std::string ReadContent(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  std::string content{std::istreambuf_iterator<char>(stream), {}};
  if (!stream) throw Error(file + ": can't be read; check the name and its permissions");
  return content;
}

// The number of the message that has it then. Nothing new in it is known to the engine yet.
int64_t Save(const ReplaceArguments& arguments, const Store& store, const Store::MessageName& name,
             Scanning& scanning, std::vector<NewItem>& new_items) {
  const std::string content = ReadContent(arguments.file);
  const auto lock = store.LockMoves();
  const StoredMessage message = FindForClient(*name.mdb, name.number);
  const StoredPart& part = PartAt(message, arguments);
  const std::string mailbox = PlaceOf(message, arguments.mailbox, arguments.message).mailbox;
  return name.mdb->SavePart({name.number, part.ordinal}, part.content, mailbox, content, new_items,
                            [&](const Stamp& stamp) { return scanning.Holds(stamp); });
}

}  // namespace

std::string WrongWith(const ReplaceArguments& arguments) {
  if (arguments.message.empty()) return "no message is named";
  if (arguments.part.empty()) return "no part is named";
  return arguments.part == "0" ? "part 0 is the whole message; name another one" : "";
}

int RunReplace(const ReplaceArguments& arguments, const Store& store, Progress& progress,
               const Desk& desk, ProactiveScan& scan) {
  const auto [mdb, number] = store.FindName(arguments.message);
  std::vector<NewItem> new_items;
  const int64_t saved = Save(arguments, store, {mdb, number}, scan.scanning(), new_items);
  desk.out << NameOf(*mdb, number) << "  saved"
           << (saved == number ? "" : " as " + NameOf(*mdb, saved)) << '\n';
  scan.Submit(*mdb, new_items);
  if (const std::string scanned = scan.End(); !scanned.empty()) progress.Line(scanned);
  return kDone;
}

}  // namespace store_sim
