// SPDX-License-Identifier: Apache-2.0
//
// Clients of one host that move the same message at once.
#include "move_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <thread>

#include "error.h"
#include "importer.h"
#include "mdb_check.h"
#include "temp_folder.h"

namespace store_sim {
namespace {

using ::testing::SizeIs;

class MoveRunTest : public ::testing::Test {
 protected:
  MoveRunTest() {
    Store::Init(folder_ / "s", {"mdb1", "mdb2"});
    folder_.Write("s/virusscan.reg", std::string("Windows Registry Editor Version 5.00\n\n") +
                                         "[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services"
                                         "\\MSExchangeIS\\VirusScan]\n\"Enabled\"=dword:1\n");
    store_.emplace(folder_ / "s", Access::kWrite);
    Importer importer(store_->mdb("mdb1"));
    importer.Add(Prepare("Subject: one\n\ntext\n", {"alice", "Inbox"}, 1));
    importer.Flush();
  }

  // To and fro between both MDBs, wherever it is; what is not there is not moved.
  void MoveAbout(Scanning& scanning, const std::string& folder) {
    const Digest digest = Sha256("Subject: one\n\ntext\n");
    for (int move = 0; move < 40; ++move) {
      for (const auto& [from, to] : {std::pair("mdb1", "mdb2"), std::pair("mdb2", "mdb1")}) {
        const auto number = store_->mdb(from).FindNumber(digest);
        if (number) Move(scanning, std::string(from) + "/" + std::to_string(*number), to, folder);
        if (number) Move(scanning, std::string(from) + "/" + std::to_string(*number), "", folder);
      }
    }
  }
  void Move(Scanning& scanning, const std::string& message, const std::string& to,
            const std::string& folder) {
    MoveArguments move;
    move.message = message;
    move.mailbox = "alice";
    move.to_mdb = to;
    move.to_folder = folder;
    std::ostringstream out;
    try {
      moved_ += RunMove(move, *store_, scanning, {out, out}) == 0;
    } catch (const DatabaseError& error) {
      ADD_FAILURE() << error.what();
    } catch (const Error&) {
      return;  // the other one was first
    }
  }

  const TempFolder folder_;
  std::optional<Store> store_;
  std::atomic<int> moved_ = 0;
};

TEST_F(MoveRunTest, LeaveItInOnePlace) {
  std::ostringstream lines;
  Progress progress(lines, false);
  EventLines events(progress, EventLines::Which::kProblems);
  Scanning scanning(*store_, {VSAPI_TEST_VENDORS_DIR "/good.so"}, events);
  {
    const std::jthread one([&] { MoveAbout(scanning, "One"); });
    const std::jthread other([&] { MoveAbout(scanning, "Other"); });
  }
  scanning.End();
  EXPECT_GT(moved_, 1);
  std::vector<Placement> places;
  for (const auto& mdb : store_->mdbs()) {
    for (const int64_t number : mdb->Numbers(0, 10)) {
      const StoredMessage message = mdb->Find(number).value();
      places.insert(places.end(), message.placements.begin(), message.placements.end());
    }
    CheckMdb(*mdb, folder_ / ("s/" + mdb->name() + ".db"),
             [](const std::string& line) { ADD_FAILURE() << line; });
  }
  EXPECT_THAT(places, SizeIs(1));
}

TEST_F(MoveRunTest, PlacesNothingThatIsNotThereAnyMore) {
  Mdb& mdb = store_->mdb("mdb1");
  mdb.TakeOut(1, "alice", Placement{"bob", "Inbox"});
  EXPECT_THROW(mdb.TakeOut(1, "alice", Placement{"carol", "Inbox"}), Error);
  EXPECT_THAT(mdb.Find(1)->placements, SizeIs(1));
  mdb.TakeOut(1, "bob", std::nullopt);
  EXPECT_THROW(mdb.TakeOut(1, "bob", Placement{"carol", "Inbox"}), Error);
}

}  // namespace
}  // namespace store_sim
