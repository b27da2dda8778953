// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "platform.h"

namespace vsapi::engine::platform {
namespace {

namespace fs = std::filesystem;

constexpr int kMostLinks = 40;  // as the kernel follows

fs::path FolderOf(const fs::path& file) {
  return file.has_parent_path() ? file.parent_path() : ".";
}

// The file, and where it is a link what that names, and so on.
std::vector<fs::path> LinksOf(const fs::path& file) {
  std::vector<fs::path> links{file};
  std::error_code error;
  while (links.size() <= kMostLinks && fs::is_symlink(links.back(), error)) {
    const fs::path target = fs::read_symlink(links.back(), error);
    if (error) break;
    links.push_back(FolderOf(links.back()) / target);
  }
  return links;
}

fs::path Resolved(const fs::path& file) {
  std::error_code error;
  return fs::canonical(file, error);
}

}  // namespace

// Its folder is watched, since an editor puts a new file in the place of the old one; and where it
// is a link, the folder of each file on the way. A folder on the way may be a link too: whatever is
// renamed in a watched folder may have led elsewhere.
class FileWatch::Inside {
 public:
  Inside(const std::string& path, std::function<void()> changed)
      : path_(path),
        changed_(std::move(changed)),
        inotify_(inotify_init1(IN_CLOEXEC | IN_NONBLOCK)),
        stop_(eventfd(0, EFD_CLOEXEC)) {
    if (stop_ < 0 || inotify_ < 0) return;
    WatchAll();
    if (!watched_.empty()) thread_ = std::thread([this] { Run(); });
  }
  ~Inside() {
    const uint64_t one = 1;
    if (thread_.joinable() && write(stop_, &one, sizeof one) == sizeof one) thread_.join();
    if (inotify_ >= 0) close(inotify_);
    if (stop_ >= 0) close(stop_);
  }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;

 private:
  using Watched = std::set<std::pair<int, std::string>>;  // a folder's watch, a file's name there

  // A folder that is watched already keeps its watch.
  void WatchAll() {
    constexpr uint32_t kWanted =
        IN_CLOSE_WRITE | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ONLYDIR;
    Watched before = std::exchange(watched_, {});
    for (const fs::path& link : LinksOf(path_)) {
      const int watch = inotify_add_watch(inotify_, FolderOf(link).c_str(), kWanted);
      if (watch >= 0) watched_.emplace(watch, link.filename().string());
    }
    for (const auto& [watch, name] : before)
      if (!IsWatched(watch)) inotify_rm_watch(inotify_, watch);
    resolved_ = Resolved(path_);
  }

  bool IsWatched(int watch) const {
    const auto first = watched_.lower_bound({watch, ""});
    return first != watched_.end() && first->first == watch;
  }

  void Run() {
    SetThreadName("vsapi-watch");
    std::array<pollfd, 2> waits = {pollfd{inotify_, POLLIN, 0}, pollfd{stop_, POLLIN, 0}};
    while (waits[1].revents == 0) {
      if (poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR) return;
      if (waits[0].revents == 0 || !ReadChanges()) continue;
      WatchAll();
      changed_();
    }
  }

  bool ReadChanges() {
    alignas(inotify_event) char buffer[4096];
    bool any = false;
    for (ssize_t size; (size = read(inotify_, buffer, sizeof buffer)) > 0;)
      for (const char* at = buffer; at < buffer + size;) {
        const auto& event = *reinterpret_cast<const inotify_event*>(at);
        any = any || IsChange(event);
        at += sizeof event + event.len;
      }
    return any;
  }

  // Has it to do with the file? Events that the kernel had no room for may have. A file that is
  // only just created has no content yet, but a link has.
  bool IsChange(const inotify_event& event) const {
    if ((event.mask & IN_Q_OVERFLOW) != 0) return true;
    if ((event.mask & IN_CLOSE_WRITE) != 0) return IsOurs(event);
    if ((event.mask & IN_CREATE) != 0) return LinksOf(path_).size() > 1 && LeadsElsewhere();
    return IsOurs(event) || LeadsElsewhere();
  }
  bool IsOurs(const inotify_event& event) const {
    return event.len > 0 && watched_.contains({event.wd, event.name});
  }
  bool LeadsElsewhere() const { return Resolved(path_) != resolved_; }

  const fs::path path_;
  const std::function<void()> changed_;
  const int inotify_, stop_;
  Watched watched_;    // these two of the thread, once that runs
  fs::path resolved_;  // "": it is not there
  std::thread thread_;
};

FileWatch::FileWatch(const std::string& path, std::function<void()> changed)
    : inside_(std::make_unique<Inside>(path, std::move(changed))) {}
FileWatch::~FileWatch() = default;

}  // namespace vsapi::engine::platform
