// SPDX-License-Identifier: Apache-2.0
#include "generation_record.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "platform.h"

namespace vsapi::engine {
namespace {

constexpr char kStateFile[] = "virusscan.state";
constexpr size_t kLargestState = 1 << 20;

// The next number of the text, which is moved behind it; nullopt: there is none.
std::optional<uint64_t> TakeNumber(std::string_view& text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end == text.data() + text.size()) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()) + 1);  // with what ends it
  return number;
}

}  // namespace

GenerationRecord::GenerationRecord(const std::string& folder, Clock& clock, EventLog& events)
    : path_(folder.empty() ? "" : folder + "/" + kStateFile), clock_(clock), events_(events) {
  if (!path_.empty()) Read();
}

GenerationRecord::Entry GenerationRecord::Next(const std::string& parameters, bool forces_pass) {
  const auto seed = static_cast<uint64_t>(clock_.WallNs() / 1'000'000'000);
  kept_.number = std::max(kept_.number + 1, seed);
  Write();
  const bool begins = forces_pass || (kept_.parameters && *kept_.parameters != parameters);
  return {kept_.number, begins ? kept_.number : kept_.since, parameters};
}

void GenerationRecord::Serves(const Entry& entry) {
  if (entry.since == kept_.since && entry.parameters == kept_.parameters) return;
  kept_ = entry;
  Write();
}

// "NUMBER SINCE\nPARAMETERS"; by an earlier engine "NUMBER\n".
void GenerationRecord::Read() {
  platform::Failure failure;
  const std::string content = platform::ReadFile(path_, kLargestState, failure).value_or("");
  std::string_view text = content;
  kept_.number = TakeNumber(text).value_or(0);
  const auto since = TakeNumber(text);
  if (!since) return;
  kept_.since = *since;
  kept_.parameters = text;
}

void GenerationRecord::Write() {
  if (path_.empty()) return;
  std::string text = std::to_string(kept_.number) + "\n";
  if (kept_.parameters)
    text.insert(text.size() - 1, " " + std::to_string(kept_.since)).append(*kept_.parameters);
  platform::Failure failure;
  if (!platform::WriteFileAtomically(path_, text, failure))
    events_.Log(EventId::kStateNotKept, failure.text);
}

}  // namespace vsapi::engine
