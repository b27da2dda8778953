// SPDX-License-Identifier: Apache-2.0
#include "host_json.h"

#include <nlohmann/json.hpp>

#include "digest.h"
#include "times.h"

namespace store_sim {
namespace {

using nlohmann::json;

constexpr std::array<const char*, 4> kSeverities{"debug", "info", "warning", "error"};

std::string Hex(const vsapi::Digest& digest) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const uint8_t byte : digest.bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

// null: the vendor does not say.
json DefinitionsJson(const vsapi::Status& status, int64_t now_ns) {
  json definitions{{"digest", Hex(status.definitions)},
                   {"signatures", nullptr},
                   {"built", nullptr},
                   {"age_seconds", nullptr}};
  if (status.signatures != 0) definitions["signatures"] = status.signatures;
  if (const int64_t built = status.definitions_built_ns) {
    definitions["built"] = IsoTime(built);
    definitions["age_seconds"] = (now_ns - built) / 1'000'000'000;
  }
  return definitions;
}

const char* ThreadsBy(int32_t threads_by) {
  switch (threads_by) {
    case VSAPI_THREADS_BY_CGROUP:
      return "cgroup";
    case VSAPI_THREADS_BY_SETTING:
      return "setting";
    default:
      return "affinity";
  }
}

json VendorJson(const vsapi::Status& status, int64_t now_ns) {
  if (!status.serving) return nullptr;
  return {{"name", status.vendor},
          {"version", status.version},
          {"generation", status.generation},
          {"definitions", DefinitionsJson(status, now_ns)}};
}

}  // namespace

json StatusJson(const vsapi::Status& status, int64_t now_ns) {
  return {{"enabled", status.enabled != 0},    {"vendor", VendorJson(status, now_ns)},
          {"threads", status.threads},         {"threads_high", status.threads_high},
          {"queued_high", status.queued_high}, {"queued_low", status.queued_low},
          {"scanning", status.scanning},       {"waiters", status.waiters},
          {"processors", status.processors},   {"threads_by", ThreadsBy(status.threads_by)},
          {"catching_up", status.catching_up}, {"grace", status.grace != 0},
          {"nice_low", status.nice_low},       {"may_raise_priority", status.may_raise != 0},
          {"problem", status.problem},         {"hung", status.hung}};
}

json FaultsJson(const std::vector<vsapi::Fault>& faults) {
  json list = json::array();
  for (const vsapi::Fault& fault : faults)
    list.push_back({{"time", IsoTime(fault.time_ns)},
                    {"vendor", fault.vendor},
                    {"how", fault.how},
                    {"step", fault.step},
                    {"backtrace", fault.backtrace},
                    {"mdb", fault.mdb},
                    {"digest", Hex(fault.digest)},
                    {"number", fault.number}});
  return list;
}

json VendorTimesJson(const std::vector<vsapi::VendorTimes>& all) {
  json list = json::array();
  for (const vsapi::VendorTimes& times : all) {
    if (times.calls == 0 && times.running_ns == 0) continue;
    list.push_back({{"call", times.call},
                    {"calls", times.calls},
                    {"last_ns", times.last_ns},
                    {"longest_ns", times.longest_ns},
                    {"running_ns", times.running_ns}});
  }
  return list;
}

json EventJson(const RecordedEvent& event) {
  json fields = json::object();
  for (const auto& [name, value] : event.fields) fields[name] = value;
  const auto severity = static_cast<size_t>(std::clamp(event.severity, 0, 3));
  return {{"sequence", event.sequence},
          {"time", IsoTime(event.time_ns)},
          {"id", event.id},
          {"severity", kSeverities[severity]},
          {"category", event.category},
          {"text", event.text},
          {"fields", fields}};
}

json EventsJson(const EventRing::Found& found) {
  json events = json::array();
  for (const RecordedEvent& event : found.events) events.push_back(EventJson(event));
  return {
      {"events", events}, {"next", found.next}, {"missed", found.missed}, {"is_all", found.is_all}};
}

}  // namespace store_sim
