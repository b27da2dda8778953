// SPDX-License-Identifier: Apache-2.0
#include "engine_way.h"

#include "error.h"
#include "mdb_coverage.h"

namespace store_sim::ways {
namespace {

constexpr std::chrono::milliseconds kBetweenLooks{20};

double SecondsSince(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

Settings EngineWay::settings() const {
  Settings settings{{"Enabled", "1"},
                    {"Profile", profile_},
                    {"BackgroundScanning", "1"},
                    {"ProactiveScanning", "1"},
                    {"Library", VSAPI_WAYS_VENDOR},
                    {"Parameters", places_.parameters()}};
  if (transport_ != Transport::kNone) settings.emplace_back("TransportAVAPI\\Enabled", "1");
  return settings;
}

void EngineWay::Begin(Host& host, const Mailboxes&) {
  host_ = &host;
  if (!host.engine().Status().serving) throw Error("the vendor was not loaded");
  if (transport_ == Transport::kIgnored) std::filesystem::create_directory(places_.folder / "next");
}

// Where the store is not told, the message goes to the next host, and that one is a store which
// takes in what comes as it comes.
Scene::Gate EngineWay::gate() {
  if (transport_ == Transport::kNone) return {};
  return [this](const std::string& mail, const std::vector<std::string>& to) {
    Envelope envelope;
    envelope.to = to;
    envelope.access = VSAPI_ACCESS_TRANSPORT;
    if (transport_ == Transport::kIgnored) envelope.relay = (places_.folder / "next").string();
    return host().transport().Submit(std::move(envelope), mail).get().answer ==
           VSAPI_MESSAGE_DELIVER;
  };
}

// From then on no client is given what they know, scanned or not: a stamp of before is not current.
void EngineWay::Load() {
  const auto begin = Clock::now();
  Reload();
  loaded_after_s_ = SecondsSince(begin);
  watch_ = std::jthread([this, begin](const std::stop_token& stop) { AwaitRescan(stop, begin); });
}

void EngineWay::Reload() {
  if (!host().engine().Reload()) throw Error("the vendor could not load the new definitions");
}

void EngineWay::AwaitRescan(const std::stop_token& stop, Clock::time_point since) {
  while (!stop.stop_requested()) {
    if (IsAllCurrent()) {
      rescanned_after_s_ = SecondsSince(since);
      return;
    }
    std::this_thread::sleep_for(kBetweenLooks);
  }
}

bool EngineWay::IsAllCurrent() const {
  const vsapi::Status status = host().engine().Status();
  for (const auto& mdb : host().store().mdbs()) {
    const Coverage coverage = CoverageOf(host().store().folder() / (mdb->name() + ".db"), status);
    if (coverage.current < coverage.items) return false;
  }
  return true;
}

void EngineWay::End() {
  const Counters counters = CountersOf(host().engine());
  released_ = counters.at("Released Unscanned Not In Profile");
  second_scans_ = counters.at("Second Scans");
  watch_ = {};
}

void EngineWay::Report(Records& records) {
  records.Add("released_unscanned", static_cast<double>(released_));
  records.Add("second_scans", static_cast<double>(second_scans_));
  if (loaded_after_s_) records.Add("protected_after", *loaded_after_s_, "s");
  if (rescanned_after_s_) records.Add("rescanned_after", *rescanned_after_s_, "s");
}

}  // namespace store_sim::ways
