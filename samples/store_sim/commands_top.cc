// SPDX-License-Identifier: Apache-2.0
//
// store_sim top: a live view of the running host.
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <iostream>
#include <memory>

#include "commands.h"
#include "full_screen.h"
#include "host_client.h"
#include "times.h"
#include "top_view.h"

namespace store_sim {
namespace {

using nlohmann::json;

constexpr size_t kPlainColumns = 80;
constexpr char kControlC = 3;
// Counting the items of a large store takes a while, and changes little from frame to frame.
constexpr uint64_t kFramesPerCount = 10;

struct TopOptions {
  std::string folder;
  double interval_s = 1;
  bool as_json = false;
};

// What is shown, kept up to date.
class Source {
 public:
  explicit Source(const std::string& folder) : host_(HostClient::Get(folder)) {}

  // All that a frame is made of.
  json Look() {
    const bool counts = frames_++ % kFramesPerCount == 0;
    return {{"status", host_->Ask({{"command", "status"}, {"mdbs", counts}})},
            {"counters", host_->Ask({{"command", "counters"}})},
            {"events", NewEvents()}};
  }

  const TopView& Next() {
    const json look = Look();
    view_.Take(look.at("status"), look.at("counters"), look.at("events"), NowNs());
    return view_;
  }

 private:
  json NewEvents() {
    json events = json::array();
    for (bool is_all = false; !is_all;) {
      const json found = host_->Ask({{"command", "events"}, {"after", after_}});
      after_ = found.at("next");
      is_all = found.at("is_all");
      events.insert(events.end(), found.at("events").begin(), found.at("events").end());
    }
    return events;
  }

  const std::unique_ptr<HostClient> host_;
  TopView view_;
  uint64_t after_ = 0;
  uint64_t frames_ = 0;
};

// Draws until q, Ctrl-C or a signal.
class Live {
 public:
  Live(Source& source, std::chrono::milliseconds interval)
      : source_(source),
        interval_(interval),
        signals_(context_, SIGINT, SIGTERM, SIGHUP),
        timer_(context_),
        keys_(context_, open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC)),
        screen_(STDIN_FILENO, STDOUT_FILENO) {}

  void Run() {
    signals_.async_wait([this](const auto&, int) { context_.stop(); });
    WaitForKey();
    Draw();
    context_.run();
  }

 private:
  void Draw() {
    screen_.Draw(source_.Next().Lines(screen_.columns(), screen_.rows()));
    timer_.expires_after(interval_);
    timer_.async_wait([this](const auto&) { Draw(); });
  }

  void WaitForKey() {
    keys_.async_read_some(boost::asio::buffer(key_), [this](const auto& error, size_t) {
      if (error || key_[0] == 'q' || key_[0] == kControlC) return context_.stop();
      WaitForKey();
    });
  }

  Source& source_;
  const std::chrono::milliseconds interval_;
  boost::asio::io_context context_;
  boost::asio::signal_set signals_;
  boost::asio::steady_timer timer_;
  // Opened anew: reading makes it non-blocking, which the shell's own must not become.
  boost::asio::posix::stream_descriptor keys_;
  std::array<char, 1> key_{};
  const FullScreen screen_;
};

void Top(const TopOptions& options) {
  Source source(options.folder);
  if (options.as_json) {
    std::cout << source.Look().dump(2, ' ', false, json::error_handler_t::replace) << '\n';
    return;
  }
  if (isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1) {
    Live(source, std::chrono::milliseconds(static_cast<int64_t>(options.interval_s * 1000))).Run();
    return;
  }
  for (const std::string& line : source.Next().Lines(kPlainColumns, SIZE_MAX)) {
    std::cout << line << '\n';
  }
}

}  // namespace

void AddTopCommand(CLI::App& app, int&) {
  const auto options = std::make_shared<TopOptions>();
  CLI::App* command = app.add_subcommand("top", "Watch the running host; q ends it");
  command->add_option("DIR", options->folder, "Folder of the store")->required();
  command->add_option("--interval", options->interval_s, "Seconds between two looks [1]")
      ->check(CLI::Range(0.1, 3600.0));
  command->add_flag("--json", options->as_json, "Print what it shows as JSON, once");
  command->footer("Where the output is no terminal, it is printed once.");
  command->callback([options] { Top(*options); });
}

}  // namespace store_sim
