// SPDX-License-Identifier: Apache-2.0
//
// The least that is a host: a store of one attachment in memory. Opens it through the engine, with
// the vendor DLL that is given as argument, and expects to be allowed because the vendor judged it.
#include <vsapi/host/engine.h>

#include <iostream>
#include <memory>
#include <span>

namespace {

constexpr char kText[] = {'a', 'b', 'c'};
constexpr vsapi::Digest kSha256OfText = {{0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea,
                                          0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
                                          0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c,
                                          0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad}};

class TextInMemory : public vsapi::Content {
 public:
  uint64_t size() const override { return sizeof kText; }
  const void* data() const override { return kText; }
};

class StoreOfOne : public vsapi::Store {
 public:
  int32_t OpenContent(const vsapi::Item&, std::unique_ptr<vsapi::Content>& content) override {
    content = std::make_unique<TextInMemory>();
    return VSAPI_OK;
  }
  int32_t ReadStamp(const vsapi::Item&, vsapi::Stamp&) override { return VSAPI_OK; }
  int32_t Apply(std::span<vsapi::Outcome> outcomes) override {
    for (vsapi::Outcome& outcome : outcomes) outcome.result = VSAPI_OK;
    return VSAPI_OK;
  }
};

vsapi::Item TheItem(uint32_t mdb) {
  vsapi::Item item = {};
  item.struct_size = sizeof item;
  item.mdb = mdb;
  item.kind = VSAPI_ITEM_ATTACHMENT;
  item.size = sizeof kText;
  item.digest = kSha256OfText;
  item.key.size = 1;
  item.key.bytes[0] = 1;
  return item;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::cerr << "usage: outside_host VENDOR\n";
    return 2;
  }
  vsapi::Engine engine(
      {.settings = {{"Enabled", "1"}, {"Library", arguments[1]}},
       .on_event = [](const vsapi::Event& event) { std::cout << event.text << '\n'; }});
  const uint32_t mdb = engine.Attach("outside", std::make_shared<StoreOfOne>());
  const vsapi::Decision decision = engine.Open(TheItem(mdb));
  std::cout << vsapi_answer_text(decision.answer) << ": " << vsapi_reason_text(decision.reason)
            << ", " << vsapi_verdict_text(decision.verdict) << '\n';
  const bool judged = decision.verdict == VSAPI_VERDICT_CLEAN;
  return decision.answer == VSAPI_ANSWER_ALLOW && judged ? 0 : 1;
}
