// SPDX-License-Identifier: Apache-2.0
//
// The specification of samples/store_sim/mdb_outcomes and mdb_quarantine: what the engine ordered
// is done to the messages, what was not judged stays, and the MDB is sound after each step.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "error.h"
#include "outcomes_fixture.h"

namespace store_sim {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

TEST_F(OutcomesTest, ReplaceAnInfectedContentByANoticeWhereverItIs) {
  ASSERT_EQ(Apply(kFirst, VSAPI_ACTION_REPLACE_BY_NOTICE, VSAPI_VERDICT_INFECTED),
            MarkOutcome::kApplied);
  for (const int64_t number : {1, 2}) {
    const StoredPart part = Part(number, 1);
    EXPECT_EQ(part.name, "x.bin.virusinfo.txt");
    EXPECT_EQ(part.mark.stamp->verdict, VSAPI_VERDICT_CLEAN_PERMANENT);
    EXPECT_THAT(mdb().ReadContent(part.content).value(), HasSubstr("infected (Evil)"));
    EXPECT_THAT(mdb().ReadRaw(number).value(),
                EndsWith("\n--b\nContent-Type: image/png\n\npicture\n--b--\n"));
    EXPECT_EQ(mdb().Find(number)->outcomes.at(0).name, "x.bin");
  }
  EXPECT_THAT(mdb().ReadRaw(1).value(), StartsWith(Message("one").substr(0, 120)));
  EXPECT_EQ(mdb().ReadContent(Sha256(kAttachment)), std::nullopt);
  EXPECT_THAT(Problems(), IsEmpty());
}

// A message of thousands of bad parts would be taken apart, and written, thousands of times.
TEST_F(OutcomesTest, PutAwayAMessageAsAWholeThatHasTooManyBadParts) {
  const auto message_of = [](int parts, const std::string& subject, bool is_same) {
    std::string raw = "Subject: " + subject +
                      "\nMIME-Version: 1.0\nContent-Type: "
                      "multipart/mixed; boundary=b\n\n--b\n\nhello\n";
    for (int i = 0; i < parts; ++i)
      raw += "--b\nContent-Type: application/x\n\n" + subject + (is_same ? "" : std::to_string(i)) +
             "\n";
    return raw + "--b--\n";
  };
  constexpr int kMost = 64;
  for (const auto& [parts, is_same] : {std::pair(kMost, true), std::pair(kMost + 1, true),
                                       std::pair(kMost, false), std::pair(kMost + 1, false)}) {
    const std::string subject = std::to_string(parts) + (is_same ? "same" : "other");
    const std::string raw = message_of(parts, subject, is_same);
    Importer importer(mdb());
    importer.Add(Prepare(raw, {"alice", "Inbox"}, 7));
    importer.Flush();
    const int64_t number = mdb().FindNumber(Sha256(raw)).value();
    for (int part = 1; part <= (is_same ? 1 : parts); ++part)
      ASSERT_EQ(Apply({number, part}, VSAPI_ACTION_REPLACE_BY_NOTICE, VSAPI_VERDICT_INFECTED),
                MarkOutcome::kApplied);
    const bool is_whole = parts > kMost;
    EXPECT_EQ(mdb().Find(number)->parts.size(), is_whole ? 1u : kMost + 1u) << subject;
    EXPECT_EQ(mdb().Quarantined().size(), is_whole ? (is_same ? 1u : 2u) : (is_same ? 0u : 1u))
        << subject;
    EXPECT_THAT(mdb().ReadContent(Part(number, 0).content).value(),
                is_whole ? HasSubstr("This message was removed") : HasSubstr("hello"));
    EXPECT_THAT(Problems(), IsEmpty());
  }
}

// The more parts it has the more a change of one costs.
TEST_F(OutcomesTest, PutAwayALargeMessageAsAWholeAfterFewerChanges) {
  constexpr int kParts = 2'000, kBorne = 8;
  std::string raw =
      "Subject: large\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n";
  for (int i = 0; i < kParts; ++i)
    raw += "--b\nContent-Type: application/x\n\nlarge" + std::to_string(i) + "\n";
  raw += "--b--\n";
  Importer importer(mdb());
  importer.Add(Prepare(raw, {"alice", "Inbox"}, 7));
  importer.Flush();
  const int64_t number = mdb().FindNumber(Sha256(raw)).value();
  for (int part = 0; part <= kBorne; ++part) {
    EXPECT_EQ(mdb().Find(number)->parts.size(), kParts);
    ASSERT_EQ(Apply({number, part}, VSAPI_ACTION_REPLACE_BY_NOTICE, VSAPI_VERDICT_INFECTED),
              MarkOutcome::kApplied);
  }
  EXPECT_EQ(mdb().Find(number)->parts.size(), 1u);
  EXPECT_EQ(mdb().Quarantined().size(), 1u);
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(OutcomesTest, LeaveTheSameContentWhereItsNameDidNotDecide) {
  ASSERT_EQ(Apply(kFirst, VSAPI_ACTION_REPLACE_BY_NOTICE, VSAPI_VERDICT_BLOCKED, VSAPI_SCOPE_ITEM),
            MarkOutcome::kApplied);
  EXPECT_EQ(Part(1, 1).name, "x.bin.virusinfo.txt");
  EXPECT_EQ(mdb().ReadRaw(2), Message("two"));
  EXPECT_EQ(mdb().ReadContent(Sha256(kAttachment)), kAttachment);
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(OutcomesTest, KeepTheStampsOfWhatWasNotJudged) {
  ASSERT_EQ(Apply({1, 2}, VSAPI_ACTION_STAMP, VSAPI_VERDICT_CLEAN, VSAPI_SCOPE_ITEM),
            MarkOutcome::kApplied);
  ASSERT_EQ(Apply({1, 0}, VSAPI_ACTION_STAMP, VSAPI_VERDICT_CLEAN), MarkOutcome::kApplied);
  ASSERT_EQ(Apply(kFirst, VSAPI_ACTION_QUARANTINE, VSAPI_VERDICT_SUSPICIOUS),
            MarkOutcome::kApplied);
  EXPECT_TRUE(Part(1, 0).mark.stamp);
  EXPECT_EQ(Part(1, 2).mark.stamp->scope, VSAPI_SCOPE_ITEM);
}

TEST_F(OutcomesTest, OverwriteABody) {
  ASSERT_EQ(Apply({1, 0}, VSAPI_ACTION_REPLACE_BY_NOTICE, VSAPI_VERDICT_INFECTED),
            MarkOutcome::kApplied);
  EXPECT_THAT(mdb().ReadContent(Part(1, 0).content).value(),
              StartsWith("The text of this message"));
  EXPECT_EQ(mdb().ReadContent(Part(1, 1).content), kAttachment);
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(OutcomesTest, PutWhatWasCleanedInPlaceWithItsStamp) {
  ASSERT_EQ(Apply(kFirst, VSAPI_ACTION_REPLACE, VSAPI_VERDICT_CLEANED, VSAPI_SCOPE_CONTENT, "good"),
            MarkOutcome::kApplied);
  EXPECT_EQ(Part(1, 1).name, "x.bin");
  EXPECT_EQ(Part(2, 1).content, Sha256("good"));
  EXPECT_EQ(Part(2, 1).mark.stamp->verdict, VSAPI_VERDICT_CLEANED);
  EXPECT_EQ(mdb().ReadContent(Sha256("good")), "good");
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(OutcomesTest, DeleteAPart) {
  ASSERT_EQ(Apply(kFirst, VSAPI_ACTION_DELETE_PART, VSAPI_VERDICT_INFECTED), MarkOutcome::kApplied);
  const auto message = mdb().Find(1).value();
  ASSERT_THAT(message.parts, SizeIs(2));
  EXPECT_EQ(message.parts[1].content_type, "image/png");
  EXPECT_EQ(mdb().ReadContent(message.parts[1].content), "picture");
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(OutcomesTest, DeleteAMessageAndLeaveWhatOthersShare) {
  ASSERT_EQ(Apply({1, 0}, VSAPI_ACTION_DELETE_MESSAGE, VSAPI_VERDICT_DELETE_MESSAGE),
            MarkOutcome::kApplied);
  EXPECT_EQ(mdb().Find(1), std::nullopt);
  EXPECT_EQ(mdb().FindDeparted(1)->details.subject, "one");
  EXPECT_EQ(mdb().Totals().messages, 1u);
  EXPECT_EQ(mdb().ReadContent(Sha256(kAttachment)), kAttachment);
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(OutcomesTest, PutTheMessageIntoQuarantineAndANoticeInItsPlace) {
  ASSERT_EQ(Apply(kFirst, VSAPI_ACTION_QUARANTINE, VSAPI_VERDICT_SUSPICIOUS, VSAPI_SCOPE_ITEM),
            MarkOutcome::kApplied);
  const auto quarantined = mdb().Quarantined();
  ASSERT_THAT(quarantined, SizeIs(1));
  EXPECT_EQ(quarantined[0].stands_in, 1);
  EXPECT_EQ(quarantined[0].message.worst.finding, "Evil");
  EXPECT_EQ(mdb().ReadRaw(quarantined[0].message.number), Message("one"));
  EXPECT_EQ(mdb().Totals().messages, 2u);
  EXPECT_EQ(mdb().Totals().quarantined, 1u);
  EXPECT_THAT(mdb().Numbers(0, 10), ElementsAre(1, 2));
  EXPECT_THAT(mdb().ReadContent(Part(1, 1).content).value(), HasSubstr("quarantine"));
  EXPECT_EQ(mdb().Find(1)->placements.at(0).mailbox, "alice");
  EXPECT_THAT(Problems(), IsEmpty());
}

// Its headers are all that its readers see of it.
TEST_F(OutcomesTest, KeepAMessageThatIsInfectedAsAWhole) {
  const std::string raw = std::string("X: \0\n", 5) + Message("three");
  Importer importer(mdb());
  importer.Add(Prepare(raw, {"alice", "Inbox"}, 7));
  importer.Flush();
  ASSERT_EQ(Part(3, 0).kind, PartKind::kWhole);
  ASSERT_EQ(Apply({3, 0}, VSAPI_ACTION_REPLACE_BY_NOTICE, VSAPI_VERDICT_INFECTED),
            MarkOutcome::kApplied);
  const auto message = mdb().Find(3).value();
  EXPECT_EQ(message.details.subject, "three");
  ASSERT_THAT(message.parts, SizeIs(1));
  EXPECT_THAT(mdb().ReadContent(message.parts[0].content).value(), StartsWith("This message was"));
  EXPECT_EQ(mdb().Release(mdb().Quarantined().at(0).message.number, Mdb::Verdict::kStands, 9), 3);
  EXPECT_EQ(mdb().ReadRaw(3), raw);
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(OutcomesTest, GiveAReleasedMessageItsNumberAndEveryByteBack) {
  Apply(kFirst, VSAPI_ACTION_QUARANTINE, VSAPI_VERDICT_SUSPICIOUS);
  ASSERT_THAT(mdb().Quarantined(), SizeIs(2));
  const int64_t number = mdb().Quarantined()[0].message.number;
  EXPECT_EQ(mdb().Release(number, Mdb::Verdict::kForgiven, 9), 1);
  EXPECT_EQ(mdb().ReadRaw(1), Message("one"));
  EXPECT_EQ(mdb().Find(1)->placements.at(0).mailbox, "alice");
  EXPECT_EQ(Part(1, 1).mark.stamp->verdict, VSAPI_VERDICT_CLEAN_PERMANENT);
  EXPECT_THAT(mdb().Quarantined(), SizeIs(1));
  EXPECT_EQ(mdb().Find(1)->outcomes.back().action, kReleased);
  EXPECT_THROW(mdb().Release(1, Mdb::Verdict::kForgiven, 9), Error);
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(OutcomesTest, KeepOneOriginalHoweverManyPartsAreFound) {
  Apply(kFirst, VSAPI_ACTION_QUARANTINE, VSAPI_VERDICT_SUSPICIOUS, VSAPI_SCOPE_ITEM);
  Apply({1, 0}, VSAPI_ACTION_QUARANTINE, VSAPI_VERDICT_SUSPICIOUS);
  ASSERT_THAT(mdb().Quarantined(), SizeIs(1));
  EXPECT_EQ(mdb().Release(mdb().Quarantined()[0].message.number, Mdb::Verdict::kStands, 9), 1);
  EXPECT_EQ(mdb().ReadRaw(1), Message("one"));
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(OutcomesTest, PlaceWhatStandsInWhereTheQuarantinedMessageComesAgain) {
  Apply(kFirst, VSAPI_ACTION_QUARANTINE, VSAPI_VERDICT_SUSPICIOUS, VSAPI_SCOPE_ITEM);
  Import("one", {"carol", "Inbox"});
  EXPECT_THAT(mdb().Find(1)->placements, SizeIs(2));
  EXPECT_THAT(mdb().ReadRaw(1).value(), Not(HasSubstr("AAEC")));
}

TEST_F(OutcomesTest, LeaveAMessageInQuarantineAsItIs) {
  Apply(kFirst, VSAPI_ACTION_QUARANTINE, VSAPI_VERDICT_SUSPICIOUS, VSAPI_SCOPE_ITEM);
  const int64_t number = mdb().Quarantined()[0].message.number;
  EXPECT_EQ(Apply({number, 1}, VSAPI_ACTION_REPLACE_BY_NOTICE, VSAPI_VERDICT_INFECTED),
            MarkOutcome::kApplied);
  EXPECT_EQ(mdb().ReadRaw(number), Message("one"));
  EXPECT_EQ(Part(2, 1).mark.stamp->verdict, VSAPI_VERDICT_INFECTED);
}

TEST_F(OutcomesTest, PutNothingCleanedIntoAMessageInQuarantine) {
  Apply(kFirst, VSAPI_ACTION_QUARANTINE, VSAPI_VERDICT_SUSPICIOUS, VSAPI_SCOPE_ITEM);
  const int64_t number = mdb().Quarantined()[0].message.number;
  EXPECT_EQ(Apply({number, 1}, VSAPI_ACTION_REPLACE, VSAPI_VERDICT_CLEANED, VSAPI_SCOPE_CONTENT,
                  "cleaned"),
            MarkOutcome::kFailed);
  EXPECT_EQ(mdb().ReadRaw(number), Message("one"));
  EXPECT_EQ(Part(2, 1).mark.stamp, std::nullopt);
}

// The stamp of a content says nothing of an item that has one of its own.
TEST_F(OutcomesTest, LeaveAReleasedItemAloneWhenItsContentIsFoundInAnother) {
  Apply(kFirst, VSAPI_ACTION_QUARANTINE, VSAPI_VERDICT_SUSPICIOUS, VSAPI_SCOPE_ITEM);
  mdb().Release(mdb().Quarantined().at(0).message.number, Mdb::Verdict::kForgiven, 9);
  ASSERT_EQ(Apply({2, 1}, VSAPI_ACTION_REPLACE_BY_NOTICE, VSAPI_VERDICT_INFECTED),
            MarkOutcome::kApplied);
  EXPECT_EQ(mdb().ReadRaw(1), Message("one"));
  EXPECT_EQ(Part(1, 1).mark.stamp->verdict, VSAPI_VERDICT_CLEAN_PERMANENT);
  EXPECT_EQ(Part(2, 1).name, "x.bin.virusinfo.txt");
  EXPECT_THAT(Problems(), IsEmpty());
}

// Puts the bodies of all messages from the third on into quarantine, and writes a byte after each.
[[noreturn]] void QuarantineAll(const std::filesystem::path& folder, int told) {
  Store store(folder, Access::kWrite);
  Mdb& mdb = store.mdb("");
  for (const int64_t number : mdb.Numbers(2, 1000)) {
    MarkChange change;
    change.item = ItemPlace{number, 0};
    change.content = mdb.FindPart(*change.item)->content;
    change.mark.stamp.emplace();
    change.mark.stamp->vendor = "V";
    change.mark.stamp->verdict = VSAPI_VERDICT_SUSPICIOUS;
    change.mark.stamp->action = VSAPI_ACTION_QUARANTINE;
    mdb.ApplyMarks({&change, 1}, Durability::kDurable);
    if (write(told, "", 1) != 1) _exit(1);
  }
  for (;;) pause();
}

TEST_F(OutcomesTest, LeaveASoundStoreWhereverTheProcessDies) {
  constexpr int kMessages = 40;
  for (int i = 0; i < kMessages; ++i) Import("m" + std::to_string(i), {"alice", "Inbox"});
  for (const int outcomes : {1, 2, 5, 11}) {
    const size_t before = mdb().Quarantined().size();
    store_.reset();
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) QuarantineAll(folder_ / "s", ends[1]);
    char byte;
    for (int i = 0; i < outcomes; ++i) ASSERT_EQ(read(ends[0], &byte, 1), 1);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    close(ends[0]);
    close(ends[1]);
    store_.emplace(folder_ / "s", Access::kWrite);
    EXPECT_GE(mdb().Quarantined().size(), before + (before == 0 ? outcomes : 0));
    EXPECT_THAT(mdb().Numbers(0, 1000), SizeIs(kMessages + 2));
    EXPECT_THAT(Problems(), IsEmpty());
  }
}

}  // namespace
}  // namespace store_sim
