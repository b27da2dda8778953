// SPDX-License-Identifier: Apache-2.0
#include "mail_files.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>
#include <utility>

namespace store_sim {
namespace {

namespace fs = std::filesystem;

class Finder {
 public:
  explicit Finder(const OnProblem& on_problem) : on_problem_(on_problem) {}

  void Given(const fs::path& path) {
    const size_t before = files_.size();
    Path(path, "");
    std::error_code error;
    if (files_.size() > before && fs::is_regular_file(path, error)) files_.back().given = true;
  }

  std::vector<MailFile> Take() { return std::move(files_); }

 private:
  void Path(const fs::path& path, const std::string& at, bool in_maildir = false) {
    struct stat status;
    if (stat(path.c_str(), &status) != 0) {
      return Problem(path, std::string(std::strerror(errno)) + "; check the path and the rights");
    }
    if (S_ISDIR(status.st_mode)) {
      if (entered_.emplace(status.st_dev, status.st_ino).second) Folder(path, at);
    } else if (S_ISREG(status.st_mode)) {
      files_.push_back({path, static_cast<uint64_t>(status.st_size), in_maildir, at});
    } else {
      Problem(path, "neither a file nor a folder; leave it out");
    }
  }

  static bool IsMaildir(const fs::path& folder) {
    std::error_code error;
    return fs::is_directory(folder / "cur", error) && fs::is_directory(folder / "new", error);
  }

  static bool IsFolder(const fs::path& path) {
    std::error_code error;
    return fs::is_directory(path, error);
  }

  // "Inbox" and "Old" are "Inbox/Old".
  static std::string Below(const std::string& at, const std::string& name) {
    return at.empty() || name.empty() ? at + name : at + "/" + name;
  }

  // A dot stands before and between the names of a Maildir's folders.
  static std::string NameInMaildir(std::string name) {
    if (!name.starts_with('.')) return name;
    std::replace(name.begin(), name.end(), '.', '/');
    return name.substr(std::min(name.find_first_not_of('/'), name.size()));
  }

  void Folder(const fs::path& folder, const std::string& at) {
    if (IsMaildir(folder)) return Maildir(folder, at);
    for (const fs::path& path : Entries(folder)) {
      const std::string name = path.filename();
      const bool hidden = name.starts_with('.');
      if (hidden && !IsMaildir(path)) continue;
      Path(path, IsFolder(path) ? Below(at, NameInMaildir(name)) : at);
    }
  }

  void Maildir(const fs::path& maildir, const std::string& at) {
    for (const char* messages : {"cur", "new"}) {
      for (const fs::path& path : Entries(maildir / messages)) {
        if (!path.filename().native().starts_with('.')) Path(path, at, !IsFolder(path));
      }
    }
    for (const fs::path& path : Entries(maildir)) {
      if (IsMaildir(path)) Path(path, Below(at, NameInMaildir(path.filename())));
    }
  }

  std::vector<fs::path> Entries(const fs::path& folder) {
    std::vector<fs::path> entries;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
      entries.push_back(entry->path());
    }
    if (error) Problem(folder, error.message() + "; check the rights of the folder");
    std::sort(entries.begin(), entries.end());
    return entries;
  }

  void Problem(const fs::path& path, const std::string& text) { on_problem_({path, 0}, text); }

  const OnProblem& on_problem_;
  std::vector<MailFile> files_;
  std::set<std::pair<dev_t, ino_t>> entered_;
};

}  // namespace

std::string Origin::Text() const {
  return index == 0 ? path.string() : path.string() + " (message " + std::to_string(index) + ")";
}

std::vector<MailFile> FindMailFiles(const std::vector<fs::path>& paths,
                                    const OnProblem& on_problem) {
  Finder finder(on_problem);
  for (const fs::path& path : paths) finder.Given(path);
  return finder.Take();
}

}  // namespace store_sim
