// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/talked_content: a vendor in a worker process has the content and the
// properties that it would have in the host's.
#include "talked_content.h"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>

namespace vsapi::engine {
namespace {

// A store's content with one property.
class StoredContent final : public ScanContent {
 public:
  uint64_t size() const override { return bytes.size(); }
  const void* data() const override { return bytes.data(); }
  int32_t Read(uint64_t, void*, size_t, size_t*) override { return VSAPI_E_READ_FAILED; }
  int32_t Property(uint32_t id, uint32_t index, vsapi_value* value) override {
    if (id != VSAPI_PROPERTY_SUBJECT || index != 0) return VSAPI_E_ABSENT;
    value->type = VSAPI_TYPE_TEXT;
    value->text = subject.c_str();
    value->text_size = subject.size();
    return VSAPI_OK;
  }

  std::string bytes = "0123456789";
  std::string subject = "Hello";
};

class TalkedContentTest : public ::testing::Test {
 protected:
  TalkedContentTest() { PutRequest(*talk_, {.content = stored_, .cancelled = cancelled_}); }
  TalkedContent Content() {
    return TalkedContent(*talk_, stored_.bytes.data(), [this] { GiveProperty(*talk_, stored_); });
  }
  static vsapi_value NoValue() {
    vsapi_value value = {};
    value.struct_size = sizeof value;
    return value;
  }

  StoredContent stored_;
  const std::atomic<bool> cancelled_ = false;
  const std::unique_ptr<Talk> talk_ = std::make_unique<Talk>();
};

TEST_F(TalkedContentTest, IsReadAsFarAsItGoes) {
  TalkedContent content = Content();
  EXPECT_EQ(content.size(), 10u);
  char buffer[4] = {};
  size_t got = 0;
  EXPECT_EQ(content.Read(8, buffer, sizeof buffer, &got), VSAPI_OK);
  EXPECT_EQ(std::string(buffer, got), "89");
  EXPECT_EQ(content.Read(UINT64_MAX, buffer, sizeof buffer, &got), VSAPI_OK);
  EXPECT_EQ(got, 0u);
}

TEST_F(TalkedContentTest, AsksForPropertiesWhoseTextStays) {
  TalkedContent content = Content();
  vsapi_value first = NoValue(), second = NoValue();
  ASSERT_EQ(content.Property(VSAPI_PROPERTY_SUBJECT, 0, &first), VSAPI_OK);
  stored_.subject = "Good-bye";
  ASSERT_EQ(content.Property(VSAPI_PROPERTY_SUBJECT, 0, &second), VSAPI_OK);
  EXPECT_STREQ(first.text, "Hello");
  EXPECT_STREQ(second.text, "Good-bye");
  EXPECT_EQ(content.Property(VSAPI_PROPERTY_SUBJECT, 1, &second), VSAPI_E_ABSENT);
}

TEST_F(TalkedContentTest, HasOfALongTextWhatThereIsRoomFor) {
  stored_.subject = std::string(Talk::kPackedSize + 1, 's');
  TalkedContent content = Content();
  vsapi_value value = NoValue();
  ASSERT_EQ(content.Property(VSAPI_PROPERTY_SUBJECT, 0, &value), VSAPI_OK);
  EXPECT_EQ(value.text_size, Talk::kPackedSize - 1);
  EXPECT_EQ(value.text[value.text_size], '\0');
}

}  // namespace
}  // namespace vsapi::engine
