// SPDX-License-Identifier: Apache-2.0
#include "event_log.h"

#include <algorithm>

#include "platform.h"

namespace vsapi::engine {
namespace {

constexpr EventKind kKinds[] = {
    {EventId::kEngineStarted, VSAPI_SEVERITY_INFO, "load"},
    {EventId::kEngineStopped, VSAPI_SEVERITY_INFO, "load"},
    {EventId::kSettingWrong, VSAPI_SEVERITY_WARNING, "load"},
    {EventId::kSettingsMalformed, VSAPI_SEVERITY_ERROR, "load"},
    {EventId::kStateNotKept, VSAPI_SEVERITY_WARNING, "load"},
    {EventId::kSettingsChanged, VSAPI_SEVERITY_INFO, "load"},
    {EventId::kReloadNowStays, VSAPI_SEVERITY_WARNING, "load"},
    {EventId::kVendorLoaded, VSAPI_SEVERITY_INFO, "load"},
    {EventId::kVendorRefused, VSAPI_SEVERITY_ERROR, "load"},
    {EventId::kVendorRetired, VSAPI_SEVERITY_INFO, "load"},
    {EventId::kNoVendor, VSAPI_SEVERITY_ERROR, "load"},
    {EventId::kVendorSays, VSAPI_SEVERITY_INFO, "load"},
    {EventId::kReloadWaits, VSAPI_SEVERITY_WARNING, "load"},
    {EventId::kVirusFound, VSAPI_SEVERITY_WARNING, "virus found"},
    {EventId::kItemScanned, VSAPI_SEVERITY_DEBUG, "scan"},
    {EventId::kNotJudged, VSAPI_SEVERITY_WARNING, "scan"},
    {EventId::kContractBroken, VSAPI_SEVERITY_ERROR, "unexpected"},
    {EventId::kOutcomeNotWritten, VSAPI_SEVERITY_ERROR, "unexpected"},
    {EventId::kThreadsAbandoned, VSAPI_SEVERITY_ERROR, "unexpected"},
    {EventId::kEventsDropped, VSAPI_SEVERITY_WARNING, "unexpected"},
    {EventId::kScanFailed, VSAPI_SEVERITY_WARNING, "unexpected"},
};

}  // namespace

const EventKind& KindOf(EventId id) {
  return *std::find_if(std::begin(kKinds), std::end(kKinds) - 1,
                       [id](const EventKind& kind) { return kind.id == id; });
}

EventLog::EventLog(Clock& clock, Sink sink) : clock_(clock), sink_(std::move(sink)) {
  if (sink_) thread_ = std::thread([this] { Run(); });
}

EventLog::~EventLog() { Close(); }

void EventLog::Close() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.NotifyOne();
  if (thread_.joinable()) thread_.join();
}

void EventLog::Log(EventId id, std::string text, Fields fields) {
  Log(id, KindOf(id).severity, std::move(text), std::move(fields));
}

void EventLog::Log(EventId id, int32_t severity, std::string text, Fields fields) {
  if (!sink_) return;
  EventKind kind = KindOf(id);
  kind.severity = severity;
  {
    const MutexLock lock(mutex_);
    if (stopping_) return;
    if (queue_.size() >= kLimit) {
      ++dropped_;
      return;
    }
    queue_.push_back({kind, clock_.WallNs(), std::move(text), std::move(fields)});
  }
  changed_.NotifyOne();
}

void EventLog::Run() {
  platform::SetThreadName("vsapi-events");
  mutex_.Lock();
  while (!stopping_ || !queue_.empty()) {
    if (queue_.empty()) {
      changed_.Wait(mutex_);
      continue;
    }
    std::deque<Entry> batch = std::move(queue_);
    queue_.clear();
    const uint64_t dropped = std::exchange(dropped_, 0);
    mutex_.Unlock();
    for (const Entry& entry : batch) Deliver(entry);
    if (dropped > 0)
      Deliver({KindOf(EventId::kEventsDropped),
               clock_.WallNs(),
               std::to_string(dropped) + " events were dropped: the host takes them too slowly",
               {}});
    mutex_.Lock();
  }
  mutex_.Unlock();
}

void EventLog::Deliver(const Entry& entry) const {
  std::vector<vsapi_event_field> fields;
  for (const auto& [name, value] : entry.fields) fields.push_back({name.c_str(), value.c_str()});
  vsapi_event event = {};
  event.struct_size = sizeof event;
  event.id = static_cast<uint32_t>(entry.kind.id);
  event.severity = entry.kind.severity;
  event.time_ns = entry.time_ns;
  event.category = entry.kind.category;
  event.text = entry.text.c_str();
  event.fields = fields.data();
  event.field_count = fields.size();
  sink_(event);
}

}  // namespace vsapi::engine
