// SPDX-License-Identifier: Apache-2.0
//
// The specification of a simulation's mail, and of what is known about it without any engine.
#include "simulate_mail.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "importer.h"
#include "simulate_definitions.h"
#include "simulate_truth.h"
#include "temp_folder.h"

namespace store_sim {
namespace {

using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::StartsWith;

Profile With(double infected, double sleeping) {
  Profile profile;
  profile.infected_percent = infected;
  profile.sleeping_percent = sleeping;
  return profile;
}

std::vector<std::string> Mails(const Profile& profile, size_t count) {
  SimulatedMail mail(profile, 5);
  MixRandom random(5);
  std::vector<std::string> mails;
  for (size_t i = 1; i <= count; ++i)
    mails.push_back(mail.Compose(Token(5, i), random.Below(UINT64_MAX)));
  return mails;
}

std::set<Digest> ContentsOf(const std::string& raw) {
  std::set<Digest> contents;
  for (const ContentIdentity& each : Prepare(raw, 0).contents) contents.insert(each.digest);
  return contents;
}

TEST(SimulatedMail, HasItsTokenInTheSubjectAndParsesCleanly) {
  const auto mails = Mails(With(20, 20), 100);
  for (size_t i = 0; i < mails.size(); ++i) {
    const TakenApart apart = TakeApart(mails[i]);
    EXPECT_EQ(apart.unclean_reason, "");
    EXPECT_EQ(TokenIn(apart.details.subject), Token(5, i + 1));
  }
}

TEST(SimulatedMail, TellsNoOtherBracketsForATokenOfItsOwn) {
  EXPECT_EQ(TokenIn("[5.0.12] hello"), "[5.0.12]");
  EXPECT_EQ(TokenIn("Re: [list] hello"), "");
  EXPECT_EQ(TokenIn("[]"), "");
  EXPECT_EQ(TokenIn("[5.1"), "");
  EXPECT_EQ(TokenIn(""), "");
}

TEST(SimulatedMail, IsBadAsOftenAsTheProfileSays) {
  const Truth truth;
  const auto mails = Mails(With(10, 0), 500);
  const auto bad = std::count_if(mails.begin(), mails.end(), [&](const std::string& mail) {
    return !truth.BadIn(mail, truth.known()).empty();
  });
  EXPECT_NEAR(static_cast<double>(bad), 50, 20);
}

TEST(SimulatedTruth, SeesEicarInEveryFormThatIsSent) {
  const Truth truth;
  for (const std::string& mail : Mails(With(100, 0), 40))
    EXPECT_THAT(truth.BadIn(mail, truth.known()), StartsWith("EICAR"));
  for (const std::string& mail : Mails(With(0, 0), 40))
    EXPECT_EQ(truth.BadIn(mail, truth.known()), "");
}

TEST(SimulatedTruth, HoldsASleeperAgainstWhoAsksFromWhenItIsKnown) {
  Truth truth;
  const std::string mail = Mails(With(0, 100), 1).front();
  const Truth::Known before = truth.known();
  EXPECT_EQ(truth.BadIn(mail, before), "");
  truth.Know(1);
  EXPECT_EQ(truth.BadIn(mail, truth.known()), "");
  truth.Know(0);
  EXPECT_EQ(truth.BadIn(mail, truth.known()), "sleeper 0");
  EXPECT_EQ(truth.BadIn(mail, before), "");
}

TEST(SimulatedMail, HasASleeperForEachUpdateOfTheDay) {
  Profile profile = With(0, 100);
  profile.moments.resize(2);
  for (auto& moment : profile.moments) moment.counts[static_cast<size_t>(Action::kDefinitions)] = 1;
  Truth truth;
  for (unsigned sleeper = 0; sleeper < kSleepers; ++sleeper) truth.Know(sleeper);
  std::set<std::string> found;
  for (const std::string& mail : Mails(profile, 40)) found.insert(truth.BadIn(mail, truth.known()));
  EXPECT_EQ(found, (std::set<std::string>{"sleeper 0", "sleeper 1"}));
}

TEST(SimulatedMail, IsForwardedWithAllItCarries) {
  const Truth truth;
  for (const std::string& mail : Mails(With(30, 0), 40)) {
    const std::string forwarded = Forwarded(mail, "[5.99]", "user-0001");
    EXPECT_THAT(ContentsOf(forwarded), IsSupersetOf(ContentsOf(mail)));
    EXPECT_EQ(TokenIn(TakeApart(forwarded).details.subject), "[5.99]");
    EXPECT_EQ(truth.BadIn(forwarded, 0), truth.BadIn(mail, 0));
  }
}

TEST(SimulatedDefinitions, AddOneSleeperAfterTheOther) {
  const TempFolder folder;
  SimulatedDefinitions definitions(folder / "d");
  EXPECT_EQ(definitions.parameters(), "definitions=" + (folder / "d").string());
  EXPECT_FALSE(definitions.Knows(0));
  EXPECT_EQ(definitions.AddNext(), 0u);
  EXPECT_TRUE(definitions.Knows(0));
  EXPECT_FALSE(definitions.Knows(1));
  EXPECT_EQ(ReadAll(folder / "d/sleeper-0.ndb").substr(0, 34),
            "Simulated.Sleeper-0:0:*:4f70656e56");
}

TEST(SimulatedDefinitions, RememberWhatIsKnown) {
  const TempFolder folder;
  SimulatedDefinitions(folder / "d").AddNext();
  SimulatedDefinitions definitions(folder / "d");
  EXPECT_TRUE(definitions.Knows(0));
  EXPECT_EQ(definitions.AddNext(), 1u);
  for (unsigned sleeper = 2; sleeper < kSleepers; ++sleeper)
    EXPECT_EQ(definitions.AddNext(), sleeper);
  EXPECT_EQ(definitions.AddNext(), std::nullopt);
}

}  // namespace
}  // namespace store_sim
