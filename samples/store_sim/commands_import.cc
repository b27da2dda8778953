// SPDX-License-Identifier: Apache-2.0
//
// store_sim import: brings mail from files, mboxes, Maildirs and folders of them into an MDB.
#include <unistd.h>

#include <chrono>
#include <iostream>
#include <memory>
#include <optional>

#include "commands.h"
#include "display.h"
#include "importer.h"
#include "mail_files.h"
#include "mail_reader.h"
#include "proactive_scan.h"
#include "progress.h"
#include "store.h"

namespace store_sim {
namespace {

struct ImportOptions {
  std::string folder;
  std::vector<std::string> paths;
  std::string mdb;
  Placement placement{"user", "Inbox"};
  uint64_t largest_mib = kDefaultLargestMessage >> 20;
  bool no_scan = false;
};

int64_t Now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// One run of the command.
class Import {
 public:
  Import(const ImportOptions& options, const Store& store)
      : options_(options),
        mdb_(store.mdb(options.mdb)),
        importer_(mdb_, [this](const auto& items) { Submit(items); }),
        progress_(std::cerr, isatty(STDERR_FILENO) == 1),
        events_(progress_, EventLines::Which::kOnlyUnexpected) {
    if (!options.no_scan) scan_.emplace(store, events_);
  }

  // What was stored is told even if the rest could not be.
  int Run() {
    try {
      ReadAll();
      importer_.Flush();
    } catch (...) {
      Summary();
      throw;
    }
    Summary();
    return problems_ == 0 ? kDone : kTrouble;
  }

 private:
  void ReadAll() {
    const OnProblem on_problem = [this](const Origin& origin, const std::string& text) {
      ++problems_;
      Tell(origin, text);
    };
    const OnMessage on_message = [this](std::string_view raw, const Origin& origin) {
      Take(raw, origin);
    };
    const MailReaderOptions reading{options_.largest_mib << 20};
    const auto files = FindMailFiles({options_.paths.begin(), options_.paths.end()}, on_problem);
    for (const MailFile& file : files) bytes_total_ += file.size;
    for (const MailFile& file : files) {
      bytes_in_file_ = 0;
      ReadMail(file, reading, on_message, on_problem);
      bytes_of_files_ += file.size;
      ShowProgress();
    }
  }

  void Submit(const std::vector<NewItem>& items) {
    if (scan_) scan_->Submit(mdb_, items);
  }

  void Take(std::string_view raw, const Origin& origin) {
    IncomingMessage message = Prepare(raw, options_.placement, Now());
    if (!message.apart.unclean_reason.empty()) {
      Tell(origin, (message.apart.covered ? "malformed, stored to be scanned as a whole too: "
                                          : "malformed, stored but kept from clients: ") +
                       message.apart.unclean_reason);
    }
    importer_.Add(std::move(message));
    ++messages_;
    bytes_in_file_ += raw.size();
    ShowProgress();
  }

  void Tell(const Origin& origin, const std::string& text) {
    progress_.Line(ForDisplay(origin.Text()) + ": " + text);
  }

  void ShowProgress() {
    progress_.Update(bytes_of_files_ + bytes_in_file_, bytes_total_,
                     std::to_string(messages_) + " messages");
  }

  void Summary() {
    const ImportCount& count = importer_.count();
    progress_.Line("messages: " + std::to_string(count.stored) + " stored (" +
                   std::to_string(count.unclean) + " malformed), " + std::to_string(count.known) +
                   " known already, " + std::to_string(problems_) + " not taken");
    const std::string scanned = scan_ ? scan_->End() : "";
    if (!scanned.empty()) progress_.Line(scanned);
    events_.Finish();
  }

  const ImportOptions& options_;
  Mdb& mdb_;
  Importer importer_;
  Progress progress_;
  EventLines events_;
  std::optional<ProactiveScan> scan_;
  uint64_t bytes_total_ = 0;
  uint64_t bytes_of_files_ = 0;
  uint64_t bytes_in_file_ = 0;
  uint64_t messages_ = 0;
  uint64_t problems_ = 0;
};

}  // namespace

void AddImportCommand(CLI::App& app, int& exit_status) {
  const auto options = std::make_shared<ImportOptions>();
  CLI::App* command =
      app.add_subcommand("import", "Take in .eml files, mbox files, Maildirs, and folders of them");
  command->add_option("DIR", options->folder, "Folder of the store")->required();
  command->add_option("PATH", options->paths, "Files and folders with mail")->required();
  command->add_option("--mdb", options->mdb, "Messaging database to import into");
  command->add_option("--mailbox", options->placement.mailbox, "Mailbox to import into [user]");
  command->add_option("--folder", options->placement.folder,
                      "Folder of the mailbox to import into [Inbox]");
  command
      ->add_option("--max-message-size", options->largest_mib,
                   "Largest message to take, in MiB, at most " +
                       std::to_string(kMostLargestMessage >> 20) + " [256]")
      ->check(CLI::Range(uint64_t{1}, kMostLargestMessage >> 20));
  command->add_flag(
      "--no-scan", options->no_scan,
      "Scan nothing while importing [Enabled and ProactiveScanning in virusscan.reg]");
  command->footer("Exit status 1: some messages could not be taken; each has a line on stderr.");
  command->callback([options, &exit_status] {
    const Store store(options->folder, Access::kWrite);
    exit_status = Import(*options, store).Run();
  });
}

}  // namespace store_sim
