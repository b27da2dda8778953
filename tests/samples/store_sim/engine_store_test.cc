// SPDX-License-Identifier: Apache-2.0
#include "engine_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "importer.h"
#include "store.h"
#include "temp_folder.h"

namespace store_sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr uint32_t kNumber = 7;

std::string WithAttachment(const std::string& subject, const std::string& name) {
  return "From: a@example.org\nTo: b@example.com, c@example.com\nSubject: " + subject +
         "\nMessage-ID: <m@x>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
         "--b\n\n" +
         subject +
         "\n--b\nContent-Type: application/x\nContent-Disposition: attachment; filename=" + name +
         "\nContent-Transfer-Encoding: base64\n\nAAECA/8=\n--b--\n";
}

const std::string kAttachment("\0\1\2\3\xff", 5);

class EngineStoreTest : public ::testing::Test {
 protected:
  EngineStoreTest() {
    Store::Init(folder_ / "s", {"mdb1"});
    store_.emplace(folder_ / "s", Access::kWrite);
    Importer importer(mdb());
    IncomingMessage one = Prepare(WithAttachment("one", "1.bin"), {"alice", "Inbox/Old"}, 42);
    one.came_in = "import of 1.eml";
    importer.Add(std::move(one));
    importer.Add(Prepare(WithAttachment("two", "2.bin"), {"alice", "Inbox"}, 43));
    importer.Flush();
    engine_store_ = std::make_unique<EngineStore>(
        store_->mdbs().front(), [this](const std::string& line) { told_.push_back(line); });
  }

  Mdb& mdb() { return store_->mdb("mdb1"); }
  vsapi::Item Attachment(int64_t message) {
    return EngineStore::ItemOf(kNumber, message, mdb().FindPart({message, 1}).value());
  }

  static vsapi::Outcome OutcomeFor(const vsapi::Item& item, int32_t action, int32_t verdict,
                                   uint64_t generation = 1) {
    vsapi::Outcome outcome = {};
    outcome.struct_size = sizeof outcome;
    outcome.action = action;
    outcome.item = &item;
    outcome.stamp.verdict = verdict;
    outcome.stamp.generation = generation;
    outcome.stamp.version = UINT64_MAX;
    outcome.stamp.time_ns = 5;
    outcome.stamp.definitions.bytes[0] = 9;
    std::strcpy(outcome.stamp.vendor, "V");
    std::strcpy(outcome.stamp.finding, "Found");
    outcome.text = "";
    outcome.result = VSAPI_E_INTERNAL;
    return outcome;
  }

  int32_t Apply(vsapi::Outcome& outcome) { return engine_store_->Apply({&outcome, 1}); }
  int32_t VerdictOf(const vsapi::Item& item) {
    vsapi::Stamp stamp = {};
    EXPECT_EQ(engine_store_->ReadStamp(item, stamp), VSAPI_OK);
    return stamp.verdict;
  }

  TempFolder folder_;
  std::optional<Store> store_;
  std::vector<std::string> told_;
  std::unique_ptr<EngineStore> engine_store_;
};

std::string TextOf(vsapi::Content& content, uint32_t id, uint32_t index = 0) {
  vsapi_value value = {};
  const int32_t status = content.Property(id, index, &value);
  if (status != VSAPI_OK) return "status " + std::to_string(status);
  return {value.text, value.text_size};
}

int64_t IntegerOf(vsapi::Content& content, uint32_t id) {
  vsapi_value value = {};
  return content.Property(id, 0, &value) == VSAPI_OK ? value.integer : -1;
}

TEST_F(EngineStoreTest, OpensTheDecodedContentInMemory) {
  std::unique_ptr<vsapi::Content> content;
  ASSERT_EQ(engine_store_->OpenContent(Attachment(1), content), VSAPI_OK);
  ASSERT_EQ(content->size(), kAttachment.size());
  EXPECT_EQ(std::memcmp(content->data(), kAttachment.data(), kAttachment.size()), 0);
}

TEST_F(EngineStoreTest, TellsVendorsAboutTheItem) {
  std::unique_ptr<vsapi::Content> content;
  ASSERT_EQ(engine_store_->OpenContent(Attachment(1), content), VSAPI_OK);
  EXPECT_EQ(TextOf(*content, VSAPI_PROPERTY_SENDER), "a@example.org");
  EXPECT_EQ(TextOf(*content, VSAPI_PROPERTY_RECIPIENT, 0), "b@example.com");
  EXPECT_EQ(TextOf(*content, VSAPI_PROPERTY_RECIPIENT, 1), "c@example.com");
  const std::string absent = "status " + std::to_string(VSAPI_E_ABSENT);
  EXPECT_EQ(TextOf(*content, VSAPI_PROPERTY_RECIPIENT, 2), absent);
  EXPECT_EQ(TextOf(*content, VSAPI_PROPERTY_SUBJECT), "one");
  EXPECT_EQ(TextOf(*content, VSAPI_PROPERTY_SUBJECT, 1), absent);
  EXPECT_EQ(TextOf(*content, VSAPI_PROPERTY_MESSAGE_ID), "m@x");
  EXPECT_EQ(TextOf(*content, VSAPI_PROPERTY_MAILBOX), "alice");
  EXPECT_EQ(TextOf(*content, VSAPI_PROPERTY_FOLDER_PATH), "Inbox/Old");
  EXPECT_EQ(TextOf(*content, VSAPI_PROPERTY_MDB), "mdb1");
  EXPECT_EQ(TextOf(*content, VSAPI_PROPERTY_SERVER), absent);
  EXPECT_EQ(TextOf(*content, VSAPI_PROPERTY_CLIENT_PROTOCOL), absent);  // the engine's to say
  EXPECT_EQ(TextOf(*content, VSAPI_PROPERTY_ORIGIN), "import of 1.eml");
  EXPECT_EQ(TextOf(*content, VSAPI_PROPERTY_ATTACHMENT_NAME), "1.bin");
  EXPECT_EQ(TextOf(*content, VSAPI_PROPERTY_CONTENT_TYPE), "application/x");
  EXPECT_EQ(TextOf(*content, VSAPI_PROPERTY_PART_PATH), "2");
  EXPECT_EQ(IntegerOf(*content, VSAPI_PROPERTY_SIZE), 5);
  EXPECT_EQ(IntegerOf(*content, VSAPI_PROPERTY_DELIVERY_TIME), 42);
}

TEST_F(EngineStoreTest, TellsOfEachPlaceThatHoldsTheMessage) {
  Importer importer(mdb());
  importer.Add(Prepare(WithAttachment("one", "1.bin"), {"bob", "Inbox"}, 44));
  importer.Flush();
  std::unique_ptr<vsapi::Content> content;
  ASSERT_EQ(engine_store_->OpenContent(Attachment(1), content), VSAPI_OK);
  EXPECT_EQ(TextOf(*content, VSAPI_PROPERTY_MAILBOX, 1), "bob");
  EXPECT_EQ(TextOf(*content, VSAPI_PROPERTY_FOLDER_PATH, 1), "Inbox");
  EXPECT_EQ(TextOf(*content, VSAPI_PROPERTY_MAILBOX, 2),
            "status " + std::to_string(VSAPI_E_ABSENT));
}

TEST_F(EngineStoreTest, KeepsAContentStampForEveryItemThatHoldsIt) {
  const vsapi::Item item = Attachment(1);
  vsapi::Outcome outcome = OutcomeFor(item, VSAPI_ACTION_STAMP, VSAPI_VERDICT_INFECTED);
  ASSERT_EQ(Apply(outcome), VSAPI_OK);
  EXPECT_EQ(outcome.result, VSAPI_OK);
  vsapi::Stamp stamp = {};
  ASSERT_EQ(engine_store_->ReadStamp(Attachment(2), stamp), VSAPI_OK);
  EXPECT_EQ(std::memcmp(&stamp, &outcome.stamp, sizeof stamp), 0);
  EXPECT_EQ(mdb().FindPart({1, 1})->mark.stamp->action, VSAPI_ACTION_STAMP);
}

TEST_F(EngineStoreTest, KeepsAnItemStampForThatItemAlone) {
  const vsapi::Item item = Attachment(1);
  vsapi::Outcome outcome = OutcomeFor(item, VSAPI_ACTION_STAMP, VSAPI_VERDICT_BLOCKED);
  outcome.stamp.scope = VSAPI_SCOPE_ITEM;
  ASSERT_EQ(Apply(outcome), VSAPI_OK);
  EXPECT_EQ(VerdictOf(Attachment(1)), VSAPI_VERDICT_BLOCKED);
  EXPECT_EQ(VerdictOf(Attachment(2)), VSAPI_VERDICT_NONE);
  EXPECT_EQ(Attachment(1).stamp.verdict, VSAPI_VERDICT_BLOCKED);
  EXPECT_EQ(mdb().Find(1)->parts[1].mark.stamp->verdict, VSAPI_VERDICT_BLOCKED);
  EXPECT_EQ(mdb().Find(2)->parts[1].mark.stamp, std::nullopt);
}

TEST_F(EngineStoreTest, PutsAnItemStampBeforeTheContentsOfOtherItems) {
  const vsapi::Item one = Attachment(1);
  const vsapi::Item two = Attachment(2);
  vsapi::Outcome blocked = OutcomeFor(one, VSAPI_ACTION_STAMP, VSAPI_VERDICT_BLOCKED);
  blocked.stamp.scope = VSAPI_SCOPE_ITEM;
  Apply(blocked);
  vsapi::Outcome clean = OutcomeFor(two, VSAPI_ACTION_STAMP, VSAPI_VERDICT_CLEAN);
  Apply(clean);
  EXPECT_EQ(VerdictOf(one), VSAPI_VERDICT_BLOCKED);
  EXPECT_EQ(VerdictOf(two), VSAPI_VERDICT_CLEAN);
}

TEST_F(EngineStoreTest, LetsALaterContentStampReplaceTheItemsOwn) {
  const vsapi::Item item = Attachment(1);
  vsapi::Outcome blocked = OutcomeFor(item, VSAPI_ACTION_STAMP, VSAPI_VERDICT_BLOCKED, 2);
  blocked.stamp.scope = VSAPI_SCOPE_ITEM;
  Apply(blocked);
  vsapi::Outcome earlier = OutcomeFor(item, VSAPI_ACTION_STAMP, VSAPI_VERDICT_CLEAN, 1);
  Apply(earlier);
  EXPECT_EQ(earlier.result, VSAPI_OK);
  EXPECT_EQ(VerdictOf(item), VSAPI_VERDICT_BLOCKED);
  vsapi::Outcome later = OutcomeFor(item, VSAPI_ACTION_STAMP, VSAPI_VERDICT_CLEAN, 3);
  Apply(later);
  EXPECT_EQ(VerdictOf(item), VSAPI_VERDICT_CLEAN);
}

TEST_F(EngineStoreTest, LetsAStampOfALaterGenerationStand) {
  const vsapi::Item item = Attachment(1);
  vsapi::Outcome late = OutcomeFor(item, VSAPI_ACTION_STAMP, VSAPI_VERDICT_INFECTED, 2);
  vsapi::Outcome early = OutcomeFor(item, VSAPI_ACTION_STAMP, VSAPI_VERDICT_CLEAN, 1);
  Apply(late);
  Apply(early);
  EXPECT_EQ(early.result, VSAPI_OK);
  EXPECT_EQ(VerdictOf(item), VSAPI_VERDICT_INFECTED);
}

TEST_F(EngineStoreTest, AddsAttemptsUp) {
  const vsapi::Item item = Attachment(1);
  for (int64_t i = 1; i <= 3; ++i) {
    vsapi::Outcome outcome = OutcomeFor(item, VSAPI_ACTION_ATTEMPT, VSAPI_VERDICT_NONE);
    outcome.attempt.count = 1;
    outcome.attempt.not_before_ns = i;
    ASSERT_EQ(Apply(outcome), VSAPI_OK);
    EXPECT_EQ(outcome.result, VSAPI_OK);
  }
  EXPECT_EQ(mdb().FindPart({1, 1})->mark.attempt, (Attempt{3, 3, {}}));
  EXPECT_EQ(VerdictOf(item), VSAPI_VERDICT_NONE);
}

// A message that does not parse cleanly is a part of its own, which nothing can take the place of.
TEST_F(EngineStoreTest, FailsWhereWhatWasCleanedFitsNowhereAndAppliesTheRestOfTheGroup) {
  Importer importer(mdb());
  importer.Add(Prepare(std::string("X: \0\n\ntext\n", 11), {"alice", "Inbox"}, 1));
  importer.Flush();
  const vsapi::Item whole = EngineStore::ItemOf(kNumber, 3, mdb().FindPart({3, 0}).value());
  const vsapi::Item body = EngineStore::ItemOf(kNumber, 1, mdb().FindPart({1, 0}).value());
  std::vector<vsapi::Outcome> group = {
      OutcomeFor(whole, VSAPI_ACTION_REPLACE, VSAPI_VERDICT_CLEANED),
      OutcomeFor(body, VSAPI_ACTION_STAMP, VSAPI_VERDICT_CLEAN)};
  ASSERT_EQ(engine_store_->Apply(group), VSAPI_OK);
  EXPECT_EQ(group[0].result, VSAPI_E_INTERNAL);
  EXPECT_EQ(group[1].result, VSAPI_OK);
  EXPECT_EQ(VerdictOf(whole), VSAPI_VERDICT_NONE);
  EXPECT_EQ(VerdictOf(body), VSAPI_VERDICT_CLEAN);
}

TEST_F(EngineStoreTest, TellsGoneFromChanged) {
  vsapi::Item gone = Attachment(1);
  const ItemPlace nowhere{99, 0};
  std::memcpy(gone.key.bytes, &nowhere, sizeof nowhere);
  vsapi::Item changed = Attachment(1);
  const ItemPlace other{1, 0};
  std::memcpy(changed.key.bytes, &other, sizeof other);
  for (const auto& [item, expected] :
       {std::pair{gone, VSAPI_E_GONE}, std::pair{changed, VSAPI_E_CHANGED}}) {
    std::unique_ptr<vsapi::Content> content;
    EXPECT_EQ(engine_store_->OpenContent(item, content), expected);
    vsapi::Stamp stamp = {};
    EXPECT_EQ(engine_store_->ReadStamp(item, stamp), expected);
    vsapi::Outcome outcome = OutcomeFor(item, VSAPI_ACTION_STAMP, VSAPI_VERDICT_CLEAN);
    EXPECT_EQ(Apply(outcome), VSAPI_OK);
    EXPECT_EQ(outcome.result, expected);
  }
  EXPECT_THAT(told_, IsEmpty());
}

TEST_F(EngineStoreTest, FailsOnADamagedDatabaseAndSaysSoOnce) {
  const vsapi::Item item = Attachment(1);
  store_.reset();
  engine_store_.reset();
  {
    Database raw(folder_ / "s/mdb1.db", Access::kWrite);
    raw.Run("UPDATE contents SET span_size = span_size + 100000 WHERE span_size = 8");
  }
  store_.emplace(folder_ / "s", Access::kWrite);
  EngineStore damaged(store_->mdbs().front(), [this](const auto& line) { told_.push_back(line); });
  std::unique_ptr<vsapi::Content> content;
  EXPECT_EQ(damaged.OpenContent(item, content), VSAPI_E_DAMAGED);
  EXPECT_EQ(damaged.OpenContent(Attachment(2), content), VSAPI_E_DAMAGED);
  EXPECT_EQ(content, nullptr);
  EXPECT_THAT(told_, ElementsAre(HasSubstr("the database is damaged")));
}

TEST_F(EngineStoreTest, FailsToApplyWhereItMayNotWrite) {
  const vsapi::Item item = Attachment(1);
  const Store readable(folder_ / "s", Access::kRead);
  EngineStore store(readable.mdbs().front(), [this](const auto& line) { told_.push_back(line); });
  vsapi::Outcome outcome = OutcomeFor(item, VSAPI_ACTION_STAMP, VSAPI_VERDICT_CLEAN);
  EXPECT_EQ(store.Apply({&outcome, 1}), VSAPI_E_INTERNAL);
  EXPECT_THAT(told_, ElementsAre(HasSubstr("for reading only")));
}

}  // namespace
}  // namespace store_sim
