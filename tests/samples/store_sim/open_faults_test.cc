// SPDX-License-Identifier: Apache-2.0
//
// `store_sim open` and `import` where something is wrong: the vendor, the settings, the disk.
// Nothing is ever let out by it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <map>

#include "database.h"
#include "open_fixture.h"
#include "store_lock.h"

namespace store_sim {
namespace {

using ::testing::HasSubstr;

class OpenFaultsTest : public OpenTest {};

TEST_F(OpenFaultsTest, ReleasesNothingWithoutAVendor) {
  Make({Text("1", "hello")});
  folder_.Write("text.so", "no library");
  const std::map<std::string, std::string> vendors = {
      {"/nowhere/vendor.so", "/nowhere/vendor.so"},
      {"no_such_name.so", "no_such_name.so"},
      {"./text.so", "text.so"},
      {VSAPI_TEST_VENDORS_DIR "/no_entry.so", "vsapi_vendor_entry"},
      {VSAPI_TEST_VENDORS_DIR "/wrong_major.so", "wrong_major.so"}};
  for (const auto& [path, named] : vendors) {
    EXPECT_EQ(Run("open s 1 --save saved --vendor '" + path + "'"), kUnavailable);
    EXPECT_EQ(out_, "mdb1/1  unavailable: no vendor in part 1\n");
    EXPECT_THAT(err_, HasSubstr("error 1011: ")) << path;
    EXPECT_THAT(err_, HasSubstr(named));
    EXPECT_FALSE(std::filesystem::exists(folder_ / "saved"));
    EXPECT_EQ(Run("open s --all --vendor '" + path + "'"), kUnavailable);
    EXPECT_THAT(err_, HasSubstr("nothing is opened without a vendor"));
    EXPECT_EQ(Run("open s 1 --quiet --vendor '" + path + "'"), kUnavailable);
    EXPECT_EQ(out_, "");
  }
}

TEST_F(OpenFaultsTest, NamesTheWrongLineOfTheSettings) {
  Make({Text("1", "hello")});
  folder_.Write("s/virusscan.reg", "Windows Registry Editor Version 5.00\n\nnonsense\n");
  EXPECT_EQ(Run("open s 1"), kFailed);
  EXPECT_THAT(err_, HasSubstr("virusscan.reg:3"));
  EXPECT_EQ(out_, "");
  std::filesystem::remove(folder_ / "s/virusscan.reg");
  EXPECT_EQ(Run("open s 1"), kFailed);
  EXPECT_THAT(err_, HasSubstr("virusscan.reg: is missing"));
}

TEST_F(OpenFaultsTest, ImportsAllTheSameWithWrongSettings) {
  folder_.Write("mail/1", Text("1", "hello"));
  ASSERT_EQ(Run("init s"), 0);
  folder_.Write("s/virusscan.reg", "Windows Registry Editor Version 5.00\n\nnonsense\n");
  EXPECT_EQ(Run("import s mail"), kFailed);
  EXPECT_THAT(err_, HasSubstr("nothing is scanned while importing"));
  EXPECT_THAT(err_, HasSubstr("virusscan.reg:3"));
  EXPECT_THAT(err_, HasSubstr("messages: 1 stored"));
}

TEST_F(OpenFaultsTest, ImportsWithoutAVendorAndSaysSo) {
  folder_.Write("mail/1", Text("1", "hello"));
  ASSERT_EQ(Run("init s"), 0);
  std::string settings = ReadAll(folder_ / "s/virusscan.reg");
  settings.replace(settings.find("vsapi_clamav.so"), 15, "no_such_vendor.so");
  folder_.Write("s/virusscan.reg", settings);
  EXPECT_EQ(Run("import s mail"), 0);
  EXPECT_THAT(err_, HasSubstr("error 1011: "));
  EXPECT_THAT(err_, HasSubstr("no_such_vendor.so"));
  EXPECT_THAT(err_, HasSubstr("messages: 1 stored"));
  EXPECT_THAT(err_, HasSubstr("1 left to be scanned when opened"));
}

// One wrong byte in what is stored: neither stamped nor given out.
TEST_F(OpenFaultsTest, RefusesWhatTheDiskHasChanged) {
  Make({Text("1", "the body as it was"), Text("2", "another")});
  std::string database = ReadAll(folder_ / "s/mdb1.db");
  const size_t at = database.find("the body as it was");
  ASSERT_NE(at, std::string::npos);
  database[at] = 'T';
  folder_.Write("s/mdb1.db", database);
  EXPECT_EQ(OpenBy("good", "1 --save saved"), kUnavailable);
  EXPECT_THAT(out_, HasSubstr("unavailable: content could not be read in part 1"));
  EXPECT_THAT(err_, HasSubstr("mdb1/1 part 1: its bytes are not those that were stored"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "saved"));
  EXPECT_EQ(OpenBy("good", "--all"), kUnavailable);
  EXPECT_THAT(out_, HasSubstr("2: 1 allowed, 0 infected, 0 in progress, 1 unavailable"));
}

// The same where its stamp is clean already: the client would get what was never scanned.
TEST_F(OpenFaultsTest, GivesOutNothingThatChangedAfterItWasScanned) {
  Make({Text("1", "the body as it was")});
  ASSERT_EQ(OpenBy("good", "1"), kAllowed);
  std::string database = ReadAll(folder_ / "s/mdb1.db");
  database[database.find("the body as it was")] = 'T';
  folder_.Write("s/mdb1.db", database);
  EXPECT_EQ(OpenBy("good", "1 --save saved"), kFailed);
  EXPECT_THAT(err_, HasSubstr("the database is damaged"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "saved"));
  EXPECT_EQ(Run("show s 1 --raw"), kFailed);
  EXPECT_EQ(out_, "");
  EXPECT_THAT(err_, HasSubstr("the database is damaged"));
}

TEST_F(OpenFaultsTest, TellsOfADamagedDatabase) {
  std::vector<std::string> raws;
  for (int i = 0; i < 50; ++i) raws.push_back(Text(std::to_string(i), std::string(20'000, 'x')));
  Make(raws);
  std::string database = ReadAll(folder_ / "s/mdb1.db");
  std::fill(database.begin() + 16'384, database.end(), '\xee');
  folder_.Write("s/mdb1.db", database);
  EXPECT_EQ(OpenBy("good", "--all"), kFailed);
  EXPECT_THAT(err_, HasSubstr("mdb1.db: the database is damaged; restore it from a backup"));
  EXPECT_EQ(OpenBy("good", "1"), kFailed);
}

TEST_F(OpenFaultsTest, LeavesAStoreAloneThatAnotherProcessWrites) {
  Make({Text("1", "hello")});
  const StoreLock lock(folder_ / "s");
  EXPECT_EQ(OpenBy("good", "1"), kFailed);
  EXPECT_THAT(err_, HasSubstr("is writing this store; wait until it ends, or stop it"));
}

TEST_F(OpenFaultsTest, FailsOnAStoreThatItMayNotWrite) {
  Make({Text("1", "hello")});
  namespace fs = std::filesystem;
  fs::permissions(folder_.path(), fs::perms(0755));
  for (const auto& entry : fs::directory_iterator(folder_ / "s")) {
    fs::permissions(entry.path(), fs::perms(0444));
  }
  fs::permissions(folder_ / "s", fs::perms(0555));
  const std::string as_other = geteuid() == 0 ? "setpriv --reuid=65534 --clear-groups" : "";
  EXPECT_EQ(Run("open s 1" + Vendor("good"), as_other), kFailed);
  EXPECT_THAT(err_, HasSubstr("Permission denied; check the folder, its permissions"));
  fs::permissions(folder_ / "s", fs::perms(0755));
}

// Makes the log of an MDB longer than `size`, and keeps it so while it lives: a reader still needs
// it.
class LongLog {
 public:
  LongLog(const std::filesystem::path& mdb, uintmax_t size)
      : reader_(mdb, Access::kRead), writer_(mdb, Access::kWrite) {
    reader_.Run("BEGIN");
    reader_.Number("SELECT count(*) FROM messages");
    writer_.Run("PRAGMA synchronous = OFF");
    while (std::filesystem::file_size(mdb.string() + "-wal") <= size) {
      writer_.Run("UPDATE messages SET received_ns = received_ns + 1");
    }
  }

 private:
  Database reader_;
  Database writer_;
};

TEST_F(OpenFaultsTest, GivesOutWhatIsCleanEvenIfThatCannotBeRecorded) {
  Make({Text("1", "hello")});
  {
    const auto mdb = folder_ / "s/mdb1.db";
    const LongLog log(mdb, std::filesystem::file_size(VSAPI_TEST_VENDORS_DIR "/good.so"));
    const auto blocks = std::filesystem::file_size(mdb.string() + "-wal") / 512;
    EXPECT_EQ(
        Run("open s 1" + Vendor("good"), "trap '' XFSZ; ulimit -f " + std::to_string(blocks) + ";"),
        kAllowed);
    EXPECT_THAT(err_, HasSubstr("who opened what could not be recorded: "));
  }
}

// No file may grow past the end of the log, which is as good as a full disk.
TEST_F(OpenFaultsTest, RefusesWhatIsInfectedEvenIfTheDiskIsFull) {
  std::vector<std::string> raws;
  for (int i = 0; i < 40; ++i) {
    raws.push_back(Text(std::to_string(i), "INFECTED:A." + std::to_string(i)));
  }
  Make(raws);
  {
    const auto mdb = folder_ / "s/mdb1.db";
    const LongLog log(mdb, std::filesystem::file_size(VSAPI_TEST_VENDORS_DIR "/good.so"));
    const auto blocks = std::filesystem::file_size(mdb.string() + "-wal") / 512;
    const std::string full = "trap '' XFSZ; ulimit -f " + std::to_string(blocks) + ";";
    EXPECT_EQ(Run("open s --all" + Vendor("good"), full), kInfected) << err_;
    EXPECT_EQ(Row("  infected"), 40) << out_;
    EXPECT_THAT(err_, HasSubstr("no room left on the disk"));
    EXPECT_THAT(err_, HasSubstr("error 1032"));
  }
  EXPECT_EQ(OpenBy("good", "--all"), kInfected) << err_;
  EXPECT_EQ(Row("  infected"), 40);
  EXPECT_EQ(Row("vendor calls"), 40) << out_;
  EXPECT_EQ(OpenBy("good", "--all"), kAllowed);  // what was infected is replaced now
  EXPECT_EQ(Row("vendor calls"), 0) << out_;
}

}  // namespace
}  // namespace store_sim
