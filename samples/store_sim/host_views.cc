// SPDX-License-Identifier: Apache-2.0
#include "host_views.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "display.h"
#include "latencies.h"
#include "times.h"

namespace store_sim {
namespace {

using nlohmann::json;

constexpr size_t kTitleWidth = 15;

void Row(std::ostream& out, const std::string& title, const std::string& text) {
  out << title << std::string(kTitleWidth - title.size(), ' ') << text << '\n';
}

std::string Text(const json& object, const char* name) { return object.at(name).dump(); }

// "12.3 ms"
std::string MillisecondsText(const json& ns) {
  const uint64_t tenths = ns.get<uint64_t>() / 100'000;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " ms";
}

std::string AgeText(const json& seconds) { return FormatAge(seconds.get<int64_t>() * kSecond); }

}  // namespace

std::string VendorText(const json& vendor) {
  if (vendor.is_null()) return "none: nothing can be scanned; see the events";
  return ForDisplay(vendor.at("name").get<std::string>()) + ", version " + Text(vendor, "version") +
         ", generation " + Text(vendor, "generation");
}

std::string DefinitionsText(const json& vendor) {
  if (vendor.is_null()) return "none";
  const json& definitions = vendor.at("definitions");
  std::string text = definitions.at("signatures").is_null()
                         ? "unknown number of signatures"
                         : Text(definitions, "signatures") + " signatures";
  if (definitions.at("age_seconds").is_null()) return text + ", of unknown age";
  return text + ", " + AgeText(definitions.at("age_seconds")) + " old";
}

std::string ThreadsText(const json& status) {
  return Text(status, "threads") + ", of these " + Text(status, "threads_high") +
         " for the high lane alone; processors " + Text(status, "processors") + ", decided by " +
         status.at("threads_by").get<std::string>();
}

// What a client meets that joins a low scan.
std::string LowLaneText(const json& status) {
  return "nice " + Text(status, "nice_low") +
         (status.at("may_raise_priority").get<bool>()
              ? "; priorities may be raised: who is joined by a client is lifted"
              : "; priorities may not be raised: who joins a scan gets a second one");
}

// What it goes over, and what clients get meanwhile.
std::string BackgroundText(const json& status) {
  return "going over " + Text(status, "catching_up") + " MDBs; " +
         (status.at("grace").get<bool>() ? "meanwhile old clean stamps are good for reading"
                                         : "what is stale is scanned when it is opened");
}

std::string Percentage(uint64_t part, uint64_t whole) {
  const uint64_t thousandths = whole == 0 ? 1000 : part * 1000 / whole;
  return std::to_string(thousandths / 10) + "." + std::to_string(thousandths % 10) + " %";
}

void PrintStatus(const json& status, std::ostream& out) {
  Row(out, "host",
      "process " + Text(status, "process") + ", up for " + AgeText(status.at("uptime_seconds")));
  Row(out, "scanning", status.at("enabled").get<bool>() ? "on" : "off: all is released unscanned");
  Row(out, "vendor", VendorText(status.at("vendor")));
  if (const auto problem = status.at("problem").get<std::string>(); !problem.empty())
    Row(out, "problem", problem);
  Row(out, "definitions", DefinitionsText(status.at("vendor")));
  Row(out, "threads", ThreadsText(status));
  Row(out, "low lane", LowLaneText(status));
  Row(out, "background", BackgroundText(status));
  Row(out, "at the vendor",
      Text(status, "scanning") + (status.at("hung") == 0 ? "" : ", hung " + Text(status, "hung")));
  Row(out, "queued", "high " + Text(status, "queued_high") + ", low " + Text(status, "queued_low"));
  Row(out, "waiters", Text(status, "waiters"));
  out << '\n';
  PrintMdbs(status.at("mdbs"), out);
  PrintFaults(status.at("faults"), out);
  if (status.at("vendor_calls").empty()) return;
  out << '\n';
  PrintVendorCalls(status.at("vendor_calls"), out);
}

void PrintFaults(const json& faults, std::ostream& out) {
  for (const json& fault : faults) {
    const auto of = [&fault](const char* name) { return fault.at(name).get<std::string>(); };
    out << "\nfault at " << of("time") << ": " << of("vendor") << " " << of("how") << ", "
        << of("step") << ", over scan " << Text(fault, "number")
        << (of("mdb").empty() ? "" : " for " + of("mdb")) << ", content " << of("digest") << '\n';
    if (!of("backtrace").empty()) out << "  by " << of("backtrace") << '\n';
  }
}

void PrintVendorCalls(const json& calls, std::ostream& out) {
  using enum Table::Align;
  Table table({{"VENDOR CALL"}, {"CALLS", kRight}, {"LAST", kRight}, {"LONGEST", kRight}, {"NOW"}});
  for (const json& call : calls) {
    const json& running = call.at("running_ns");
    table.Add({call.at("call"), Text(call, "calls"), MillisecondsText(call.at("last_ns")),
               MillisecondsText(call.at("longest_ns")),
               running == 0 ? "" : "for " + MillisecondsText(running)});
  }
  table.Print(out);
}

// Of an MDB: how fast it is scanned, and how long it takes yet.
std::string RateText(const json& mdb) {
  const auto per_second = mdb.at("per_second").get<double>();
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", per_second);
  return per_second == 0 ? "-" : text;
}

// "-": nothing is becoming current, so nobody knows.
std::string TimeLeftText(const json& mdb) {
  const json& seconds = mdb.at("seconds_left");
  return seconds.is_null() ? "-" : AgeText(seconds);
}

void PrintMdbs(const json& mdbs, std::ostream& out) {
  using enum Table::Align;
  Table table({{"MDB"},
               {"ITEMS", kRight},
               {"CURRENT", kRight},
               {"COVERAGE", kRight},
               {"PER SECOND", kRight},
               {"TIME LEFT", kRight}});
  for (const json& mdb : mdbs) {
    if (mdb.contains("problem"))
      table.Add({mdb.at("name"), "-", "-", "-", "-", "-"});
    else
      table.Add({mdb.at("name"), Text(mdb, "items"), Text(mdb, "current"),
                 Percentage(mdb.at("current"), mdb.at("items")), RateText(mdb), TimeLeftText(mdb)});
  }
  table.Print(out);
  for (const json& mdb : mdbs)
    if (mdb.contains("problem")) out << mdb.at("problem").get<std::string>() << '\n';
}

// VSAPI's own first.
void PrintCounters(const json& counters, std::ostream& out) {
  Table table({{"COUNTER"}, {"VALUE", Table::Align::kRight}});
  for (const bool vsapis : {true, false}) {
    for (const auto& [name, value] : counters.items()) {
      const bool shown = value.is_number() && name.starts_with("Virus Scan ") == vsapis;
      if (shown) table.Add({name, value.dump()});
    }
  }
  table.Print(out);
  out << '\n';
  PrintLatencies(counters.at(kLatencies), out);
}

std::string EventLine(const json& event) {
  const auto text = [&](const char* name) { return event.at(name).get<std::string>(); };
  std::string line = text("time") + "  " + text("severity") + " " + Text(event, "id") + "  " +
                     ForDisplay(text("text"));
  for (const auto& [name, value] : event.at("fields").items()) {
    line += "  " + name + "=" + ForDisplay(value.get<std::string>(), 80);
  }
  return line;
}

}  // namespace store_sim
