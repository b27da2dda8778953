// SPDX-License-Identifier: Apache-2.0
#include "analyzer_facts.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

#include "analyzer_host.h"
#include "analyzer_journal.h"
#include "registry.h"
#include "registry_file.h"
#include "store.h"
#include "vsapi/host/vsapi_host.h"

namespace store_sim {
namespace {

namespace fs = std::filesystem;

// The names of the processes that scan files when they are opened.
const std::set<std::string> kOnAccessScanners{"clamonacc", "wdavdaemon",  "falcon-sensor", "ds_am",
                                              "savd",      "savscand",    "oaeventd",      "mfetpd",
                                              "kesl",      "drweb-spider"};

// The engine looks for it there too: in the folder vsapi beside libvsapi.
fs::path FindLibrary(const std::string& library) {
  if (library.find('/') != std::string::npos) return library;
  Dl_info info = {};
  dladdr(reinterpret_cast<const void*>(&vsapi_engine_create), &info);
  return fs::path(info.dli_fname ? info.dli_fname : "").parent_path() / "vsapi" / library;
}

std::string LibraryProblem(const std::string& library) {
  if (library.empty()) return "Library is not set";
  const fs::path file = FindLibrary(library);
  std::ifstream stream(file, std::ios::binary);
  std::array<char, 4> magic{};
  if (!stream.read(magic.data(), magic.size())) return file.string() + " can't be read";
  const bool is_elf = std::string_view(magic.data(), magic.size()) ==
                      "\x7f"
                      "ELF";
  return is_elf ? "" : file.string() + " is not a DLL";
}

// What can't be read is not judged: a running host goes on with what it had.
void ReadSettings(const fs::path& store, Facts& facts) {
  facts.settings.enabled = 1;
  const fs::path file = store / kRegistryFileName;
  if (!vsapi::engine::ReadRegistry(file, facts.values, facts.settings_problem)) return;
  std::vector<std::string> problems;
  facts.settings = vsapi::engine::MakeSettings(facts.values, problems);
  if (!problems.empty()) facts.settings_problem = problems.front();
  if (vsapi::engine::HasWrongEnabled(facts.values, facts.settings_problem))
    facts.settings.enabled = 1;
  facts.library_problem = LibraryProblem(facts.settings.library);
}

void LookAtStore(const fs::path& folder, Facts& facts) {
  const Store store(folder, Access::kRead);
  facts.mailboxes = 0;
  for (const auto& mdb : store.mdbs()) {
    facts.mdbs.push_back(mdb->name());
    facts.mailboxes += mdb->Mailboxes();
  }
}

// As the kernel writes marks of fanotify: for a mount, a whole file system, or one folder.
std::vector<std::string> MarksThatCover(const fs::path& folder) {
  struct statx about {};
  if (statx(AT_FDCWD, folder.c_str(), 0, STATX_INO | STATX_MNT_ID, &about) != 0) return {};
  std::ostringstream mount, device, inode;
  mount << "fanotify mnt_id:" << std::hex << about.stx_mnt_id << ' ';
  device << "sdev:" << std::hex << (about.stx_dev_major << 20 | about.stx_dev_minor) << ' ';
  inode << "fanotify ino:" << std::hex << about.stx_ino << ' ' << device.str();
  return {mount.str(), "fanotify " + device.str(), inode.str()};
}

bool HasMark(const fs::path& descriptor, const std::vector<std::string>& marks) {
  std::ifstream stream(descriptor);
  for (std::string line; std::getline(stream, line);) {
    const auto begins_so = [&](const std::string& mark) { return line.starts_with(mark); };
    if (std::any_of(marks.begin(), marks.end(), begins_so)) return true;
  }
  return false;
}

bool WatchesByFanotify(const fs::path& process, const std::vector<std::string>& marks) {
  std::error_code error;  // another user's process tells only root
  for (fs::directory_iterator entry(process / "fdinfo", error), end; !error && entry != end;
       entry.increment(error)) {
    if (HasMark(entry->path(), marks)) return true;
  }
  return false;
}

std::string NameOfProcess(const fs::path& process) {
  std::ifstream stream(process / "comm");
  std::string name;
  std::getline(stream, name);
  return name;
}

std::vector<std::string> WatchedByFanotify(const fs::path& store, const fs::path& proc) {
  const std::vector<std::string> marks = MarksThatCover(store);
  std::vector<std::string> watching;
  std::error_code error;
  for (fs::directory_iterator entry(proc, error), end; !error && entry != end;
       entry.increment(error)) {
    if (!WatchesByFanotify(entry->path(), marks)) continue;
    watching.push_back("process " + entry->path().filename().string() + " (" +
                       NameOfProcess(entry->path()) + ") by fanotify");
  }
  return watching;
}

bool IsWithin(const fs::path& path, const fs::path& folder) {
  const fs::path relative = path.lexically_relative(folder);
  return !relative.empty() && *relative.begin() != "..";
}

// clamd.conf says what clamonacc watches, and what not.
std::vector<std::string> WatchedByClamonacc(const fs::path& store, const fs::path& config) {
  std::ifstream stream(config);
  std::vector<std::string> watching;
  bool excluded = false;
  for (std::string line; std::getline(stream, line);) {
    std::istringstream words(line);
    std::string name, path;
    words >> name >> path;
    if (path.empty() || !IsWithin(store, path)) continue;
    excluded = excluded || name == "OnAccessExcludePath";
    const bool watches = name == "OnAccessIncludePath" || name == "OnAccessMountPath";
    if (watches) watching.push_back(config.string() + ": " + name + " " + path);
  }
  return excluded ? std::vector<std::string>{} : watching;
}

std::vector<std::string> RunningScanners(const fs::path& proc) {
  std::set<std::string> found;
  std::error_code error;
  for (fs::directory_iterator entry(proc, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = NameOfProcess(entry->path());
    if (kOnAccessScanners.contains(name)) found.insert(name);
  }
  return {found.begin(), found.end()};
}

}  // namespace

Facts CollectFacts(const fs::path& store, const fs::path& root) {
  Facts facts;
  facts.processors = std::max(1u, std::thread::hardware_concurrency());
  ReadSettings(store, facts);
  const bool has_name = !facts.settings.vendor.empty();
  facts.vendor = has_name ? facts.settings.vendor : facts.settings.library;
  AskHost(store, facts);
  LookAtStore(store, facts);
  const std::string& journal = facts.settings.event_file;
  if (!journal.empty()) ReadJournal(store / journal, facts);
  facts.covering_scanners =
      WatchedByClamonacc(fs::weakly_canonical(store), root / "etc/clamav/clamd.conf");
  for (std::string& by : WatchedByFanotify(store, root / "proc")) {
    facts.covering_scanners.push_back(std::move(by));
  }
  facts.running_scanners = RunningScanners(root / "proc");
  return facts;
}

}  // namespace store_sim
