// SPDX-License-Identifier: Apache-2.0
//
// Moves of one host, while others move or change the same message.
#include "move_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <sstream>
#include <thread>
#include <utility>

#include "error.h"
#include "exit_status.h"
#include "importer.h"
#include "mdb_check.h"
#include "replace_run.h"
#include "scanned.h"
#include "support/gate.h"
#include "temp_folder.h"
#include "times.h"

namespace store_sim {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::ThrowsMessage;

constexpr char kRaw[] =
    "Subject: one\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
    "--b\n\ntext\n--b\nContent-Type: application/x\n"
    "Content-Disposition: attachment; filename=a.txt\n\nattached\n--b--\n";

class MoveRunTest : public ::testing::Test {
 protected:
  MoveRunTest() {
    Store::Init(folder_ / "s", {"mdb1", "mdb2"});
    WriteSettings(folder_, "s");
    store_.emplace(folder_ / "s", Access::kWrite);
    Importer importer(store_->mdb("mdb1"));
    importer.Add(Prepare(kRaw, {"alice", "Inbox"}, 1));
    importer.Flush();
  }

  // To the other MDB and into another folder, wherever it is; what is not there is not moved.
  void MoveAbout(Scanning& scanning, const std::string& folder) {
    for (const auto& [from, to] : {std::pair("mdb1", "mdb2"), std::pair("mdb2", "mdb1")}) {
      for (const int64_t number : store_->mdb(from).Numbers(0, 10)) {
        const std::string message = std::string(from) + "/" + std::to_string(number);
        moved_ += IsDone([&] { return Move(scanning, message, to, folder); });
        IsDone([&] { return Move(scanning, message, "", folder); });
      }
    }
  }
  // Its exit status.
  int Move(Scanning& scanning, const std::string& message, const std::string& to,
           const std::string& folder = "", const std::string& as = "client") {
    MoveArguments move;
    move.message = message;
    move.mailbox = "alice";
    move.to_mdb = to;
    move.to_folder = folder;
    move.as = as;
    std::ostringstream out;
    return RunMove(move, *store_, scanning, {out, out});
  }

  // Other content for its attachment, wherever it is. What was saved last is what it finds there.
  void ChangeAbout(Scanned& scanned) {
    const std::string content = "edited " + std::to_string(++changes_);
    for (const auto& mdb : store_->mdbs()) {
      for (const int64_t number : mdb->Numbers(0, 10)) {
        const auto part = mdb->FindPart({number, 1});
        if (part) {
          EXPECT_EQ(part->content, Sha256(saved_));
        }
        if (IsDone([&] { return Change(scanned, NameOf(*mdb, number), content); }))
          saved_ = content;
      }
    }
  }
  int Change(Scanned& scanned, const std::string& message, const std::string& content) {
    std::ostringstream out;
    ProactiveScan scan(scanned.scanning, ProactiveScan::AtEnd::kLeaveRunning);
    return RunReplace({message, "2", folder_.Write("edited", content), "alice"}, *store_,
                      scanned.progress, {out, out}, scan);
  }

  // False: another one was first.
  template <typename Work>
  static bool IsDone(Work work) {
    try {
      return work() == kDone;
    } catch (const DatabaseError& error) {
      ADD_FAILURE() << error.what();
    } catch (const Error&) {
      return false;
    }
    return false;
  }

  // Of both MDBs, which are sound.
  std::vector<StoredMessage> Messages() {
    std::vector<StoredMessage> messages;
    for (const auto& mdb : store_->mdbs()) {
      for (const int64_t number : mdb->Numbers(0, 10)) messages.push_back(*mdb->Find(number));
      CheckMdb(*mdb, folder_ / ("s/" + mdb->name() + ".db"),
               [](const std::string& line) { ADD_FAILURE() << line; });
    }
    return messages;
  }

  const TempFolder folder_;
  std::optional<Store> store_;
  std::atomic<int> moved_ = 0;
  int changes_ = 0;
  std::string saved_ = "attached";  // by the one thread that changes it
};

TEST_F(MoveRunTest, LeavesItInOnePlace) {
  Scanned scanned(*store_);
  const auto move_about = [&](const std::string& folder) {
    for (int move = 0; move < 40; ++move) MoveAbout(scanned.scanning, folder);
  };
  {
    const std::jthread one(move_about, "One");
    const std::jthread other(move_about, "Other");
  }
  scanned.scanning.End();
  EXPECT_GT(moved_, 1);
  const auto messages = Messages();
  ASSERT_THAT(messages, SizeIs(1));
  EXPECT_THAT(messages[0].placements, SizeIs(1));
}

TEST_F(MoveRunTest, LosesNothingThatItsOwnerSavesMeanwhile) {
  constexpr int kMoves = 3;
  Scanned scanned(*store_);
  const auto until_moved = [&](const auto& work) {
    EXPECT_TRUE(vsapi::test::Eventually([&] {
      work();
      return moved_ >= kMoves;
    }));
  };
  {
    const std::jthread mover(until_moved, [&] { MoveAbout(scanned.scanning, "Moved"); });
    const std::jthread owner(until_moved, [&] { ChangeAbout(scanned); });
  }
  scanned.scanning.End();
  const auto messages = Messages();
  ASSERT_THAT(messages, SizeIs(1));
  EXPECT_EQ(messages[0].parts.at(1).content, Sha256(saved_));
}

TEST_F(MoveRunTest, PlacesNothingThatIsNotThereAnyMore) {
  Mdb& mdb = store_->mdb("mdb1");
  const Digest digest = Sha256(kRaw);
  mdb.TakeOut(1, digest, "alice", Placement{"bob", "Inbox"});
  EXPECT_THROW(mdb.TakeOut(1, digest, "alice", Placement{"carol", "Inbox"}), Error);
  EXPECT_THROW(mdb.TakeOut(1, digest, "alice", std::nullopt), Error);
  EXPECT_THAT(mdb.Find(1)->placements, SizeIs(1));
  mdb.TakeOut(1, digest, "bob", std::nullopt);
  EXPECT_THROW(mdb.TakeOut(1, digest, "bob", Placement{"carol", "Inbox"}), Error);
  EXPECT_THROW(mdb.TakeOut(1, digest, "bob", std::nullopt), Error);
}

TEST_F(MoveRunTest, TakesNothingOutThatIsNotWhatItWas) {
  Mdb& mdb = store_->mdb("mdb1");
  std::vector<NewItem> new_items;
  mdb.SavePart({1, 1}, mdb.FindPart({1, 1})->content, "alice", "edited", new_items, {});
  EXPECT_THROW(mdb.TakeOut(1, Sha256(kRaw), "alice", std::nullopt), Error);
  EXPECT_THROW(mdb.TakeOut(1, Sha256(kRaw), "alice", Placement{"bob", "Inbox"}), Error);
  EXPECT_EQ(mdb.Find(1)->placements.at(0).mailbox, "alice");
  EXPECT_EQ(mdb.ReadContent(mdb.FindPart({1, 1})->content), "edited");
}

TEST_F(MoveRunTest, HasJudgedAnewWhatIsNotCurrentAndNothingElse) {
  Scanned scanned(*store_);
  Mdb& from = store_->mdb("mdb1");
  Mdb& to = store_->mdb("mdb2");
  for (const auto& [ordinal, version] : {std::pair(0, UINT64_MAX), std::pair(1, uint64_t{0})}) {
    Stamp stamp;
    stamp.vendor = "GoodVendor";
    stamp.version = version;
    stamp.verdict = VSAPI_VERDICT_CLEAN;
    const ItemPlace item{1, ordinal};
    const MarkChange change{from.FindPart(item)->content, {stamp, {}}, item};
    from.ApplyMarks({&change, 1}, Durability::kDurable);
  }
  EXPECT_EQ(Move(scanned.scanning, "mdb1/1", "mdb2", "", "move"), kDone);
  EXPECT_EQ(CountersOf(scanned.scanning.engine())["Proactive Queued"], 1u);
  EXPECT_EQ(to.FindPart({1, 0})->mark.stamp->version, UINT64_MAX);
  EXPECT_TRUE(vsapi::test::Eventually([&] {
    scanned.scanning.Flush();
    return to.FindPart({1, 1})->mark.stamp->version > 0;
  }));
}

TEST_F(MoveRunTest, KeepsWhatStandsInForAQuarantinedMessageInItsMdb) {
  Scanned scanned(*store_);
  Mdb& mdb = store_->mdb("mdb1");
  MarkChange change{mdb.FindPart({1, 1})->content, {Stamp{}, {}}, ItemPlace{1, 1}};
  change.mark.stamp->vendor = "V";
  change.mark.stamp->verdict = VSAPI_VERDICT_SUSPICIOUS;
  change.mark.stamp->action = VSAPI_ACTION_QUARANTINE;
  mdb.ApplyMarks({&change, 1}, Durability::kDurable);
  for (const char* as : {"client", "move"})
    EXPECT_THAT([&] { return Move(scanned.scanning, "mdb1/1", "mdb2", "", as); },
                ThrowsMessage<Error>(HasSubstr("stands in for one that is in quarantine")));
  EXPECT_THAT(store_->mdb("mdb2").Numbers(0, 10), IsEmpty());
  EXPECT_EQ(Move(scanned.scanning, "mdb1/1", "", "Kept"), kDone);
  EXPECT_EQ(mdb.Release(mdb.Quarantined().at(0).message.number, Mdb::Verdict::kForgiven, 9), 1);
  EXPECT_EQ(mdb.ReadRaw(1), kRaw);
  const auto messages = Messages();
  ASSERT_THAT(messages, SizeIs(1));
  EXPECT_EQ(messages[0].placements.at(0).folder, "Kept");
  EXPECT_EQ(Move(scanned.scanning, "mdb1/1", "mdb2", "", "move"), kDone);
  EXPECT_THAT(store_->mdb("mdb2").Numbers(0, 10), SizeIs(1));
}

TEST_F(MoveRunTest, LeavesWhatChangesOnItsWayInBothPlaces) {
  Scanned scanned(*store_);
  Mdb& from = store_->mdb("mdb1");
  Database database(folder_ / "s/mdb1.db", Access::kWrite);
  // Its record is read when it stands in the other MDB already.
  database.Run(
      "CREATE TRIGGER change AFTER INSERT ON opened BEGIN "
      "UPDATE messages SET digest = zeroblob(32); END");
  from.NoteOpened(1, "alice", "imap", NowNs());
  EXPECT_THAT([&] { return Move(scanned.scanning, "mdb1/1", "mdb2", "", "move"); },
              ThrowsMessage<Error>(HasSubstr("as it was it stands in mdb2 now, "
                                             "and as it is in mdb1: move that again")));
  EXPECT_THAT(from.OpeningsOf(1), SizeIs(1));
  EXPECT_THAT(from.Find(1)->placements, SizeIs(1));
  database.Run("DROP TRIGGER change");
  database.Prepare("UPDATE messages SET digest = ?").BindBlob(Sha256(kRaw)).Run();
  EXPECT_THAT(Messages(), SizeIs(2));
  EXPECT_EQ(Move(scanned.scanning, "mdb1/1", "mdb2", "", "move"), kDone);
  EXPECT_THAT(Messages(), SizeIs(1));
}

}  // namespace
}  // namespace store_sim
