// SPDX-License-Identifier: Apache-2.0
//
// VSAPI's counters of messages and files: messages are counted by top-level message, files by part.
#include "support/engine_test.h"

namespace vsapi::test {
namespace {

class MessageCounters : public EngineTest {
 protected:
  Item PartOf(uint64_t message, const std::string& key, const std::string& content) {
    Item item = store_->Put(key, content);
    item.message = message;
    return item;
  }
  // Of messages, then of files.
  std::pair<uint64_t, uint64_t> Of(const std::string& what) {
    return {Count("Virus Scan Messages " + what), Count("Virus Scan Files " + what)};
  }
  using Pair = std::pair<uint64_t, uint64_t>;
};

TEST_F(MessageCounters, CountAMessageOnceHoweverManyPartsItHas) {
  Start();
  const std::vector<Item> parts = {PartOf(7, "1", "one"), PartOf(7, "2", "two"),
                                   PartOf(7, "3", "three")};
  engine_->OpenMessage(parts);
  EXPECT_EQ(Count("Virus Scan Messages Processed"), 1u);
  EXPECT_EQ(scans(), 3u);
}

TEST_F(MessageCounters, CountEachMessageThatHoldsWhatWasScannedOnce) {
  Start();
  auto one = OpenLater(PartOf(7, "1", "GATE"));
  gate_.AwaitScan();
  auto two = OpenLater(PartOf(8, "2", "GATE"));
  gate_.LetAll();
  Get(one);
  Get(two);
  EXPECT_EQ(Count("Virus Scan Messages Processed"), 2u);
  EXPECT_EQ(scans(), 1u);
}

TEST_F(MessageCounters, DoNotCountWhatAStampAnswers) {
  Start();
  Open(PartOf(7, "1", "harmless"));
  Open(PartOf(8, "2", "harmless"));
  EXPECT_EQ(Count("Virus Scan Messages Processed"), 1u);
}

TEST_F(MessageCounters, DoNotCountWhatCouldNotBeJudged) {
  Start("busy", {}, "times=1000000");
  Open(PartOf(7, "1", "BUSY"));
  EXPECT_EQ(Count("Virus Scan Messages Processed"), 0u);
}

TEST_F(MessageCounters, CountWhatIsQuarantined) {
  Start();
  const std::vector<Item> parts = {PartOf(7, "1", "SUSPICIOUS one"),
                                   PartOf(7, "2", "SUSPICIOUS two"), PartOf(7, "3", "harmless")};
  engine_->OpenMessage(parts);
  EXPECT_EQ(Of("Quarantined"), Pair(1, 2));
  EXPECT_EQ(Of("Cleaned"), Pair(0, 0));
}

TEST_F(MessageCounters, CountWhatIsCleaned) {
  Start();
  Open(PartOf(7, "1", "CLEANED"));
  EXPECT_EQ(Of("Cleaned"), Pair(1, 1));
  EXPECT_EQ(Of("Quarantined"), Pair(0, 0));
}

TEST_F(MessageCounters, DoNotCountWhatTheStoreCouldNotDo) {
  Start();
  store_->outcome_result = VSAPI_E_INTERNAL;
  Open(PartOf(7, "1", "SUSPICIOUS"));
  Open(PartOf(8, "2", "CLEANED"));
  EXPECT_EQ(Of("Quarantined"), Pair(0, 0));
  EXPECT_EQ(Of("Cleaned"), Pair(0, 0));
  EXPECT_EQ(Count("Virus Scan Messages Processed"), 2u);
}

TEST_F(MessageCounters, CountWhatIsDeleted) {
  Start("good", {{"EnableScanDeletion", "1"}});
  Open(PartOf(7, "1", "DELETE"));
  EXPECT_EQ(Count("Virus Scan Messages Deleted"), 1u);
}

// A host of the time before items knew their message.
TEST_F(MessageCounters, TakesTheShorterItemOfAnOlderHost) {
  Start();
  Item item = store_->Put("item", "harmless");
  item.struct_size = offsetof(vsapi_item, message);
  item.message = 7;
  EXPECT_EQ(Open(item).answer, VSAPI_ANSWER_ALLOW);
  EXPECT_EQ(Count("Virus Scan Messages Processed"), 0u);
}

}  // namespace
}  // namespace vsapi::test
