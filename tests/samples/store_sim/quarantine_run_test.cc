// SPDX-License-Identifier: Apache-2.0
//
// All of quarantine judged again by clients of one host, while others release what lies there.
#include "quarantine_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <sstream>
#include <thread>
#include <utility>

#include "error.h"
#include "importer.h"
#include "scanned.h"
#include "support/gate.h"
#include "temp_folder.h"

namespace store_sim {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// What lies there was found by another vendor.
class QuarantineRunTest : public ::testing::Test {
 protected:
  QuarantineRunTest() {
    Store::Init(folder_ / "s", {"mdb1"});
    WriteSettings(folder_, "s");
    store_.emplace(folder_ / "s", Access::kWrite);
  }

  Mdb& mdb() { return store_->mdb(""); }
  // Returns the number that it lies under.
  int64_t PutAway(const std::string& text) {
    Importer importer(mdb());
    IncomingMessage message = Prepare("Subject: one\n\n" + text + "\n", {"alice", "Inbox"}, 1);
    const Digest digest = message.digest;
    importer.Add(std::move(message));
    importer.Flush();
    MarkChange change;
    change.item = ItemPlace{mdb().FindNumber(digest).value(), 0};
    change.content = mdb().FindPart(*change.item)->content;
    change.mark.stamp.emplace();
    change.mark.stamp->vendor = "V";
    change.mark.stamp->verdict = VSAPI_VERDICT_SUSPICIOUS;
    change.mark.stamp->action = VSAPI_ACTION_QUARANTINE;
    mdb().ApplyMarks({&change, 1}, Durability::kDurable);
    return mdb().Quarantined().back().message.number;
  }
  int RescanAll(Scanned& scanned, const Desk& desk) {
    return RunQuarantine({true, {}}, *store_, &scanned.scanning, desk);
  }

  TempFolder folder_;
  std::optional<Store> store_;
  std::ostringstream out_;
};

TEST_F(QuarantineRunTest, PassesOverWhatAnotherRescanHasReleased) {
  for (const char* text : {"one", "two", "three"}) PutAway(text);
  Scanned scanned(*store_);
  std::ostringstream other;
  bool is_begun = false;
  const auto other_first = [&] {
    if (!std::exchange(is_begun, true)) {
      EXPECT_EQ(RescanAll(scanned, {other, other}), 0);
    }
    return false;
  };
  EXPECT_EQ(RescanAll(scanned, {out_, out_, false, other_first}), 0);
  EXPECT_THAT(out_.str(), IsEmpty());
  EXPECT_THAT(other.str(), HasSubstr("released as mdb1/1"));
  EXPECT_THAT(mdb().Quarantined(), IsEmpty());
}

TEST_F(QuarantineRunTest, PassesOverWhatIsReleasedWhileItIsJudged) {
  const int64_t first = PutAway("GATE one");
  const int64_t second = PutAway("INFECTED:Evil");
  vsapi::test::VendorGate gate;
  Scanned scanned(*store_, gate.parameters());
  {
    const std::jthread rescan([&] { EXPECT_EQ(RescanAll(scanned, {out_, out_}), 0); });
    gate.AwaitScan();
    mdb().Release(first, Mdb::Verdict::kStands, 9);
    gate.LetAll();
  }
  EXPECT_EQ(out_.str(), NameOf(mdb(), second) + "  stays: infected Evil in part 1\n");
  EXPECT_THAT(mdb().Quarantined(), SizeIs(1));
}

TEST_F(QuarantineRunTest, SaysThatWhatIsNamedIsNotThere) {
  const int64_t number = PutAway("one");
  Scanned scanned(*store_);
  mdb().Release(number, Mdb::Verdict::kStands, 9);
  EXPECT_THROW(
      RunQuarantine({true, {NameOf(mdb(), number)}}, *store_, &scanned.scanning, {out_, out_}),
      Error);
}

}  // namespace
}  // namespace store_sim
