// SPDX-License-Identifier: Apache-2.0
#include "import_run.h"

#include "display.h"
#include "error.h"
#include "exit_status.h"
#include "import_folder.h"
#include "importer.h"
#include "mail_files.h"
#include "times.h"

namespace store_sim {
namespace {

// One run of the command.
class Import {
 public:
  Import(const ImportArguments& arguments, const Store& store, Progress& progress, const Desk& desk,
         ProactiveScan* scan)
      : arguments_(arguments),
        mdb_(store.mdb(arguments.mdb)),
        importer_(
            mdb_, [this](const auto& items) { Submit(items); }, IsCurrentBy(scan)),
        progress_(progress),
        desk_(desk),
        scan_(scan) {}

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
      Take(raw, origin, *file_);
    };
    const MailReaderOptions reading{arguments_.largest_mib << 20};
    const auto files =
        FindMailFiles({arguments_.paths.begin(), arguments_.paths.end()}, on_problem);
    for (const MailFile& file : files) bytes_total_ += file.size;
    for (const MailFile& file : files) {
      bytes_in_file_ = 0;
      file_ = &file;
      ReadMail(file, reading, on_message, on_problem);
      bytes_of_files_ += file.size;
      ShowProgress();
    }
  }

  // None: nobody judges while importing.
  static IsCurrent IsCurrentBy(ProactiveScan* scan) {
    if (!scan) return {};
    return [scan](const Stamp& stamp) { return scan->scanning().Holds(stamp); };
  }

  void Submit(const std::vector<NewItem>& items) {
    if (scan_) scan_->Submit(mdb_, items);
  }

  void Take(std::string_view raw, const Origin& origin, const MailFile& file) {
    if (desk_.stopped()) throw Error("stopped; import the same again to get the rest");
    IncomingMessage message = Prepare(std::string(raw), NowNs());
    message.placements = PlacesFor(FolderOf(file, origin, arguments_.folder));
    message.came_in = "import of " + origin.Text();
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

  std::vector<Placement> PlacesFor(const std::string& folder) const {
    if (mdb_.kind() == MdbKind::kPublic && arguments_.mailboxes.empty())
      return {{kPublicFolders, folder}};
    if (arguments_.mailboxes.empty()) return {{"user", folder}};
    std::vector<Placement> places;
    for (const std::string& mailbox : arguments_.mailboxes) places.push_back({mailbox, folder});
    return places;
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
                   " known already, " + std::to_string(problems_) + " not taken" +
                   (count.bad > 0 ? ", " + std::to_string(count.bad) +
                                        " brought what is known to be bad, which was dealt with"
                                  : ""));
    const std::string scanned = scan_ ? scan_->End() : "";
    if (!scanned.empty()) progress_.Line(scanned);
  }

  const ImportArguments& arguments_;
  Mdb& mdb_;
  Importer importer_;
  Progress& progress_;
  const Desk& desk_;
  ProactiveScan* const scan_;       // null: nothing is scanned
  const MailFile* file_ = nullptr;  // the one that is read
  uint64_t bytes_total_ = 0;
  uint64_t bytes_of_files_ = 0;
  uint64_t bytes_in_file_ = 0;
  uint64_t messages_ = 0;
  uint64_t problems_ = 0;
};

}  // namespace

std::string WrongWith(const ImportArguments& arguments) {
  const uint64_t most = kMostLargestMessage >> 20;
  const bool in_range = arguments.largest_mib >= 1 && arguments.largest_mib <= most;
  return in_range ? "" : "--max-message-size is out of range";
}

int RunImport(const ImportArguments& arguments, const Store& store, Progress& progress,
              const Desk& desk, ProactiveScan* scan) {
  return Import(arguments, store, progress, desk, scan).Run();
}

}  // namespace store_sim
