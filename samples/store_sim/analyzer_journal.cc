// SPDX-License-Identifier: Apache-2.0
#include "analyzer_journal.h"

#include <ctime>
#include <fstream>
#include <nlohmann/json.hpp>

#include "times.h"

namespace store_sim {
namespace {

using nlohmann::json;

// engine/events.md has the table.
constexpr uint32_t kSettingsChanged = 1005;
constexpr uint32_t kBackgroundEnded = 1041;

constexpr std::streamoff kMostRead = 4 << 20;

// To the second: "2024-02-29T12:30:01.123456789Z".
int64_t SecondsOf(const json& event) {
  return ParseTime(event.at("time").get<std::string>().substr(0, 19) + "Z", 0) / kSecond;
}

// "A was 0, is 1; B was ..."
bool Tells(const std::string& text, const std::string& change) {
  return ("; " + text + "; ").find("; " + change + "; ") != std::string::npos;
}

class JournalReader {
 public:
  explicit JournalReader(Facts& facts) : facts_(facts) {}

  void Read(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary | std::ios::ate);
    if (!stream) return;
    const std::streamoff size = stream.tellg();
    stream.seekg(std::max<std::streamoff>(0, size - kMostRead));
    for (std::string line; std::getline(stream, line);) TakeLine(line);
  }

 private:
  void TakeLine(const std::string& line) try {
    const json event = json::parse(line);
    const auto id = event.at("id").get<uint32_t>();
    if (id == kBackgroundEnded) TakePass(event);
    if (id == kSettingsChanged) TakeChange(event);
  } catch (const std::exception&) {
    return;  // cut off at the beginning of what is read, or somebody else's
  }

  void TakePass(const json& event) {
    Facts::Pass pass;
    pass.seconds = std::stod(event.at("fields").at("seconds").get<std::string>());
    const std::time_t begun = SecondsOf(event) - static_cast<std::time_t>(pass.seconds);
    std::tm local{};
    localtime_r(&begun, &local);
    pass.weekday = local.tm_wday;
    pass.hour = local.tm_hour;
    facts_.passes.push_back(pass);
  }

  void TakeChange(const json& event) {
    const std::string text = event.at("text");
    if (Tells(text, "Enabled was 1, is 0")) off_since_ = SecondsOf(event);
    if (!Tells(text, "Enabled was 0, is 1") || !off_since_) return;
    facts_.enabled_again_s.push_back(SecondsOf(event) - *off_since_);
    off_since_.reset();
  }

  Facts& facts_;
  std::optional<int64_t> off_since_;
};

}  // namespace

void ReadJournal(const std::filesystem::path& file, Facts& facts) {
  JournalReader reader(facts);
  reader.Read(std::filesystem::path(file) += ".1");
  reader.Read(file);
}

}  // namespace store_sim
