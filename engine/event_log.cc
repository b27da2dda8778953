// SPDX-License-Identifier: Apache-2.0
#include "event_log.h"

#include <utility>

namespace vsapi::engine {

EventLog::EventLog(Clock& clock, Sink sink, EventJournal::Outputs outputs)
    : clock_(clock),
      sink_(std::move(sink)),
      host_(sink_),
      journal_(
          clock,
          [this](LoggedEvent event) {
            if (sink_) host_queue_.Put(std::move(event));
          },
          std::move(outputs)),
      host_queue_(clock, host_, "vsapi-events"),
      journal_queue_(clock, journal_, "vsapi-journal") {
  if (sink_) host_queue_.Start();
}

EventLog::~EventLog() { Close(); }

// The journal first: it may have a last word for the host.
bool EventLog::Close(TimePoint deadline) {
  const bool journal_ended = journal_queue_.Close(deadline);
  return host_queue_.Close(deadline) && journal_ended;
}

void EventLog::Configure(const EventJournal::Options& options) {
  journal_options_ = journal_.Configure(options);
  if (options.is_on()) journal_queue_.Start();
  journal_level_ = options.is_on() ? options.level : kOff;
}

bool EventLog::wanted(EventId id) const {
  return sink_ != nullptr || KindOf(id).severity >= journal_level_;
}

void EventLog::Log(EventId id, std::string what, Fields fields) {
  Log(id, KindOf(id).severity, std::move(what), std::move(fields));
}

void EventLog::Log(EventId id, int32_t severity, std::string what, Fields fields) {
  const bool for_journal = severity >= journal_level_;
  if (!sink_ && !for_journal) return;
  LoggedEvent event = MakeEvent(id, severity, clock_.WallNs(), std::move(what), std::move(fields));
  event.options = journal_options_;
  if (for_journal) journal_queue_.Put(event);
  if (sink_) host_queue_.Put(std::move(event));
}

void EventLog::Host::Take(const LoggedEvent& entry) {
  std::vector<vsapi_event_field> fields;
  for (const auto& [name, value] : entry.fields) fields.push_back({name.c_str(), value.c_str()});
  vsapi_event event = {};
  event.struct_size = sizeof event;
  event.id = static_cast<uint32_t>(entry.id);
  event.severity = entry.severity;
  event.time_ns = entry.time_ns;
  event.category = KindOf(entry.id).category;
  event.text = entry.text.c_str();
  event.fields = fields.data();
  event.field_count = fields.size();
  sink_(event);
}

}  // namespace vsapi::engine
