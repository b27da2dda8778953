// SPDX-License-Identifier: Apache-2.0
//
// What becomes of a message that brings what is known to be bad already, of one that lay in
// quarantine and comes again, and of a part that its owner changes.
#include <gmock/gmock.h>

#include "error.h"
#include "outcomes_fixture.h"

namespace store_sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

bool Holds(const Stamp&) { return true; }
bool IsStale(const Stamp&) { return false; }

class ArrivalsTest : public OutcomesTest {
 protected:
  // The attachment is known to be bad; both messages that had it are in quarantine.
  ArrivalsTest() {
    EXPECT_EQ(Apply(kFirst, VSAPI_ACTION_QUARANTINE, VSAPI_VERDICT_INFECTED),
              MarkOutcome::kApplied);
    EXPECT_THAT(mdb().Quarantined(), SizeIs(2));
  }
  // A new message with the attachment, to dora; what its readers see of it.
  StoredMessage Arrive(const IsCurrent& is_current = Holds) {
    count_ = Import("new", {"dora", "Inbox"}, is_current);
    const auto summary = mdb().List(0, 100, {"dora", "Inbox"});
    return summary.size() == 1 ? mdb().Find(summary[0].number).value() : StoredMessage();
  }

  ImportCount count_;
};

TEST_F(ArrivalsTest, HaveDoneToThemWhatWasOrderedForTheirContentBefore) {
  const StoredMessage message = Arrive();
  EXPECT_EQ(count_.bad, 1u);
  EXPECT_THAT(mdb().ReadContent(message.parts.at(1).content).value(), HasSubstr("quarantine"));
  const auto quarantined = mdb().Quarantined();
  ASSERT_THAT(quarantined, SizeIs(3));
  EXPECT_EQ(quarantined[2].stands_in, message.number);
  EXPECT_EQ(mdb().ReadRaw(quarantined[2].message.number), Message("new"));
  EXPECT_EQ(message.outcomes.at(0).finding, "Evil");
  EXPECT_EQ(mdb().Detections().back().place.message, message.number);
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(ArrivalsTest, AreScannedForWhatIsNotKnown) {
  const StoredMessage message = Arrive();
  for (const NewItem& item : new_items_) {
    EXPECT_EQ(item.place.message, message.number);
    EXPECT_EQ(item.content.digest,
              message.parts.at(static_cast<size_t>(item.place.ordinal)).content);
  }
  EXPECT_THAT(new_items_, SizeIs(2));  // the body, and the picture, which nobody has judged
}

TEST_F(ArrivalsTest, StayAsTheyAreWhereTheVerdictHoldsNoLongerOrNobodyJudges) {
  Arrive(IsStale);
  EXPECT_EQ(mdb().ReadRaw(mdb().List(0, 100, {"dora", "Inbox"}).at(0).number), Message("new"));
  Import("newer", {"dora", "Inbox"});
  EXPECT_EQ(count_.bad, 0u);
  EXPECT_THAT(mdb().Quarantined(), SizeIs(2));
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(ArrivalsTest, AreGoneAtOnceWhereTheMessageWasToBeDeleted) {
  const int64_t away = mdb().Quarantined()[0].message.number;
  ASSERT_EQ(Apply({away, 1}, VSAPI_ACTION_DELETE_MESSAGE, VSAPI_VERDICT_DELETE_MESSAGE),
            MarkOutcome::kApplied);
  const std::vector<int64_t> before = mdb().Numbers(0, 100);
  Arrive();
  EXPECT_EQ(count_.bad, 1u);
  EXPECT_EQ(mdb().Numbers(0, 100), before);
  EXPECT_THAT(new_items_, IsEmpty());
  const int64_t number = mdb().Detections().back().place.message;
  const auto departed = mdb().FindDeparted(number);
  ASSERT_TRUE(departed);
  EXPECT_EQ(departed->details.subject, "new");
  EXPECT_EQ(departed->details.sender, "a@example.org");
  EXPECT_EQ(departed->placements.at(0).mailbox, "dora");
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(ArrivalsTest, DoNotVanishWhereNothingStandsInForTheSameBytesAnyMore) {
  mdb().TakeOut(1, mdb().Find(1)->digest, "alice", std::nullopt);
  EXPECT_THAT(mdb().Numbers(0, 100), ElementsAre(2));
  const ImportCount count = Import("one", {"dora", "Inbox"}, Holds);
  EXPECT_EQ(count.known, 1u);
  const auto list = mdb().List(0, 100, {"dora", "Inbox"});
  ASSERT_THAT(list, SizeIs(1));
  EXPECT_THAT(mdb().ReadRaw(list[0].number).value(), Not(HasSubstr("AAECA")));
  EXPECT_THAT(mdb().Quarantined(), SizeIs(2));
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(ArrivalsTest, AreDeniedButThereWhereNobodyJudgesMeanwhile) {
  mdb().TakeOut(1, mdb().Find(1)->digest, "alice", std::nullopt);
  Import("one", {"dora", "Inbox"});
  const auto list = mdb().List(0, 100, {"dora", "Inbox"});
  ASSERT_THAT(list, SizeIs(1));
  EXPECT_EQ(list[0].worst.verdict, VSAPI_VERDICT_INFECTED);
  EXPECT_THAT(mdb().Quarantined(), SizeIs(1));
  EXPECT_THAT(Problems(), IsEmpty());
}

// ---- What an owner changes ----------------------------------------------------------------------

class SavedPartTest : public OutcomesTest {
 protected:
  int64_t Save(const ItemPlace& item, const std::string& mailbox, const std::string& content) {
    return mdb().SavePart(item, Part(item.message, item.ordinal).content, mailbox, content,
                          new_items_, Holds);
  }
};

TEST_F(SavedPartTest, IsNewAndTheRestOfItsMessageIsAsItWas) {
  new_items_.clear();
  EXPECT_EQ(Save(kFirst, "alice", "edited"), 1);
  EXPECT_EQ(mdb().ReadContent(Part(1, 1).content), "edited");
  EXPECT_EQ(Part(1, 1).name, "x.bin");
  EXPECT_FALSE(Part(1, 1).mark.stamp);
  EXPECT_EQ(mdb().ReadContent(Part(1, 2).content), "picture");
  ASSERT_THAT(new_items_, SizeIs(1));
  EXPECT_EQ(new_items_[0].content.digest, Sha256("edited"));
  EXPECT_EQ(mdb().ReadContent(Part(2, 1).content), kAttachment);  // whose owner has saved nothing
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(SavedPartTest, LeavesWhatNobodyHoldsAnyMore) {
  Save(kFirst, "alice", "edited");
  Save({2, 1}, "bob", "edited too");
  EXPECT_EQ(mdb().ReadContent(Sha256(kAttachment)), std::nullopt);
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(SavedPartTest, MakesAMessageOfItsOwnWhereOthersHaveItToo) {
  Import("one", {"carol", "Inbox"});
  new_items_.clear();
  ASSERT_EQ(Apply({1, 2}, VSAPI_ACTION_STAMP, VSAPI_VERDICT_CLEAN, VSAPI_SCOPE_ITEM),
            MarkOutcome::kApplied);
  const int64_t saved = Save(kFirst, "carol", "edited");
  EXPECT_EQ(saved, 3);
  EXPECT_EQ(mdb().ReadRaw(1), Message("one"));
  EXPECT_EQ(mdb().Find(1)->placements.at(0).mailbox, "alice");
  EXPECT_EQ(mdb().Find(3)->placements.at(0).mailbox, "carol");
  EXPECT_EQ(mdb().Find(3)->received_ns, 7);
  EXPECT_EQ(Part(3, 2).mark.stamp->scope, VSAPI_SCOPE_ITEM);
  EXPECT_THAT(Problems(), IsEmpty());
  EXPECT_EQ(Save({1, 1}, "alice", "edited"), 3);  // now both have the same again
  EXPECT_THAT(mdb().Find(3)->placements, SizeIs(2));
  EXPECT_FALSE(mdb().Find(1));
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(SavedPartTest, IsDealtWithAtOnceWhereItIsKnownToBeBad) {
  ASSERT_EQ(Apply(kFirst, VSAPI_ACTION_QUARANTINE, VSAPI_VERDICT_INFECTED), MarkOutcome::kApplied);
  Import("three", {"dora", "Inbox"}, Holds);
  const int64_t number = mdb().List(0, 100, {"dora", "Inbox"}).at(0).number;
  EXPECT_THROW(Save({number, 0}, "dora", "text"), Error);  // it stands in for one in quarantine
  Importer importer(mdb());
  importer.Add(Prepare("Subject: plain\n\nplain\n", {"erin", "Inbox"}, 7));
  importer.Flush();
  const int64_t plain = mdb().List(0, 100, {"erin", "Inbox"}).at(0).number;
  EXPECT_EQ(Save({plain, 0}, "erin", kAttachment), plain);
  EXPECT_THAT(mdb().ReadContent(Part(plain, 0).content).value(), HasSubstr("quarantine"));
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(SavedPartTest, IsRefusedWhereThePartIsNoLongerWhatItsOwnerSaw) {
  EXPECT_THROW(mdb().SavePart(kFirst, Sha256("another"), "alice", "edited", new_items_, Holds),
               Error);
  EXPECT_EQ(mdb().ReadRaw(1), Message("one"));
}

}  // namespace
}  // namespace store_sim
