// SPDX-License-Identifier: Apache-2.0
//
// A worker process that was taken over writes what it likes into the memory that it shares with the
// engine: what the engine makes of that keeps the rules, and reads nothing beyond. The bytes are
// the numbers of a Talk, and what then stands packed in it; the rest is whatever was there.
#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include "reports.h"
#include "worker_talk.h"

using namespace vsapi::engine;
using vsapi::fuzz::Require;

namespace {

constexpr size_t kRoomForReplacement = 4096;

// Exactly so large that a sanitizer sees the first byte beyond.
class Memory {
 public:
  Memory() : bytes_(std::make_unique<char[]>(kSize)) {
    std::fill_n(bytes_.get() + Talk::kReplacementAt, kRoomForReplacement, 'r');
  }
  Talk& talk() { return *reinterpret_cast<Talk*>(bytes_.get()); }
  std::string_view all() const { return {bytes_.get(), kSize}; }

 private:
  static constexpr size_t kSize = Talk::kReplacementAt + kRoomForReplacement;
  const std::unique_ptr<char[]> bytes_;
};

// A store that has one text for whoever asks for any property.
class Store final : public ScanContent {
 public:
  uint64_t size() const override { return 0; }
  const void* data() const override { return nullptr; }
  int32_t Read(uint64_t, void*, size_t, size_t*) override { return VSAPI_E_READ_FAILED; }
  int32_t Property(uint32_t id, uint32_t index, vsapi_value* value) override {
    if (id > index) return VSAPI_E_ABSENT;
    value->type = VSAPI_TYPE_TEXT;
    value->text = text_.c_str();
    value->text_size = std::min<size_t>(index, text_.size());
    return VSAPI_OK;
  }

 private:
  const std::string text_ = std::string(Talk::kPackedSize + 7, 't');
};

void RequireOwnWords(const std::vector<SaidEvent>& said) {
  Require(said.size() <= SaidEvents::kMost, "events are bounded");
  for (const SaidEvent& event : said) {
    Require(event.id == EventId::kVendorSays || event.id == EventId::kContractBroken,
            "a worker does not speak for the engine");
    Require(event.severity >= VSAPI_SEVERITY_DEBUG && event.severity <= VSAPI_SEVERITY_ERROR,
            "a severity is a known one");
    Require(event.what.size() <= 1000 && IsUtf8(event.what), "what is said is bounded UTF-8");
  }
}

// What was taken once for an answer is one for ever.
void RequireStable(const WorkerAnswer& answer) {
  SaidEvents nothing;
  const auto again = UnpackAnswer(PackAnswer(answer.report, answer.is_worn, nothing));
  Require(again.has_value(), "an answer is still one when it is packed anew");
  Require(again->report.text == answer.report.text &&
              again->report.findings.size() == answer.report.findings.size(),
          "clean text stays as it is");
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static Memory memory;
  static Store store;
  Talk& talk = memory.talk();
  std::string_view bytes = vsapi::fuzz::Bytes(data, size);
  uint32_t numbers[4] = {};
  bytes.copy(reinterpret_cast<char*>(numbers), sizeof numbers);
  bytes.remove_prefix(std::min(bytes.size(), sizeof numbers));
  std::fill_n(talk.packed, Talk::kPackedSize, '\0');
  bytes.copy(talk.packed, Talk::kPackedSize);
  // Mostly the true size, which few would guess.
  talk.packed_size = numbers[0] == 0 ? bytes.size() : numbers[0] * (uint64_t{1} << 24);
  if (const auto answer = ReadAnswer(memory.all())) {
    vsapi::fuzz::RequireRules(answer->report);
    RequireOwnWords(answer->said);
    RequireStable(*answer);
  }
  Require(*StepText(numbers[1]) != '\0', "each step has a name");
  talk.property = numbers[2];
  talk.index = numbers[3];
  GiveProperty(talk, store);
  Require(talk.packed_size < Talk::kPackedSize, "a property has room");
  return 0;
}
