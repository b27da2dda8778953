// SPDX-License-Identifier: Apache-2.0
#include "event_journal.h"

#include <filesystem>
#include <utility>

#include "event_lines.h"

namespace vsapi::engine {
namespace {

constexpr uint64_t kMiB = 1 << 20;

int32_t LevelOf(const std::string& name) {
  for (int32_t level = VSAPI_SEVERITY_DEBUG; level < VSAPI_SEVERITY_ERROR; ++level)
    if (name == SeverityName(level)) return level;
  return VSAPI_SEVERITY_ERROR;
}

std::string Numbered(const std::string& file, uint64_t number) {
  return number == 0 ? file : file + "." + std::to_string(number);
}

}  // namespace

EventJournal::Options EventJournal::OptionsOf(const Settings& settings,
                                              const std::string& settings_file) {
  Options options;
  const std::filesystem::path folder = std::filesystem::path(settings_file).parent_path();
  if (!settings.event_file.empty()) options.file = (folder / settings.event_file).string();
  options.file_size = settings.event_file_size_mib * kMiB;
  options.files = settings.event_files;
  options.syslog = settings.event_syslog != 0;
  options.terminal = settings.event_terminal != 0;
  options.level = LevelOf(settings.event_level);
  return options;
}

EventJournal::EventJournal(Clock& clock, std::function<void(LoggedEvent)> tell, Outputs outputs)
    : clock_(clock), tell_(std::move(tell)), outputs_(std::move(outputs)) {}

uint64_t EventJournal::Configure(Options options) {
  const MutexLock lock(mutex_);
  next_options_.push_back(std::move(options));
  return ++last_options_;
}

void EventJournal::TakeOptions(uint64_t up_to) {
  const MutexLock lock(mutex_);
  while (!next_options_.empty() && last_options_ - next_options_.size() < up_to) {
    options_ = std::move(next_options_.front());
    next_options_.pop_front();
  }
}

void EventJournal::Take(const LoggedEvent& event) {
  TakeOptions(event.options);
  if (event.severity < options_.level) return;
  if (fold_.Admit(event, clock_.Now())) Write(event);
}

TimePoint EventJournal::Idle(TimePoint now) {
  for (const LoggedEvent& event : fold_.TakeDue(now, clock_.WallNs())) Write(event);
  return fold_.next();
}

void EventJournal::End() {
  for (const LoggedEvent& event : fold_.TakeAll(clock_.WallNs())) Write(event);
}

void EventJournal::Write(const LoggedEvent& event) {
  if (options_.syslog) outputs_.syslog(event.severity, PlainLine(event));
  if (options_.terminal) outputs_.terminal(PlainLine(event));
  if (!options_.file.empty()) WriteFile(event);
}

void EventJournal::WriteFile(const LoggedEvent& event) {
  std::string text = JsonLine(event);
  if (not_written_ > 0)
    text = JsonLine(Make(EventId::kEventsDropped, "the file could not be written",
                         {{"count", std::to_string(not_written_)}})) +
           text;
  platform::Failure failure;
  if (Append(text, failure)) {
    not_written_ = 0;
    return;
  }
  if (not_written_++ > 0) return;
  const LoggedEvent trouble =
      Make(EventId::kEventFileFails, failure.text, {{"file", options_.file}});
  if (options_.syslog) outputs_.syslog(trouble.severity, PlainLine(trouble));
  if (options_.terminal) outputs_.terminal(PlainLine(trouble));
  tell_(trouble);
}

bool EventJournal::Append(const std::string& text, platform::Failure& failure) {
  const auto mark = platform::MarkOf(options_.file);
  const uint64_t size = mark ? static_cast<uint64_t>(mark->size) : 0;
  if (size > 0 && size + text.size() > options_.file_size) Rotate();
  return outputs_.append(options_.file, text, failure);
}

// file.3 becomes file.4, ... file becomes file.1; what comes after the last one is gone.
void EventJournal::Rotate() {
  std::error_code ignored;  // a gap in the row is none; what can't be renamed just grows
  std::filesystem::remove(Numbered(options_.file, options_.files - 1), ignored);
  for (uint64_t number = options_.files - 1; number > 0; --number)
    std::filesystem::rename(Numbered(options_.file, number - 1), Numbered(options_.file, number),
                            ignored);
}

LoggedEvent EventJournal::Make(EventId id, std::string what, EventFields fields) const {
  return MakeEvent(id, KindOf(id).severity, clock_.WallNs(), std::move(what), std::move(fields));
}

}  // namespace vsapi::engine
