// SPDX-License-Identifier: Apache-2.0
//
// A whole host in one file, to copy from. Its store is a directory: each regular file in it is one
// item, and the stamps are kept beside them in the file ".stamps". It opens every file through the
// engine, as a mail store does for its clients, and says what a client would get.
//
// Read it from the bottom up: main, the opening, the store that the engine calls back, the stamps.
// The rules are in vsapi/host/vsapi_host.h; this file shows them kept. What it leaves out: it never
// changes a file, so a threat stays where it is and only its stamp denies it; and it looks at one
// folder, not at those below.
//
// Threads: the engine calls the store from many threads, so what they share has a lock. The engine
// is not called while that lock is held.
#include <fcntl.h>
#include <openssl/sha.h>
#include <unistd.h>
#include <vsapi/host/engine.h>

#include <algorithm>
#include <boost/asio/use_future.hpp>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <future>
#include <iostream>
#include <map>
#include <mutex>
#include <optional>
#include <sstream>

namespace {

namespace fs = std::filesystem;

constexpr char kUsage[] =
    "usage: minimal_host DIR VENDOR\n"
    "Opens every file of DIR through the engine, with the vendor DLL VENDOR, and prints for each\n"
    "whether a client would get it. Keeps what was found in DIR/.stamps: the next run scans only\n"
    "what is new or changed.\n"
    "Exit status: 0 all allowed, 10 something infected, 1 something could not be judged, 2 "
    "usage.\n";

constexpr int kAllAllowed = 0, kNotJudged = 1, kWrongUsage = 2, kInfected = 10;
constexpr char kStampsFile[] = ".stamps";

// ---- Files --------------------------------------------------------------------------------------

std::optional<std::string> ReadFile(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream content;
  if (in.peek() != std::ifstream::traits_type::eof()) content << in.rdbuf();
  if (!in.is_open() || in.bad() || content.fail()) return std::nullopt;
  return std::move(content).str();
}

// On disk when it returns true, in one piece or not at all: written beside, then renamed.
bool WriteFileAtomically(const fs::path& path, const std::string& content) {
  const fs::path fresh = path.string() + ".new";
  const int file = open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return false;
  size_t done = 0;
  for (ssize_t n = 1; n > 0 && done<content.size(); done += n> 0 ? static_cast<size_t>(n) : 0)
    n = write(file, content.data() + done, content.size() - done);
  const bool on_disk = done == content.size() && fsync(file) == 0;
  close(file);
  if (!on_disk || rename(fresh.c_str(), path.c_str()) != 0) return false;
  const int folder = open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return false;
  const bool renamed = fsync(folder) == 0;
  close(folder);
  return renamed;
}

// The identity of content.
vsapi::Digest DigestOf(const std::string& content) {
  vsapi::Digest digest;
  SHA256(reinterpret_cast<const unsigned char*>(content.data()), content.size(), digest.bytes);
  return digest;
}

bool Same(const vsapi::Digest& a, const vsapi::Digest& b) {
  return std::memcmp(a.bytes, b.bytes, sizeof a.bytes) == 0;
}

// ---- The stamps ---------------------------------------------------------------------------------

// What was judged, and how. A stamp is worth something only for the content that it was made for,
// so the two are kept together: a file that changed has another digest, and so no stamp.
struct Judgement {
  vsapi::Digest digest = {};
  vsapi::Stamp stamp = {};
};
using Judgements = std::map<std::string, Judgement>;  // by file name

// The first line tells the layout; then, for each file, the length of its name, the name, and the
// Judgement byte for byte: an engine wants its stamps back unchanged.
std::string HeaderLine() {
  return "minimal_host stamps " + std::to_string(sizeof(Judgement)) + "\n";
}

std::string ToBytes(const Judgements& judgements) {
  std::string bytes = HeaderLine();
  for (const auto& [name, judgement] : judgements) {
    const auto length = static_cast<uint32_t>(name.size());
    bytes.append(reinterpret_cast<const char*>(&length), sizeof length);
    bytes.append(name);
    bytes.append(reinterpret_cast<const char*>(&judgement), sizeof judgement);
  }
  return bytes;
}

// Of a file that is damaged, or of another layout, nothing is used: then everything is scanned
// anew.
Judgements FromBytes(const std::string& bytes) {
  std::istringstream in(bytes);
  std::string header;
  std::getline(in, header);
  if (header + "\n" != HeaderLine()) return {};
  Judgements judgements;
  for (uint32_t length = 0; in.read(reinterpret_cast<char*>(&length), sizeof length);) {
    if (length > bytes.size()) return {};
    std::string name(length, '\0');
    Judgement judgement;
    in.read(name.data(), length);
    if (!in.read(reinterpret_cast<char*>(&judgement), sizeof judgement)) return {};
    judgements[name] = judgement;
  }
  return judgements;
}

// ---- The store: what the engine calls back ------------------------------------------------------

// One content while it is scanned. It is wholly in memory, which spares us Read; a store of large
// contents would give pieces of them by Read instead.
class FileContent : public vsapi::Content {
 public:
  FileContent(std::string name, std::string bytes)
      : name_(std::move(name)), bytes_(std::move(bytes)) {}
  uint64_t size() const override { return bytes_.size(); }
  const void* data() const override { return bytes_.data(); }

  // What the vendor may want to know. We know the file's name; everything else is absent.
  int32_t Property(uint32_t id, uint32_t, vsapi_value* value) override {
    if (id != VSAPI_PROPERTY_ATTACHMENT_NAME) return VSAPI_E_ABSENT;
    value->type = VSAPI_TYPE_TEXT;
    value->text = name_.c_str();
    value->text_size = name_.size();
    return VSAPI_OK;
  }

 private:
  const std::string name_;
  const std::string bytes_;
};

class DirectoryStore : public vsapi::Store {
 public:
  explicit DirectoryStore(fs::path folder)
      : folder_(std::move(folder)),
        judgements_(FromBytes(ReadFile(folder_ / kStampsFile).value_or(""))) {
    for (const fs::directory_entry& entry : fs::directory_iterator(folder_)) {
      const std::string name = entry.path().filename().string();
      const bool is_ours = name.starts_with(kStampsFile);
      if (!is_ours && fs::is_regular_file(entry.symlink_status())) names_.push_back(name);
    }
    std::sort(names_.begin(), names_.end());
  }

  const std::vector<std::string>& names() const { return names_; }

  // The item that is file number `index`, with its stamp if its content is still what was judged;
  // nothing if the file can't be read. The key is ours: here the number, since a file's name may be
  // longer than a key.
  std::optional<vsapi::Item> ItemOf(uint32_t mdb, uint32_t index) {
    const auto content = ReadFile(folder_ / names_[index]);
    if (!content) return std::nullopt;
    vsapi::Item item = {};
    item.struct_size = sizeof item;
    item.mdb = mdb;
    item.kind = VSAPI_ITEM_ATTACHMENT;
    item.size = content->size();
    item.digest = DigestOf(*content);
    item.key.size = sizeof index;
    std::memcpy(item.key.bytes, &index, sizeof index);
    item.stamp = StampOf(item);
    return item;
  }

  // [scan] What is scanned must be what was asked about: a file that changed since is told apart.
  int32_t OpenContent(const vsapi::Item& item, std::unique_ptr<vsapi::Content>& content) override {
    const std::string& name = NameOf(item);
    if (!fs::exists(folder_ / name)) return VSAPI_E_GONE;
    auto bytes = ReadFile(folder_ / name);
    if (!bytes) return VSAPI_E_READ_FAILED;
    if (!Same(DigestOf(*bytes), item.digest)) return VSAPI_E_CHANGED;
    content = std::make_unique<FileContent>(name, std::move(*bytes));
    return VSAPI_OK;
  }

  // [caller], [scan] The engine asks again before it scans: somebody may have judged it meanwhile.
  int32_t ReadStamp(const vsapi::Item& item, vsapi::Stamp& stamp) override {
    stamp = StampOf(item);
    return VSAPI_OK;
  }

  // [writer] Each result is as durable as it is told to be: on disk before we return. The engine
  // hands over what has come together meanwhile, so a slow disk makes larger groups, not a queue.
  int32_t Apply(std::span<vsapi::Outcome> outcomes) override {
    const std::lock_guard lock(mutex_);
    for (vsapi::Outcome& outcome : outcomes) outcome.result = ApplyLocked(outcome);
    return WriteFileAtomically(folder_ / kStampsFile, ToBytes(judgements_)) ? VSAPI_OK
                                                                            : VSAPI_E_INTERNAL;
  }

 private:
  const std::string& NameOf(const vsapi::Item& item) const {
    uint32_t index;
    std::memcpy(&index, item.key.bytes, sizeof index);
    return names_[index];
  }

  vsapi::Stamp StampOf(const vsapi::Item& item) const {
    const std::lock_guard lock(mutex_);
    const auto found = judgements_.find(NameOf(item));
    const bool is_of_this_content =
        found != judgements_.end() && Same(found->second.digest, item.digest);
    return is_of_this_content ? found->second.stamp : vsapi::Stamp{};
  }

  // A mail store would put a notice in place of the content, quarantine it, delete it. We keep the
  // stamp, which denies the file from now on, and refuse what would change the file: the engine
  // then denies it too. Never say VSAPI_OK to what you did not do.
  int32_t ApplyLocked(const vsapi::Outcome& outcome) {
    switch (outcome.action) {
      case VSAPI_ACTION_STAMP:
      case VSAPI_ACTION_REPLACE_BY_NOTICE:
      case VSAPI_ACTION_QUARANTINE:
        break;
      case VSAPI_ACTION_ATTEMPT:
        return VSAPI_OK;  // there is no stamp; the next run tries again
      default:
        return VSAPI_E_ARGUMENT;
    }
    Judgement& judgement = judgements_[NameOf(*outcome.item)];
    const bool is_later = Same(judgement.digest, outcome.item->digest) &&
                          judgement.stamp.generation > outcome.stamp.generation;
    if (!is_later) judgement = {outcome.item->digest, outcome.stamp};
    return VSAPI_OK;
  }

  const fs::path folder_;
  std::vector<std::string> names_;  // constant after construction
  mutable std::mutex mutex_;
  Judgements judgements_;  // guarded by mutex_
};

// ---- Opening ------------------------------------------------------------------------------------

// One line on a terminal, whatever a file is called.
std::string Printable(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < ' ' || c == 127; }, '?');
  return text;
}

int MeaningOf(int32_t answer) {
  switch (answer) {
    case VSAPI_ANSWER_ALLOW:
      return kAllAllowed;
    case VSAPI_ANSWER_DENY_INFECTED:
      return kInfected;
    default:
      return kNotJudged;  // a mail client would ask again later
  }
}

// Prints the decision on one file; returns what it means for the exit status.
int Tell(const std::string& name, const vsapi::Decision& decision) {
  const int meaning = MeaningOf(decision.answer);
  std::string line = std::string(vsapi_answer_text(decision.answer)) + ' ' + Printable(name);
  if (decision.finding[0] != '\0') line.append(": ").append(decision.finding);
  if (meaning == kNotJudged) line.append(": ").append(vsapi_reason_text(decision.reason));
  std::cout << line + '\n';  // in one piece: an event may be told meanwhile
  return meaning;
}

// Asks for `count` files from number `first` on at once, then tells the answers in order. Asking
// holds no thread: the engine scans with its own.
int OpenSome(vsapi::Engine& engine, DirectoryStore& store, uint32_t mdb, size_t first,
             size_t count) {
  std::vector<std::pair<std::string, std::future<vsapi::Decision>>> asked;
  int status = kAllAllowed;
  for (size_t index = first; index < first + count; ++index) {
    const std::string& name = store.names()[index];
    if (const auto item = store.ItemOf(mdb, static_cast<uint32_t>(index))) {
      asked.emplace_back(name, engine.AsyncOpen(*item, boost::asio::use_future));
      continue;
    }
    std::cerr << "minimal_host: cannot read " << Printable(name) << '\n';
    status = kNotJudged;
  }
  for (auto& [name, decision] : asked) status = std::max(status, Tell(name, decision.get()));
  return status;
}

int OpenAll(vsapi::Engine& engine, DirectoryStore& store, uint32_t mdb) {
  constexpr size_t kAtOnce = 1000;
  int status = kAllAllowed;
  for (size_t first = 0; first < store.names().size(); first += kAtOnce)
    status = std::max(status, OpenSome(engine, store, mdb, first,
                                       std::min(kAtOnce, store.names().size() - first)));
  return status;
}

uint64_t Scanned(vsapi::Engine& engine) {
  for (const auto& [name, value] : engine.Counters())
    if (name == "Virus Scan Files Scanned") return value;
  return 0;
}

// [engine] The engine tells what went wrong, and what to do.
void TellErrors(const vsapi::Event& event) {
  if (event.severity < VSAPI_SEVERITY_ERROR) return;
  std::cerr << "minimal_host: " + std::string(event.text) + '\n';
}

int Run(const fs::path& folder, const std::string& vendor) {
  vsapi_keep_freed_memory();
  const auto store = std::make_shared<DirectoryStore>(folder);
  vsapi::Engine engine(
      {.settings = {{"Enabled", "1"}, {"Library", vendor}}, .on_event = TellErrors});
  if (!engine.Status().serving) return kNotJudged;  // an event has said why
  const uint32_t mdb = engine.Attach("directory", store);
  const int status = OpenAll(engine, *store, mdb);
  engine.Detach(mdb);  // writes the stamps that are still on their way
  std::cout << store->names().size() << " files, " << Scanned(engine) << " scanned\n";
  return status;
}

}  // namespace

int main(int count, char** arguments) {
  if (count == 2 && std::string(arguments[1]) == "--help") {
    std::cout << kUsage;
    return kAllAllowed;
  }
  if (count == 2 && std::string(arguments[1]) == "--version") {
    std::cout << "minimal_host for contract " << VSAPI_ABI_MAJOR << "." << VSAPI_ABI_MINOR << "\n";
    return kAllAllowed;
  }
  if (count != 3) {
    std::cerr << kUsage;
    return kWrongUsage;
  }
  try {
    const int status = Run(fs::absolute(arguments[1]), arguments[2]);
    if (!std::cout.flush()) throw std::runtime_error("cannot write what was found");
    return status;
  } catch (const fs::filesystem_error& error) {
    std::cerr << "minimal_host: " << Printable(error.path1().string()) << ": "
              << error.code().message() << "; give a folder that can be read\n";
    return kNotJudged;
  } catch (const std::exception& error) {
    std::cerr << "minimal_host: " << error.what() << '\n';
    return kNotJudged;
  }
}
