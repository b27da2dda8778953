// SPDX-License-Identifier: Apache-2.0
//
// A store with its transport queue in the test's own process: so tests step through scans by the
// gate of the test vendors, and see the engine's counters.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <map>
#include <optional>
#include <sstream>

#include "error.h"
#include "event_ring.h"
#include "message_answer.h"
#include "open_run.h"
#include "registry_file.h"
#include "settings_text.h"
#include "support/gate.h"
#include "temp_folder.h"
#include "transport_worker.h"

namespace store_sim {

using SettingsMap = std::map<std::string, std::string>;

class TransitTest : public ::testing::Test {
 protected:
  ~TransitTest() override {
    gate_.LetAll();
    Stop();
  }

  // A store with one MDB, `mdb1`, and its worker; made at the first call, else gone on with.
  void Start(SettingsMap settings = {}, const std::string& vendor = "good") {
    const std::filesystem::path folder = folder_ / "s";
    if (!std::filesystem::exists(folder)) Store::Init(folder, {"mdb1"});
    settings.emplace("TransportAVAPI\\Enabled", "1");
    WriteSettings(folder, settings, vendor);
    store_.emplace(folder, Access::kWrite);
    queue_.emplace(folder, Access::kWrite);
    ScanOptions options;
    options.background = settings["BackgroundScanning"] == "1";
    options.listener = [this](const vsapi::Event& event) {
      constexpr uint32_t kPassEnded = 1041, kPassWithNothingToScan = 1043;
      if (event.id == kPassEnded || event.id == kPassWithNothingToScan) ++passes_;
      events_.Add(event);
    };
    scanning_.emplace(*store_, options, lines_);
    worker_.emplace(
        *store_, *queue_, *scanning_,
        [this](const std::string& line) {
          const std::lock_guard lock(mutex_);
          told_ += line + "\n";
        },
        bounds_);
  }
  void Stop() {
    if (worker_) worker_->StopTaking();
    if (scanning_) scanning_->End();
    worker_.reset();
    scanning_.reset();
    queue_.reset();
    store_.reset();
  }

  std::future<TransportWorker::Outcome> SubmitLater(const std::string& raw,
                                                    Envelope envelope = {}) {
    if (envelope.to.empty() && envelope.relay.empty()) envelope.to = {"bob@example.org"};
    if (envelope.access == 0) envelope.access = VSAPI_ACCESS_TRANSPORT;
    return worker_->Submit(std::move(envelope), raw);
  }
  TransportWorker::Outcome Submit(const std::string& raw, const Envelope& envelope = {}) {
    auto outcome = SubmitLater(raw, envelope);
    return Get(outcome);
  }
  static TransportWorker::Outcome Get(std::future<TransportWorker::Outcome>& outcome) {
    if (outcome.wait_for(vsapi::test::kPatience) == std::future_status::ready) return outcome.get();
    ADD_FAILURE() << "no outcome";
    return {};
  }

  Mdb& mdb() { return store_->mdb("mdb1"); }
  std::string RawOf(int64_t number) { return mdb().ReadRaw(number).value_or(""); }
  uint64_t Count(const std::string& name) { return CountersOf(scanning_->engine()).at(name); }
  uint64_t scans() { return Count("Virus Scan Files Scanned"); }
  Outcome Open(int64_t number) {
    const auto [message, decisions] = AskFor(*scanning_, mdb(), number, {});
    return AnswerOf(message, decisions).outcome;
  }
  // Has an event of that number come? Its text.
  std::string AwaitEvent(uint32_t id) {
    EventRing::Wanted wanted;
    wanted.id = id;
    std::string text;
    EXPECT_TRUE(vsapi::test::Eventually([&] {
      const auto found = events_.Find(wanted, std::chrono::milliseconds(0));
      for (const auto& event : found.events) text = event.text;
      return !found.events.empty();
    })) << "event "
        << id;
    return text;
  }

  size_t CountEvents(uint32_t id) {
    EventRing::Wanted wanted;
    wanted.id = id;
    return events_.Find(wanted, std::chrono::milliseconds(0)).events.size();
  }

  TempFolder folder_;
  vsapi::test::VendorGate gate_;
  std::ostringstream terminal_;
  Progress progress_{terminal_, false};
  EventLines lines_{progress_, EventLines::Which::kProblems};
  EventRing events_;
  std::mutex mutex_;
  std::string told_;
  TransitBounds bounds_;            // for Start
  std::atomic<size_t> passes_ = 0;  // of background scanning that are over
  std::optional<Store> store_;
  std::optional<TransportQueue> queue_;
  std::optional<Scanning> scanning_;
  std::optional<TransportWorker> worker_;

 private:
  void WriteSettings(const std::filesystem::path& folder, SettingsMap settings,
                     const std::string& vendor) {
    settings.emplace("Enabled", "1");
    settings.emplace("BackgroundScanning", "0");
    settings.emplace("Library", VSAPI_TEST_VENDORS_DIR "/" + vendor + ".so");
    settings.emplace("Parameters", gate_.parameters());
    std::ofstream(folder / kRegistryFileName)
        << vsapi::engine::DefaultRegistryFile({settings.begin(), settings.end()});
  }
};

inline std::string Base64(const std::string& bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<size_t>(size));
  return text;
}

// A text, and attachments in base64, so that their words stand in their own contents alone.
inline std::string Multipart(const std::string& subject, const std::string& text,
                             const std::vector<std::string>& attachments) {
  std::string raw = "From: alice@example.org\r\nTo: bob@example.org\r\nMessage-ID: <" + subject +
                    "@example.org>\r\nSubject: " + subject +
                    "\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; "
                    "boundary=\"b\"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n" +
                    text + "\r\n";
  for (const std::string& attachment : attachments)
    raw +=
        "--b\r\nContent-Type: application/octet-stream; name=\"a.bin\"\r\n"
        "Content-Disposition: attachment; filename=\"a.bin\"\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n" +
        Base64(attachment) + "\r\n";
  return raw + "--b--\r\n";
}

}  // namespace store_sim
