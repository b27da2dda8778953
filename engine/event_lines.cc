// SPDX-License-Identifier: Apache-2.0
#include "event_lines.h"

#include <nlohmann/json.hpp>

#include "text.h"

namespace vsapi::engine {
namespace {

constexpr size_t kPlainLimit = 2000;

}  // namespace

std::string JsonLine(const LoggedEvent& event) {
  using Json = nlohmann::ordered_json;
  const EventKind& kind = KindOf(event.id);
  Json fields = Json::object();
  for (const auto& [name, value] : event.fields) fields[name] = value;
  Json json = {{"time", TimeText(event.time_ns)},
               {"id", static_cast<uint32_t>(event.id)},
               {"severity", SeverityName(event.severity)},
               {"category", kind.category},
               {"text", event.text},
               {"fields", std::move(fields)}};
  if (*kind.action != '\0') json["do"] = kind.action;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string PlainLine(const LoggedEvent& event) {
  std::string line = std::string(SeverityName(event.severity)) + " " +
                     std::to_string(static_cast<uint32_t>(event.id)) + ": " + event.text;
  for (const auto& [name, value] : event.fields) line += "  " + name + "=" + value;
  return CleanLine(line, kPlainLimit);
}

}  // namespace vsapi::engine
