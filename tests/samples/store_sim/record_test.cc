// SPDX-License-Identifier: Apache-2.0
//
// The record of an MDB: how messages came in, who opened them, what was found in them when.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "importer.h"
#include "store.h"
#include "temp_folder.h"
#include "times.h"

namespace store_sim {
namespace {

using ::testing::_;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int64_t kDay = int64_t{86400} * 1'000'000'000;

std::string Mail(const std::string& subject, const std::string& body) {
  return "From: a@example.org\nSubject: " + subject + "\n\n" + body;
}

class RecordTest : public ::testing::Test {
 protected:
  RecordTest() {
    Store::Init(folder_ / "s", {"mdb1"});
    Open();
    Import(Mail("one", "the same"), 40);
    Import(Mail("two", "the same"), 41);
  }

  void Open(Access access = Access::kWrite) {
    store_.reset();
    store_.emplace(folder_ / "s", access);
  }
  void Close() { store_.reset(); }
  Mdb& mdb() { return store_->mdb("mdb1"); }
  void Import(const std::string& raw, int64_t received_ns) {
    Importer importer(mdb());
    IncomingMessage message = Prepare(raw, {"alice", "Inbox"}, received_ns);
    message.came_in = "import of x.eml";
    importer.Add(std::move(message));
    importer.Flush();
  }
  // The body of message 1, which all of them share.
  Digest body() { return mdb().Find(1)->parts.at(0).content; }
  void Stamp(int32_t verdict, int64_t time_ns, std::optional<ItemPlace> item = std::nullopt) {
    MarkChange change{body(), {}, item};
    change.mark.stamp.emplace();
    change.mark.stamp->vendor = "V";
    change.mark.stamp->version = 3;
    change.mark.stamp->generation = 1;
    change.mark.stamp->verdict = verdict;
    change.mark.stamp->finding = "Worm";
    change.mark.stamp->time_ns = time_ns;
    if (item) change.mark.stamp->scope = VSAPI_SCOPE_ITEM;
    mdb().ApplyMarks({&change, 1}, Durability::kDurable);
  }
  static auto FoundIn(int64_t message, int64_t found_ns) {
    return AllOf(Field(&Detection::place, Field(&ItemPlace::message, message)),
                 Field(&Detection::found_ns, found_ns), Field(&Detection::finding, "Worm"),
                 Field(&Detection::vendor, "V"), Field(&Detection::version, 3u));
  }

  TempFolder folder_;
  std::optional<Store> store_;
};

TEST_F(RecordTest, TellsHowAMessageCameIn) {
  EXPECT_EQ(mdb().FindWithoutParts(1)->came_in, "import of x.eml");
}

TEST_F(RecordTest, TellsOfAFindingInEachMessageThatHoldsIt) {
  Stamp(VSAPI_VERDICT_INFECTED, 50);
  EXPECT_THAT(mdb().Detections(), ElementsAre(FoundIn(1, 50), FoundIn(2, 50)));
}

TEST_F(RecordTest, KeepsTheFirstTimeAndWhatIsNoLongerFound) {
  Stamp(VSAPI_VERDICT_INFECTED, 50);
  Stamp(VSAPI_VERDICT_INFECTED, 60);
  Stamp(VSAPI_VERDICT_CLEAN, 70);
  EXPECT_THAT(mdb().Detections(), ElementsAre(FoundIn(1, 50), FoundIn(2, 50)));
}

TEST_F(RecordTest, TellsOfAFindingInOneItemAlone) {
  Stamp(VSAPI_VERDICT_BLOCKED, 50, ItemPlace{2, 0});
  EXPECT_THAT(mdb().Detections(), ElementsAre(FoundIn(2, 50)));
}

TEST_F(RecordTest, TellsOfNothingThatIsOnlyNotJudged) {
  for (const int32_t verdict :
       {VSAPI_VERDICT_CLEAN, VSAPI_VERDICT_CLEAN_PERMANENT, VSAPI_VERDICT_ENCRYPTED,
        VSAPI_VERDICT_OVER_LIMIT, VSAPI_VERDICT_MALFORMED, VSAPI_VERDICT_UNSUPPORTED})
    Stamp(verdict, 50);
  EXPECT_THAT(mdb().Detections(), IsEmpty());
}

TEST_F(RecordTest, FindsInANewMessageWhatIsKnownAlreadyWhenItComes) {
  Stamp(VSAPI_VERDICT_INFECTED, 50);
  const int64_t before = NowNs();
  Import(Mail("three", "the same"), 90);
  const auto detections = mdb().Detections();
  ASSERT_THAT(detections, ElementsAre(FoundIn(1, 50), FoundIn(2, 50), _));
  EXPECT_EQ(detections[2].place.message, 3);
  EXPECT_GE(detections[2].found_ns, before);
}

TEST_F(RecordTest, NamesAQuarantinedMessageByWhatStandsInForIt) {
  MarkChange change{body(), {}, ItemPlace{1, 0}};
  change.mark.stamp.emplace();
  change.mark.stamp->vendor = "V";
  change.mark.stamp->version = 3;
  change.mark.stamp->verdict = VSAPI_VERDICT_SUSPICIOUS;
  change.mark.stamp->action = VSAPI_ACTION_QUARANTINE;
  change.mark.stamp->finding = "Worm";
  change.mark.stamp->time_ns = 50;
  mdb().ApplyMarks({&change, 1}, Durability::kDurable);
  EXPECT_THAT(mdb().Quarantined(), SizeIs(2));
  EXPECT_THAT(mdb().Detections(), ElementsAre(FoundIn(1, 50), FoundIn(2, 50)));
}

TEST_F(RecordTest, GathersOpeningsUntilTheyAreWritten) {
  const int64_t now = NowNs();
  mdb().NoteOpened(1, "bob", "imap", now);
  mdb().NoteOpened(1, "bob", "imap", now + 5);
  mdb().NoteOpened(1, "alice", "owa", now + 3);
  EXPECT_THAT(mdb().OpeningsOf(1), IsEmpty());
  mdb().WriteOpenings();
  const auto openings = mdb().OpeningsOf(1);
  ASSERT_THAT(openings, SizeIs(2));
  EXPECT_EQ(openings[0].user, "bob");
  EXPECT_EQ(openings[0].client, "imap");
  EXPECT_EQ(openings[0].first_ns, now);
  EXPECT_EQ(openings[0].last_ns, now + 5);
  EXPECT_EQ(openings[0].times, 2u);
  EXPECT_EQ(openings[1].user, "alice");
  EXPECT_THAT(mdb().OpeningsOf(2), IsEmpty());
}

TEST_F(RecordTest, WritesOpeningsWithTheNextOutcomesOnce) {
  mdb().NoteOpened(1, "bob", "imap", NowNs());
  Stamp(VSAPI_VERDICT_CLEAN, 50);
  EXPECT_THAT(mdb().OpeningsOf(1), SizeIs(1));
  mdb().WriteOpenings();
  EXPECT_EQ(mdb().OpeningsOf(1).at(0).times, 1u);
}

TEST_F(RecordTest, WritesAGroupOfManyOpeningsByItself) {
  const int64_t now = NowNs();
  for (int i = 0; i < 1024; ++i) mdb().NoteOpened(1, std::to_string(i), "", now);
  EXPECT_THAT(mdb().OpeningsOf(1), SizeIs(1024));
}

TEST_F(RecordTest, ForgetsAfterAYear) {
  const int64_t now = NowNs();
  mdb().NoteOpened(1, "old", "", now - 366 * kDay);
  mdb().NoteOpened(1, "new", "", now - 364 * kDay);
  mdb().WriteOpenings();
  EXPECT_THAT(mdb().OpeningsOf(1), ElementsAre(Field(&Opening::user, "new")));
}

// As a program wrote it that knew no record.
class WithoutRecordTest : public RecordTest {
 protected:
  WithoutRecordTest() {
    Stamp(VSAPI_VERDICT_INFECTED, 50);
    Close();
    Database database(folder_ / "s/mdb1.db", Access::kWrite);
    database.Run("DROP TABLE arrivals");
    database.Run("DROP TABLE opened");
    database.Run("DROP TABLE detections");
  }
};

TEST_F(WithoutRecordTest, IsReadAsOneThatKnowsNothing) {
  Open(Access::kRead);
  EXPECT_EQ(mdb().FindWithoutParts(1)->came_in, "");
  EXPECT_THAT(mdb().Detections(), IsEmpty());
  EXPECT_THAT(mdb().OpeningsOf(1), IsEmpty());
}

TEST_F(WithoutRecordTest, GetsOneWithWhatItsStampsTell) {
  Open();
  EXPECT_THAT(mdb().Detections(), ElementsAre(FoundIn(1, 50), FoundIn(2, 50)));
  mdb().NoteOpened(1, "bob", "", NowNs());
  mdb().WriteOpenings();
  EXPECT_THAT(mdb().OpeningsOf(1), SizeIs(1));
}

}  // namespace
}  // namespace store_sim
