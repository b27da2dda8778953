// SPDX-License-Identifier: Apache-2.0
//
// The administrator's record of events: a file of JSON lines that is rotated, syslog, the terminal.
// What repeats is folded. What the file can't take is dropped and counted, and told of elsewhere;
// when it can again, it says how many are missing.
//
// Thread safety: Configure from any thread; the rest on the queue's.
#pragma once

#include <deque>
#include <functional>
#include <string>

#include "event_fold.h"
#include "event_queue.h"
#include "mutex.h"
#include "platform.h"
#include "settings.h"

namespace vsapi::engine {

class EventJournal final : public EventReceiver {
 public:
  // Where lines go; a test puts its own there.
  struct Outputs {
    std::function<bool(const std::string& path, const std::string& text, platform::Failure&)>
        append = platform::AppendFile;
    std::function<void(int32_t severity, const std::string& line)> syslog = platform::WriteSyslog;
    std::function<void(const std::string& line)> terminal = platform::WriteTerminal;
  };
  struct Options {
    std::string file = {};  // "": none
    uint64_t file_size = 0;
    uint64_t files = 1;
    bool syslog = false;
    bool terminal = false;
    int32_t level = VSAPI_SEVERITY_INFO;
    bool is_on() const { return !file.empty() || syslog || terminal; }
    bool operator==(const Options&) const = default;
  };
  // Of these settings, which come from `settings_file`.
  static Options OptionsOf(const Settings& settings, const std::string& settings_file);

  // `tell` hands on what the file's readers can't see: that it can't be written.
  EventJournal(Clock& clock, std::function<void(LoggedEvent)> tell, Outputs outputs);

  // For the events that are logged from now on; returns the number of these options, from 1. What
  // was logged before still goes where it was to go.
  uint64_t Configure(Options options);

  void Take(const LoggedEvent& event) override;
  TimePoint Idle(TimePoint now) override;
  void End() override;

 private:
  void TakeOptions(uint64_t up_to);
  void Write(const LoggedEvent& event);
  void WriteFile(const LoggedEvent& event);
  bool Append(const std::string& text, platform::Failure& failure);
  void Rotate();
  LoggedEvent Make(EventId id, std::string what, EventFields fields) const;

  Clock& clock_;
  const std::function<void(LoggedEvent)> tell_;
  const Outputs outputs_;
  Options options_;
  EventFold fold_;
  uint64_t not_written_ = 0;  // since the file took something

  Mutex mutex_;
  std::deque<Options> next_options_ VSAPI_GUARDED_BY(mutex_);
  uint64_t last_options_ VSAPI_GUARDED_BY(mutex_) = 0;  // number of the last one there
};

}  // namespace vsapi::engine
