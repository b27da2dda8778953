// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <thread>

#include "platform.h"

namespace vsapi::engine::platform {

// Its folder is watched, since an editor puts a new file in the place of the old one.
class FileWatch::Inside {
 public:
  Inside(const std::string& path, std::function<void()> changed)
      : name_(std::filesystem::path(path).filename().string()),
        changed_(std::move(changed)),
        inotify_(inotify_init1(IN_CLOEXEC | IN_NONBLOCK)),
        stop_(eventfd(0, EFD_CLOEXEC)) {
    std::string folder = std::filesystem::path(path).parent_path().string();
    if (folder.empty()) folder = ".";
    constexpr uint32_t kWanted =
        IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ONLYDIR;
    if (stop_ >= 0 && inotify_ >= 0 && inotify_add_watch(inotify_, folder.c_str(), kWanted) >= 0)
      thread_ = std::thread([this] { Run(); });
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
  void Run() {
    SetThreadName("vsapi-watch");
    std::array<pollfd, 2> waits = {pollfd{inotify_, POLLIN, 0}, pollfd{stop_, POLLIN, 0}};
    while (waits[1].revents == 0) {
      if (poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR) return;
      if (waits[0].revents != 0 && ReadChanges()) changed_();
    }
  }

  // Has one of them to do with the file? Events that the kernel had no room for may have.
  bool ReadChanges() {
    alignas(inotify_event) char buffer[4096];
    bool any = false;
    for (ssize_t size; (size = read(inotify_, buffer, sizeof buffer)) > 0;)
      for (const char* at = buffer; at < buffer + size;) {
        const auto& event = *reinterpret_cast<const inotify_event*>(at);
        any = any || (event.mask & IN_Q_OVERFLOW) != 0 || (event.len > 0 && name_ == event.name);
        at += sizeof event + event.len;
      }
    return any;
  }

  const std::string name_;
  const std::function<void()> changed_;
  const int inotify_, stop_;
  std::thread thread_;
};

FileWatch::FileWatch(const std::string& path, std::function<void()> changed)
    : inside_(std::make_unique<Inside>(path, std::move(changed))) {}
FileWatch::~FileWatch() = default;

}  // namespace vsapi::engine::platform
