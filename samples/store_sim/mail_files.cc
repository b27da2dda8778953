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

  void Path(const fs::path& path, bool in_maildir = false) {
    struct stat status;
    if (stat(path.c_str(), &status) != 0) {
      return Problem(path, std::string(std::strerror(errno)) + "; check the path and the rights");
    }
    if (S_ISDIR(status.st_mode)) {
      if (entered_.emplace(status.st_dev, status.st_ino).second) Folder(path);
    } else if (S_ISREG(status.st_mode)) {
      files_.push_back({path, static_cast<uint64_t>(status.st_size), in_maildir});
    } else {
      Problem(path, "neither a file nor a folder; leave it out");
    }
  }

  std::vector<MailFile> Take() { return std::move(files_); }

 private:
  static bool IsMaildir(const fs::path& folder) {
    std::error_code error;
    return fs::is_directory(folder / "cur", error) && fs::is_directory(folder / "new", error);
  }

  static bool IsFolder(const fs::path& path) {
    std::error_code error;
    return fs::is_directory(path, error);
  }

  void Folder(const fs::path& folder) {
    if (IsMaildir(folder)) return Maildir(folder);
    for (const fs::path& path : Entries(folder)) {
      const bool hidden = path.filename().native().starts_with('.');
      if (!hidden || IsMaildir(path)) Path(path);
    }
  }

  void Maildir(const fs::path& maildir) {
    for (const char* messages : {"cur", "new"}) {
      for (const fs::path& path : Entries(maildir / messages)) {
        if (!path.filename().native().starts_with('.')) Path(path, !IsFolder(path));
      }
    }
    for (const fs::path& path : Entries(maildir)) {
      if (IsMaildir(path)) Path(path);
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
  for (const fs::path& path : paths) finder.Path(path);
  return finder.Take();
}

}  // namespace store_sim
