// SPDX-License-Identifier: Apache-2.0
#include "simulate_ledger.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "error.h"

namespace store_sim {
namespace {

using nlohmann::json;

constexpr size_t kMostListed = 20;

double Milliseconds(const LatencyHistogram& histogram, double percent) {
  return static_cast<double>(histogram.Percentile(percent).count()) / 1e6;
}

json ToJson(const LatencyHistogram& histogram) {
  json buckets = json::array();
  for (size_t i = 0; i < LatencyHistogram::kBuckets; ++i)
    if (histogram.count_in(i) > 0) buckets.push_back({i, histogram.count_in(i)});
  return buckets;
}

void AddTo(LatencyHistogram& histogram, const json& buckets) {
  for (const json& each : buckets) histogram.AddTo(each.at(0), each.at(1));
}

json ToJson(const Tally& tally) {
  json actions = json::object();
  for (size_t i = 0; i < kActions; ++i)
    if (tally.actions[i].count() > 0) actions[kActionNames[i]] = ToJson(tally.actions[i]);
  return {{"actions", actions},
          {"messages", ToJson(tally.messages)},
          {"answers", tally.answers},
          {"bytes", tally.bytes}};
}

Tally TallyOf(const json& line) {
  Tally tally;
  for (size_t i = 0; i < kActions; ++i)
    AddTo(tally.actions[i], line.at("actions").value(kActionNames[i], json::array()));
  AddTo(tally.messages, line.at("messages"));
  line.at("answers").get_to(tally.answers);
  line.at("bytes").get_to(tally.bytes);
  return tally;
}

json ToJson(const QueueLook& queue) {
  return {queue.high, queue.low, queue.scanning, queue.waiters, queue.items, queue.current};
}

QueueLook QueueLookOf(const json& numbers) {
  return {numbers.at(0), numbers.at(1), numbers.at(2), numbers.at(3), numbers.at(4), numbers.at(5)};
}

}  // namespace

void Tally::Merge(const Tally& other) {
  for (size_t i = 0; i < kActions; ++i) actions[i].Merge(other.actions[i]);
  messages.Merge(other.messages);
  for (size_t i = 0; i < answers.size(); ++i) answers[i] += other.answers[i];
  bytes += other.bytes;
}

Ledger::Ledger(const std::filesystem::path& file, const std::string& identity) {
  if (std::filesystem::exists(file)) Restore(file, identity);
  file_.open(file, std::ios::app);
  ++results_.starts;
  WriteLocked({{"begun", identity}});
}

// A line that was being written when its process was killed is none, and goes.
void Ledger::Restore(const std::filesystem::path& file, const std::string& identity) try {
  std::ifstream lines(file);
  uint64_t whole = 0;
  for (std::string line; std::getline(lines, line) && !lines.eof(); whole += line.size() + 1)
    Read(json::parse(line), identity);
  std::filesystem::resize_file(file, whole);
} catch (const json::exception&) {
  throw Error(file.string() + ": is no ledger of a simulation; give another folder by --out");
} catch (const Error& error) {
  throw Error(file.string() + ": " + error.what() + "; give another folder by --out");
}

void Ledger::Read(const json& line, const std::string& identity) {
  if (line.contains("ended")) throw Error("this simulation is over");
  if (line.contains("begun")) {
    if (line["begun"] != identity) throw Error("is of another profile, seed or length");
    ++results_.starts;
  } else if (line.contains("stored")) {
    line.at("in").get_to(results_.stored[line["stored"].get<std::string>()]);
  } else if (line.contains("exposed")) {
    KeepLocked({line["exposed"], line.at("message"), line.at("user"), line.at("at")});
  } else {
    EndSecondLocked(line.at("second"), QueueLookOf(line.at("queue")), TallyOf(line.at("tally")));
  }
}

double Ledger::reached_s() const {
  const std::lock_guard lock(mutex_);
  return results_.seconds.empty() ? 0 : results_.seconds.back().at_s;
}

uint64_t Ledger::starts() const {
  const std::lock_guard lock(mutex_);
  return results_.starts;
}

void Ledger::Stored(const std::string& token, const std::vector<uint64_t>& mailboxes) {
  const std::lock_guard lock(mutex_);
  results_.stored[token] = mailboxes;
  WriteLocked({{"stored", token}, {"in", mailboxes}});
}

void Ledger::Took(Action action, std::chrono::nanoseconds latency) {
  const std::lock_guard lock(mutex_);
  second_.actions[static_cast<size_t>(action)].Add(latency);
}

void Ledger::Asked(Answered answered, std::chrono::nanoseconds latency) {
  const std::lock_guard lock(mutex_);
  ++second_.answers[static_cast<size_t>(answered)];
  second_.messages.Add(latency);
}

void Ledger::Gone() {
  const std::lock_guard lock(mutex_);
  ++second_.answers[static_cast<size_t>(Answered::kGone)];
}

void Ledger::Given(uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  second_.bytes += bytes;
}

void Ledger::Exposed(const Exposure& exposure) {
  const std::lock_guard lock(mutex_);
  KeepLocked(exposure);
  WriteLocked({{"exposed", exposure.what},
               {"message", exposure.message},
               {"user", exposure.user},
               {"at", exposure.at_s}});
}

void Ledger::Trouble(const std::string& text) {
  const std::lock_guard lock(mutex_);
  ++results_.failed;
  auto& troubles = results_.troubles;
  const bool known = std::find(troubles.begin(), troubles.end(), text) != troubles.end();
  if (!known && troubles.size() < kMostListed) troubles.push_back(text);
}

void Ledger::EndSecond(double at_s, const QueueLook& queue) {
  const std::lock_guard lock(mutex_);
  WriteLocked({{"second", at_s}, {"queue", ToJson(queue)}, {"tally", ToJson(second_)}});
  EndSecondLocked(at_s, queue, second_);
  second_ = {};
}

void Ledger::End() {
  const std::lock_guard lock(mutex_);
  WriteLocked({{"ended", true}});
}

Results Ledger::results() const {
  const std::lock_guard lock(mutex_);
  Results results = results_;
  results.all.Merge(second_);
  return results;
}

uint64_t Ledger::done() const {
  const std::lock_guard lock(mutex_);
  uint64_t done = 0;
  for (size_t i = 0; i < kActions; ++i)
    done += results_.all.actions[i].count() + second_.actions[i].count();
  return done;
}

void Ledger::WriteLocked(const json& line) {
  if (!file_.is_open()) return;
  file_ << line.dump() << '\n' << std::flush;
  if (!file_) throw Error("the ledger of the simulation can't be written; check the disk");
}

void Ledger::EndSecondLocked(double at_s, const QueueLook& queue, const Tally& tally) {
  Second second;
  second.at_s = at_s;
  second.queue = queue;
  for (size_t i = 0; i < kActions; ++i) second.done[i] = tally.actions[i].count();
  const LatencyHistogram& open = tally.actions[static_cast<size_t>(Action::kOpen)];
  second.open_p50_ms = Milliseconds(open, 50);
  second.open_p99_ms = Milliseconds(open, 99);
  second.message_p50_ms = Milliseconds(tally.messages, 50);
  second.message_p99_ms = Milliseconds(tally.messages, 99);
  results_.seconds.push_back(second);
  results_.all.Merge(tally);
}

void Ledger::KeepLocked(const Exposure& exposure) {
  ++results_.exposed;
  if (results_.exposures.size() < kMostListed) results_.exposures.push_back(exposure);
}

}  // namespace store_sim
