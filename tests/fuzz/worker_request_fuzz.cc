// SPDX-License-Identifier: Apache-2.0
//
// What the engine writes and a worker process reads comes through: the content, and each property
// that the vendor there asks for; and its answer comes back. The bytes are the content, and say
// what is asked for and what the store has for it.
#include <algorithm>
#include <cstring>
#include <memory>

#include "reports.h"
#include "talked_content.h"

using namespace vsapi::engine;
using vsapi::fuzz::Require;

namespace {

// The store's content, read from the head of its own bytes on for what else is to be decided.
class Store final : public ScanContent {
 public:
  explicit Store(std::string_view bytes) : bytes_(bytes), rest_(bytes) {}
  uint64_t size() const override { return bytes_.size(); }
  const void* data() const override { return bytes_.data(); }
  int32_t Read(uint64_t, void*, size_t, size_t*) override { return VSAPI_E_READ_FAILED; }
  int32_t Property(uint32_t id, uint32_t index, vsapi_value* value) override {
    asked_id = id;
    asked_index = index;
    value->type = Next() % 4;
    value->integer = Next() * (int64_t{1} << 40);
    text = Text();
    value->text = text.c_str();
    value->text_size = text.size();
    given = *value;
    status = Next() % 3 == 0 ? VSAPI_E_ABSENT : VSAPI_OK;
    return status;
  }

  bool is_over() const { return rest_.empty(); }
  int Next() {
    if (rest_.empty()) return 0;
    const int byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    return byte;
  }
  // Few bytes make one that has no room.
  std::string Text() {
    const auto size = static_cast<size_t>(Next());
    const std::string head(rest_.substr(0, size));
    rest_.remove_prefix(head.size());
    return size == 255 ? head + std::string(Talk::kPackedSize, 't') : head;
  }

  uint32_t asked_id = 0, asked_index = 0;
  int32_t status = VSAPI_OK;
  vsapi_value given = {};
  std::string text;

 private:
  const std::string_view bytes_;
  std::string_view rest_;
};

void AskFor(Store& store, TalkedContent& content) {
  const auto id = static_cast<uint32_t>(store.Next()), index = static_cast<uint32_t>(store.Next());
  vsapi_value value = {};
  value.struct_size = sizeof value;
  const int32_t status = content.Property(id, index, &value);
  Require(store.asked_id == id && store.asked_index == index, "what is asked for comes through");
  Require(status == store.status, "so does whether it is there");
  if (status != VSAPI_OK) return;
  Require(value.type == store.given.type && value.integer == store.given.integer, "and a number");
  if (value.type != VSAPI_TYPE_TEXT) return;
  const size_t size = std::min(store.text.size(), Talk::kPackedSize - 1);
  Require(std::string_view(value.text, value.text_size) == store.text.substr(0, size) &&
              value.text[value.text_size] == '\0',
          "and text, as far as there is room");
}

void ReadSome(Store& store, TalkedContent& content) {
  const auto from = static_cast<uint64_t>(store.Next()), size = static_cast<uint64_t>(store.Next());
  char buffer[256];
  size_t got = 0;
  Require(content.Read(from, buffer, size, &got) == VSAPI_OK, "content can be read");
  const std::string_view all(static_cast<const char*>(store.data()), store.size());
  Require(std::string_view(buffer, got) == all.substr(std::min(from, store.size()), size),
          "what is read is what stands there");
}

void Answer(Store& store, std::string_view shared) {
  Talk& talk = *reinterpret_cast<Talk*>(const_cast<char*>(shared.data()));
  ScanReport report;
  report.status = VSAPI_OK;
  report.verdict = VSAPI_VERDICT_INFECTED;
  report.text = CleanLine(store.Text(), 500);
  SaidEvents said;
  said.Log(EventId::kVendorSays, VSAPI_SEVERITY_INFO, store.Text(), {});
  const std::string packed = PackAnswer(report, store.Next() != 0, said);
  if (packed.size() > Talk::kPackedSize) return;
  packed.copy(talk.packed, packed.size());
  talk.packed_size = packed.size();
  const auto answer = ReadAnswer(shared);
  Require(answer && answer->report.text == report.text && answer->said.size() == 1,
          "an answer comes back");
  vsapi::fuzz::RequireRules(answer->report);
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto memory = std::make_unique<char[]>(sizeof(Talk));
  Talk& talk = *reinterpret_cast<Talk*>(memory.get());
  Store store(vsapi::fuzz::Bytes(data, size));
  const std::atomic<bool> cancelled = false;
  PutRequest(talk, {.content = store, .cancelled = cancelled});
  TalkedContent content(talk, static_cast<const char*>(store.data()),
                        [&] { GiveProperty(talk, store); });
  Require(content.size() == size, "the size comes through");
  while (!store.is_over()) switch (store.Next()) {
      case 'p':
        AskFor(store, content);
        break;
      case 'r':
        ReadSome(store, content);
        break;
      case 'a':
        Answer(store, {memory.get(), sizeof(Talk)});
        break;
      default:
        break;
    }
  return 0;
}
