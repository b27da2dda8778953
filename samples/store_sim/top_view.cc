// SPDX-License-Identifier: Apache-2.0
#include "top_view.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <sstream>

#include "display.h"
#include "host_views.h"
#include "times.h"

namespace store_sim {
namespace {

using nlohmann::json;

constexpr char kScanned[] = "Virus Scan Files Scanned";

struct Shown {
  const char* title;
  const char* counter;
};
constexpr std::array<Shown, 13> kShown{{{"messages", "Virus Scan Messages Processed"},
                                        {"messages cleaned", "Virus Scan Messages Cleaned"},
                                        {"messages quarantined", "Virus Scan Messages Quarantined"},
                                        {"items scanned", kScanned},
                                        {"bytes scanned", "Virus Scan Bytes Scanned"},
                                        {"infected", "Files Infected"},
                                        {"items cleaned", "Virus Scan Files Cleaned"},
                                        {"items quarantined", "Virus Scan Files Quarantined"},
                                        {"failed", "Scans Failed"},
                                        {"stamp hits", "Stamp Hits"},
                                        {"promotions", "Promotions"},
                                        {"left unscanned", "Proactive Left Unscanned"},
                                        {"time-outs", "Time-outs"}}};

std::string Number(double number, const char* unit = "") {
  std::array<char, 64> text;
  std::snprintf(text.data(), text.size(), "%.1f%s", number, unit);
  return text.data();
}

std::vector<std::string> LinesOf(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

void Append(std::vector<std::string>& lines, std::vector<std::string> more) {
  lines.insert(lines.end(), more.begin(), more.end());
}

}  // namespace

void TopView::Take(const json& status, const json& counters, const json& events, int64_t now_ns) {
  status_ = status;
  if (status.contains("mdbs")) mdbs_ = status["mdbs"];
  before_ = std::move(now_);
  now_ = {counters, now_ns};
  for (const json& event : events) events_.push_back(EventLine(event));
  while (events_.size() > kMostEvents) events_.pop_front();
}

double TopView::Since(const char* counter) const {
  const uint64_t was = before_.counters.value(counter, uint64_t{0});
  return static_cast<double>(now_.counters.value(counter, uint64_t{0}) - was);
}

// 0: there is nothing to compare with yet.
double TopView::Seconds() const {
  return before_.time_ns == 0 ? 0 : static_cast<double>(now_.time_ns - before_.time_ns) / 1e9;
}

std::string TopView::Rate(const char* counter) const {
  return Seconds() > 0 ? Number(Since(counter) / Seconds()) : "-";
}

std::string TopView::Mean(const char* sum) const {
  const bool known = Seconds() > 0 && Since(kScanned) > 0;
  return known ? Number(Since(sum) / Since(kScanned) / 1e6, " ms") : "-";
}

std::vector<std::string> TopView::Head() const {
  const auto text = [this](const char* name) { return status_.at(name).dump(); };
  const json& vendor = status_.at("vendor");
  const std::string age = FormatAge(status_.at("uptime_seconds").get<int64_t>() * 1'000'000'000);
  return {"host         process " + text("process") + ", up for " + age + "; scanning is " +
              (status_.at("enabled").get<bool>() ? "on" : "off"),
          "vendor       " + VendorText(vendor),
          "definitions  " + DefinitionsText(vendor),
          "threads      " + text("threads") + ", at the vendor " + text("scanning") + ", waiters " +
              text("waiters"),
          "queued       high " + text("queued_high") + ", low " + text("queued_low"),
          ""};
}

std::vector<std::string> TopView::CounterRows(bool with_zeros) const {
  using enum Table::Align;
  Table table({{"               "}, {"       TOTAL", kRight}, {"  PER SECOND", kRight}});
  for (const Shown& shown : kShown) {
    const auto total = now_.counters.value(shown.counter, uint64_t{0});
    if (total == 0 && !with_zeros) continue;
    table.Add({shown.title, std::to_string(total), Rate(shown.counter)});
  }
  table.Add({"queue wait", "mean", Mean("Queue Wait Nanoseconds")});
  table.Add({"vendor time", "mean", Mean("Vendor Nanoseconds")});
  std::ostringstream text;
  table.Print(text);
  return LinesOf(text.str() + "\n");
}

std::vector<std::string> TopView::MdbRows() const {
  std::ostringstream text;
  PrintMdbs(mdbs_, text);
  return LinesOf(text.str() + "\n");
}

// Where rows are few, what has never been counted makes room for the MDBs and the latest events.
std::vector<std::string> TopView::Lines(size_t columns, size_t rows) const {
  const auto upper = [this](bool with_zeros) {
    std::vector<std::string> lines = Head();
    Append(lines, CounterRows(with_zeros));
    Append(lines, MdbRows());
    return lines;
  };
  std::vector<std::string> lines = upper(true);
  if (lines.size() + events_.size() > rows) lines = upper(false);
  const size_t room = rows > lines.size() ? rows - lines.size() : 0;
  const auto shown = static_cast<ptrdiff_t>(std::min(room, events_.size()));
  Append(lines, {events_.end() - shown, events_.end()});
  if (lines.size() > rows) lines.resize(rows);
  for (std::string& line : lines) line = ForDisplay(line, columns);
  return lines;
}

}  // namespace store_sim
