// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/poison: what is remembered, over restarts too, and for how long.
#include "poison.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include "support/items.h"
#include "support/manual_clock.h"
#include "support/recorded_events.h"
#include "support/test_folder.h"

namespace vsapi::engine {
namespace {

using ::testing::HasSubstr;

class PoisonTest : public ::testing::Test {
 protected:
  const test::TestFolder folder_;
  test::ManualClock clock_;
  test::RecordedEvents recorded_;
  EventLog events_{clock_, recorded_.sink()};
};

TEST_F(PoisonTest, IsForThatContentUnderThoseDefinitionsAlone) {
  Poison poison("", events_);
  poison.Add(test::DigestOf(1), 7, "crashed");
  EXPECT_TRUE(poison.Has(test::DigestOf(1), 7));
  EXPECT_FALSE(poison.Has(test::DigestOf(1), 8));
  EXPECT_FALSE(poison.Has(test::DigestOf(2), 7));
}

TEST_F(PoisonTest, IsToldOf) {
  Poison("", events_).Add(test::DigestOf(1), 7, "hangs the vendor");
  const auto event = recorded_.Await(EventId::kPoisoned);
  EXPECT_THAT(event.text, HasSubstr("hangs the vendor"));
  EXPECT_EQ(event.fields.at("digest").size(), 64u);
}

TEST_F(PoisonTest, IsRememberedOverARestart) {
  Poison(folder_.path(), events_).Add(test::DigestOf(1), UINT64_MAX, "crashed");
  const Poison poison(folder_.path(), events_);
  EXPECT_TRUE(poison.Has(test::DigestOf(1), UINT64_MAX));
  EXPECT_EQ(poison.size(), 1u);
}

TEST_F(PoisonTest, IsForgottenWhenTheDefinitionsAreOthers) {
  Poison poison(folder_.path(), events_);
  poison.Add(test::DigestOf(1), 7, "crashed");
  poison.Add(test::DigestOf(2), 8, "crashed");
  poison.Keep(8);
  EXPECT_FALSE(poison.Has(test::DigestOf(1), 7));
  EXPECT_TRUE(poison.Has(test::DigestOf(2), 8));
  EXPECT_EQ(Poison(folder_.path(), events_).size(), 1u);
}

TEST_F(PoisonTest, OfSeveralProcessesIsInOneFile) {
  Poison one(folder_.path(), events_), other(folder_.path(), events_);
  one.Add(test::DigestOf(1), 7, "crashed");
  other.Add(test::DigestOf(2), 7, "crashed");
  EXPECT_EQ(Poison(folder_.path(), events_).size(), 2u);
}

TEST_F(PoisonTest, IsReadFromADamagedFileAsFarAsItIsWhole) {
  Poison(folder_.path(), events_).Add(test::DigestOf(1), 7, "crashed");
  const std::string file = folder_.path() + "/virusscan.poison";
  platform::Failure failure;
  const std::string text = *platform::ReadFile(file, 1000, failure);
  folder_.Write("virusscan.poison", "what is this?\n\n" + text + text.substr(0, 30));
  const Poison poison(folder_.path(), events_);
  EXPECT_TRUE(poison.Has(test::DigestOf(1), 7));
  EXPECT_EQ(poison.size(), 1u);
}

TEST_F(PoisonTest, CountsAlsoWhereItCannotBeKept) {
  Poison poison("/nowhere/at/all", events_);
  EXPECT_FALSE(poison.Add(test::DigestOf(1), 7, "crashed"));
  EXPECT_TRUE(poison.Has(test::DigestOf(1), 7));
  EXPECT_THAT(recorded_.Await(EventId::kStateNotKept).text, HasSubstr("/nowhere/at/all"));
}

// Whoever may read the folder may lock it: a worker process too.
TEST_F(PoisonTest, WaitsForNobodyWhoKeepsItsFolderLocked) {
  Poison poison(folder_.path(), events_);
  EXPECT_TRUE(poison.Add(test::DigestOf(1), 7, "crashed"));
  const int other = open(folder_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  ASSERT_EQ(flock(other, LOCK_EX), 0);
  EXPECT_FALSE(poison.Add(test::DigestOf(2), 7, "crashed"));
  EXPECT_THAT(recorded_.Await(EventId::kStateNotKept).text, HasSubstr("keeps its folder locked"));
  EXPECT_TRUE(poison.Has(test::DigestOf(2), 7));
  close(other);
  EXPECT_TRUE(poison.Add(test::DigestOf(3), 7, "crashed"));
}

}  // namespace
}  // namespace vsapi::engine
