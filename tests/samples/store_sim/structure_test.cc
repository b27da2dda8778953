// SPDX-License-Identifier: Apache-2.0
//
// The specification of a store's structure: MDBs, mailboxes, folders with the level of their last
// pass, what an older version left, and what a check finds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "engine_store.h"
#include "error.h"
#include "import_folder.h"
#include "importer.h"
#include "mdb_check.h"
#include "mdb_coverage.h"
#include "schema_v4.h"
#include "store.h"
#include "temp_folder.h"

namespace store_sim {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;

std::string Text(int number) {
  return "Subject: " + std::to_string(number) + "\n\ntext " + std::to_string(number) + "\n";
}

class StructureTest : public ::testing::Test {
 protected:
  StructureTest() { level_.struct_size = sizeof level_; }

  void Open() {
    engine_store_.reset();
    store_.reset();
    store_.emplace(folder_ / "s", Access::kWrite);
    engine_store_ = std::make_unique<EngineStore>(
        store_->mdbs().front(), [](const std::string& line) { ADD_FAILURE() << line; }, true);
  }
  void Init() {
    Store::Init(folder_ / "s", {"mdb1"}, {"public"});
    Open();
  }
  Mdb& mdb(const std::string& name = "mdb1") { return store_->mdb(name); }
  void Import(int number, const Placement& place, const std::string& name = "mdb1") {
    Importer importer(mdb(name));
    importer.Add(Prepare(Text(number), place, 1));
    importer.Flush();
  }
  std::vector<std::string> Folders(const std::string& name = "mdb1") {
    std::vector<std::string> folders;
    for (const FolderSummary& folder : mdb(name).Folders())
      folders.push_back(folder.place.mailbox + ": " + folder.place.folder + " " +
                        std::to_string(folder.messages));
    return folders;
  }
  void Stamp(int64_t message, int32_t verdict = VSAPI_VERDICT_CLEAN) {
    store_sim::Stamp stamp;
    stamp.vendor = "V";
    stamp.version = 2;
    stamp.verdict = verdict;
    const ItemPlace item{message, 0};
    const MarkChange change{mdb().FindPart(item)->content, {stamp, {}}, item};
    mdb().ApplyMarks({&change, 1}, Durability::kGrouped);
  }
  // One step of a pass under version 2 of V; the items found. Counts the folders it finished.
  size_t Step(vsapi_key& cursor) {
    level_.version = 2;
    std::strcpy(level_.vendor, "V");
    std::vector<vsapi::Item> items(10);
    vsapi::StalePage page = {};
    page.struct_size = sizeof page;
    page.cursor = cursor;
    page.items = items.data();
    page.room = items.size();
    EXPECT_EQ(engine_store_->NextStale(level_, page), VSAPI_OK);
    cursor = page.cursor;
    finished_ += page.folders;
    return page.count;
  }
  size_t Pass() {
    size_t found = 0;
    vsapi_key cursor = {};
    while (const size_t count = Step(cursor)) found += count;
    return found;
  }
  std::vector<std::string> Problems() {
    std::vector<std::string> problems;
    CheckMdb(mdb(), folder_ / "s/mdb1.db", [&](const auto& line) { problems.push_back(line); });
    return problems;
  }
  void Sql(const char* sql) { Database(folder_ / "s/mdb1.db", Access::kWrite).Run(sql); }

  TempFolder folder_;
  std::optional<Store> store_;
  std::unique_ptr<EngineStore> engine_store_;
  vsapi_level level_ = {};
  uint64_t finished_ = 0;
};

TEST_F(StructureTest, AMailboxHasItsFoldersAndThoseThatMailComesInto) {
  Init();
  Import(1, {"alice", "Inbox/Work/Old"});
  EXPECT_THAT(Folders(), ElementsAre("alice: Deleted Items 0", "alice: Drafts 0", "alice: Inbox 0",
                                     "alice: Inbox/Work 0", "alice: Inbox/Work/Old 1",
                                     "alice: Outbox 0", "alice: Sent Items 0"));
}

TEST_F(StructureTest, APublicMdbHasFoldersAndNoMailboxes) {
  Init();
  Import(1, {kPublicFolders, "News/2026"}, "public");
  EXPECT_THAT(Folders("public"),
              ElementsAre("Public Folders: News 0", "Public Folders: News/2026 1"));
  EXPECT_THROW(Import(2, {"alice", "Inbox"}, "public"), Error);
  EXPECT_THROW(Import(2, {kPublicFolders, "News"}, "mdb1"), Error);
}

TEST_F(StructureTest, AMessageToManyIsStoredOnceInAllTheirMailboxes) {
  Init();
  IncomingMessage message = Prepare(Text(1), 1);
  message.placements = {{"alice", "Inbox"}, {"bob", "Inbox"}, {"carol", "Inbox"}};
  mdb().Import({&message, 1});
  EXPECT_EQ(mdb().Totals().messages, 1u);
  EXPECT_EQ(mdb().Totals().contents, 1u);
  EXPECT_EQ(mdb().Find(1)->placements.size(), 3u);
}

TEST_F(StructureTest, APassThatFoundNothingStaleIsRememberedByEachFolder) {
  Init();
  Import(1, {"alice", "Inbox"});
  Import(2, {"alice", "Drafts"});
  EXPECT_EQ(Pass(), 2u);
  EXPECT_EQ(finished_, 3u);  // those that hold nothing
  Stamp(1);
  EXPECT_EQ(Pass(), 1u);
  EXPECT_EQ(finished_, 4u);
  EXPECT_FALSE(mdb().IsSwept({"V", 2, {}}));
  Stamp(2);
  EXPECT_EQ(Pass(), 0u);
  EXPECT_EQ(finished_, 5u);
  EXPECT_TRUE(mdb().IsSwept({"V", 2, {}}));
  EXPECT_FALSE(mdb().IsSwept({"V", 3, {}}));
  EXPECT_FALSE(mdb().IsSwept({"W", 2, {}}));
  EXPECT_FALSE(mdb().IsSwept({"V", 2, {}, 1}));
}

// All stamps are taken away behind the folders' back.
TEST_F(StructureTest, APassOverSweptFoldersLooksAtNothingElse) {
  Init();
  Import(1, {"alice", "Inbox"});
  Stamp(1);
  EXPECT_EQ(Pass(), 0u);
  Sql("UPDATE contents SET stamp_vendor = NULL, stamp_verdict = NULL, stamp_version = NULL, "
      "stamp_definitions = NULL, stamp_since = NULL");
  EXPECT_EQ(Pass(), 0u);
  Import(2, {"alice", "Drafts"});
  EXPECT_EQ(Pass(), 2u);
}

TEST_F(StructureTest, WhatComesIntoAFolderIsFoundByTheNextPass) {
  Init();
  Import(1, {"alice", "Inbox"});
  Stamp(1);
  Pass();
  Import(2, {"alice", "Inbox"});
  EXPECT_EQ(Pass(), 1u);
}

TEST_F(StructureTest, AStoreOfVersionThreeIsBroughtUpToDateWithAllItHolds) {
  Init();
  store_.reset();
  std::filesystem::remove(folder_ / "s/mdb1.db");
  MakeVersion3(folder_ / "s/mdb1.db");
  Open();
  EXPECT_EQ(mdb().kind(), MdbKind::kPrivate);
  EXPECT_THAT(Folders(), ElementsAre("alice: Inbox 0", "alice: Inbox/Old 1", "bob: Inbox 1"));
  EXPECT_EQ(mdb().ReadContent(Sha256("text\n")), "text\n");
  EXPECT_EQ(mdb().FindPart({1, 0})->mark.stamp->finding, "Evil");
  vsapi::Status now = {};
  now.serving = 1;
  now.version = 2;
  std::strcpy(now.vendor, "V");
  EXPECT_EQ(CoverageOf(folder_ / "s/mdb1.db", now).items, 2u);
  EXPECT_EQ(CoverageOf(folder_ / "s/mdb1.db", now).current, 2u);
  EXPECT_THAT(Problems(), IsEmpty());
  Import(9, {"alice", "Inbox"});
  EXPECT_EQ(CoverageOf(folder_ / "s/mdb1.db", now).items, 3u);
  EXPECT_THAT(Problems(), IsEmpty());
}

// One of a public MDB, and a pass was there.
TEST_F(StructureTest, AStoreOfVersionFourIsBroughtUpToDateWithAllItHolds) {
  Init();
  store_.reset();
  std::filesystem::remove(folder_ / "s/mdb1.db");
  MakeVersion4(folder_ / "s/mdb1.db");
  Open();
  EXPECT_EQ(mdb().kind(), MdbKind::kPublic);
  EXPECT_EQ(mdb().FindPart({1, 0})->mark.stamp->finding, "Evil");
  EXPECT_EQ(mdb().FindPart({2, 0})->mark.stamp->since, 0u);
  for (const FolderSummary& folder : mdb().Folders())
    EXPECT_EQ(folder.swept_vendor, folder.place.folder == "Inbox/Old" ? "V" : "");
  EXPECT_THAT(Problems(), IsEmpty());
  EXPECT_EQ(Pass(), 0u);
  EXPECT_TRUE(mdb().IsSwept({"V", 2, {}}));
  level_.since_generation = 2;
  EXPECT_EQ(Pass(), 2u);
}

// As version three, without its indexes.
TEST_F(StructureTest, AStoreOfVersionTwoIsBroughtUpToDateEvenForReadingButByOneWriterAlone) {
  Init();
  store_.reset();
  std::filesystem::remove(folder_ / "s/mdb1.db");
  MakeVersion3(folder_ / "s/mdb1.db");
  Sql("DROP INDEX contents_by_stamp; DROP INDEX item_stamps_by_stamp; PRAGMA user_version = 2");
  {
    const StoreLock another(folder_ / "s");
    EXPECT_THROW(Store(folder_ / "s", Access::kRead), Error);
    EXPECT_THROW(Mdb(folder_ / "s/mdb1.db", "mdb1", Access::kRead), Error);
    EXPECT_EQ(Database(folder_ / "s/mdb1.db", Access::kRead).Number("PRAGMA user_version"), 2);
  }
  EXPECT_EQ(Store(folder_ / "s", Access::kRead).mdb("mdb1").Totals().messages, 2u);
  Open();
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(StructureTest, ACheckFindsWhatIsWrong) {
  Init();
  Import(1, {"alice", "Inbox"});
  Import(2, {"alice", "Inbox/Old"});
  Stamp(1);
  EXPECT_THAT(Problems(), IsEmpty());
  Sql("PRAGMA foreign_keys = OFF; UPDATE messages SET raw = zeroblob(size) WHERE id = 1; "
      "UPDATE contents SET span_offset = span_offset - 1 WHERE id = 2; "
      "UPDATE stamp_counts SET items = items + 1; DELETE FROM placements WHERE message = 2; "
      "INSERT INTO item_stamps VALUES (9, 9, 'V', 1, x'', 1, 1, '', 1, 1, 0); "
      "UPDATE folders SET path = 'Gone/Old' WHERE path = 'Inbox/Old'");
  EXPECT_THAT(Problems(),
              IsSupersetOf(
                  {HasSubstr("message 1: its bytes are not"),
                   HasSubstr("content 2 of message 2: its bytes are not"),
                   HasSubstr("coverage is counted wrongly"), HasSubstr("a message in no folder: 2"),
                   HasSubstr("a stamp of an item that is missing: 9"),
                   HasSubstr("a folder in no other folder"), HasSubstr("table item_stamps: row")}));
}

TEST(ImportFolder, ATreeOfFilesBecomesATreeOfFolders) {
  const auto of = [](const char* folder, const char* path, uint64_t index, const char* base = "",
                     bool given = false) {
    return FolderOf({path, 0, false, folder, given}, {path, index}, base);
  };
  EXPECT_EQ(of("", "m/1.eml", 0), "Inbox");
  EXPECT_EQ(of("Work/2026", "m/Work/2026/1.eml", 0), "Work/2026");
  EXPECT_EQ(of("Sent/Old", "m/.Sent.Old/cur/1", 0), "Sent Items/Old");
  EXPECT_EQ(of("", "m/Trash.mbox", 3), "Deleted Items");
  EXPECT_EQ(of("Local.sbd", "m/Local.sbd/Friends", 1), "Local/Friends");
  EXPECT_EQ(of("", "box.mbox", 1, "", true), "Inbox");
  EXPECT_EQ(of("Sent", "m/Sent/1.eml", 0, "Inbox/Import"), "Inbox/Import/Sent");
  EXPECT_EQ(of("", "m/1.eml", 0, "/a//b/"), "a/b");
}

}  // namespace
}  // namespace store_sim
