// SPDX-License-Identifier: Apache-2.0
//
// store_sim open: asks for messages as a client would, and says what it would get.
#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <memory>

#include "commands.h"
#include "display.h"
#include "error.h"
#include "open_all.h"
#include "open_report.h"
#include "registry_file.h"
#include "save_file.h"

namespace store_sim {
namespace {

namespace fs = std::filesystem;

struct OpenArguments {
  std::string folder;
  std::vector<std::string> messages;
  bool all = false;
  ScanOptions scan;
  double timeout_s = 0;
  std::string save;
  bool quiet = false;
  bool verbose = false;
};

int ExitStatusOf(Outcome outcome) {
  switch (outcome) {
    case Outcome::kAllowed:
      return kDone;
    case Outcome::kInfected:
      return kInfected;
    case Outcome::kInProgress:
      return kInProgress;
    case Outcome::kUnavailable:
      break;
  }
  return kUnavailable;
}

EventLines::Which EventsFor(const OpenArguments& arguments) {
  if (arguments.verbose) return EventLines::Which::kAll;
  return arguments.all ? EventLines::Which::kOnlyUnexpected : EventLines::Which::kProblems;
}

uint64_t CountMessages(const Store& store) {
  uint64_t count = 0;
  for (const auto& mdb : store.mdbs()) count += mdb->Totals().messages;
  return count;
}

// One run of the command.
class Open {
 public:
  explicit Open(const OpenArguments& arguments)
      : arguments_(arguments),
        store_(arguments.folder, Access::kWrite),
        progress_(std::cerr, isatty(STDERR_FILENO) == 1),
        events_(progress_, EventsFor(arguments)),
        scanning_(store_, arguments.scan, events_),
        report_(scanning_.engine()) {
    how_.timeout = std::chrono::milliseconds(static_cast<int64_t>(arguments.timeout_s * 1000));
  }

  int Run() {
    if (!HasVendor()) {
      events_.Tell("nothing is opened without a vendor; name one in " +
                   (store_.folder() / kRegistryFileName).string() +
                   " (\"Library\") or by --vendor");
    }
    if (arguments_.all) {
      RunAll();
    } else {
      for (const std::string& name : arguments_.messages) RunOne(name);
    }
    scanning_.End();
    events_.Finish();
    if (arguments_.all && !arguments_.quiet && report_.messages() > 0) report_.Print(std::cout);
    return ExitStatusOf(worst_);
  }

 private:
  void RunOne(const std::string& name) {
    const auto [mdb, number] = store_.FindName(name);
    const auto message = mdb->Find(number);
    if (!message) throw Error(name + ": there is no such message; see `store_sim list`");
    const auto decisions = scanning_.engine().OpenMessage(scanning_.ItemsOf(*mdb, *message), how_);
    const MessageAnswer answer = Take(*mdb, *message, decisions);
    if (answer.outcome == Outcome::kAllowed && !arguments_.save.empty()) {
      SaveFile(arguments_.save, ReadCheckedRaw(*mdb, *message));
    }
  }

  bool HasVendor() {
    const vsapi::Status status = scanning_.engine().Status();
    return status.serving || !status.enabled;
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
                 }});
    all.Run(store_);
  }

  MessageAnswer Take(const Mdb& mdb, const StoredMessage& message,
                     const std::vector<vsapi::Decision>& decisions) {
    MessageAnswer answer = AnswerOf(message, decisions);
    report_.Add(message, decisions, answer.outcome);
    worst_ = std::max(worst_, answer.outcome);
    const bool shown = answer.outcome != Outcome::kAllowed || arguments_.verbose ||
                       (!arguments_.all && !arguments_.quiet);
    if (shown) Print(mdb, message.number, answer.text);
    return answer;
  }

  void Print(const Mdb& mdb, int64_t number, const std::string& text) {
    progress_.Line(mdb.name() + "/" + std::to_string(number) + "  " + text,
                   arguments_.quiet ? std::cerr : std::cout);
  }

  void ShowProgress(uint64_t total) {
    if (arguments_.quiet) return;
    progress_.Update(report_.messages(), total, std::to_string(report_.messages()) + " messages");
  }

  const OpenArguments& arguments_;
  const Store store_;
  Progress progress_;
  EventLines events_;
  Scanning scanning_;
  OpenReport report_;
  vsapi::OpenOptions how_;
  Outcome worst_ = Outcome::kAllowed;
};

// A message must not take the place of an MDB or of the settings.
void CheckSave(const fs::path& file, const fs::path& store) {
  std::error_code ignored;
  const fs::path folder = fs::weakly_canonical(fs::absolute(file), ignored).parent_path();
  const fs::path inside = folder.lexically_relative(fs::canonical(store, ignored));
  if (inside.empty() || *inside.begin() == "..") return;
  throw Error(file.string() + ": is in the folder of the store; save to another folder");
}

void CheckTogether(const OpenArguments& arguments) {
  if (arguments.all == !arguments.messages.empty()) {
    throw CLI::ValidationError("open", "give either MESSAGE... or --all");
  }
  if (!arguments.save.empty() && arguments.messages.size() != 1) {
    throw CLI::ValidationError("--save", "takes one MESSAGE");
  }
}

}  // namespace

void AddOpenCommand(CLI::App& app, int& exit_status) {
  const auto arguments = std::make_shared<OpenArguments>();
  CLI::App* command =
      app.add_subcommand("open", "Ask for messages as a client would; nothing unscanned is given");
  command->add_option("DIR", arguments->folder, "Folder of the store")->required();
  command->add_option("MESSAGE", arguments->messages,
                      "MDB/NUMBER; NUMBER if there is one MDB. Several may be given");
  command->add_flag("--all", arguments->all, "Every message, and a table of what it came to");
  command
      ->add_option("--client", arguments->scan.client,
                   "Who asks, as vendors are told: imap, pop3, owa or mapi")
      ->check(CLI::IsMember({"imap", "pop3", "owa", "mapi"}));
  command->add_option("--vendor", arguments->scan.vendor,
                      "The vendor DLL: a path, or a file name in the folder vsapi beside libvsapi "
                      "[the setting Library]");
  CLI::Option* parameters = command->add_option("--parameters", arguments->scan.parameters,
                                                "Handed to the vendor [the setting Parameters]");
  command
      ->add_option("--timeout", arguments->timeout_s,
                   "Longest wait for one message, in seconds [the setting ScanTimeout]")
      ->check(CLI::Range(0.001, 86400.0));
  command->add_option("--save", arguments->save,
                      "Write the message to this file, byte for byte, if it is allowed");
  CLI::Option* quiet =
      command->add_flag("--quiet", arguments->quiet, "Print problems only, all of them to stderr");
  command
      ->add_flag("--verbose", arguments->verbose, "Print the allowed messages too, and all events")
      ->excludes(quiet);
  command->footer(
      "Exit status: 0 allowed, 10 infected, 11 in progress (ask again), 12 unavailable (can't be "
      "judged now). The worst one counts: infected before unavailable before in progress before "
      "allowed. 1: it failed, 2: wrong command line.");
  command->callback([arguments, parameters, &exit_status] {
    CheckTogether(*arguments);
    if (!arguments->save.empty()) CheckSave(arguments->save, arguments->folder);
    arguments->scan.has_parameters = parameters->count() > 0;
    exit_status = Open(*arguments).Run();
  });
}

}  // namespace store_sim
