// SPDX-License-Identifier: Apache-2.0
//
// The specification of a simulation's profile.
#include "simulate_profile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "error.h"
#include "temp_folder.h"

namespace store_sim {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;

Profile Read(const std::string& text) {
  std::istringstream stream(text);
  return ReadProfile(stream, "p.ini");
}

std::string WrongWith(const std::string& text) {
  try {
    Read(text);
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

uint64_t CountOf(const Profile::Moment& moment, Action action) {
  return moment.counts[static_cast<size_t>(action)];
}

TEST(SimulateProfile, ReadsEachKey) {
  const Profile profile = Read(R"(# a day
[store]
mailboxes = 7
messages=11   # to begin with
[clients]
loop = closed
clients = 3
think_seconds = 0.5
preview_messages = 9
[clock]
seconds = 12.5
settle_seconds = 4
begins = 23:15
speed = 720
hours = 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23.5
[each day]
open = 100
forward = 0.25
[mail]
infected_percent = 1.5
sleeping_percent = 2
[at 06:05]
deliver = 300
definitions = 1
[at 07:00]
mail_to_all = 2
)");
  EXPECT_EQ(profile.mailboxes, 7u);
  EXPECT_EQ(profile.messages, 11u);
  EXPECT_TRUE(profile.closed);
  EXPECT_EQ(profile.clients, 3u);
  EXPECT_EQ(profile.think_seconds, 0.5);
  EXPECT_EQ(profile.preview_messages, 9u);
  EXPECT_EQ(profile.seconds, 12.5);
  EXPECT_EQ(profile.settle_seconds, 4);
  EXPECT_EQ(profile.begins, 23 * 3600 + 15 * 60);
  EXPECT_EQ(profile.speed, 720);
  EXPECT_EQ(profile.hours[1], 1);
  EXPECT_EQ(profile.hours[23], 23.5);
  EXPECT_EQ(profile.each_day[static_cast<size_t>(Action::kOpen)], 100);
  EXPECT_EQ(profile.each_day[static_cast<size_t>(Action::kForward)], 0.25);
  EXPECT_EQ(profile.infected_percent, 1.5);
  EXPECT_EQ(profile.sleeping_percent, 2);
  ASSERT_EQ(profile.moments.size(), 2u);
  EXPECT_EQ(profile.moments[0].second_of_day, 6 * 3600 + 5 * 60);
  EXPECT_EQ(CountOf(profile.moments[0], Action::kDeliver), 300u);
  EXPECT_EQ(CountOf(profile.moments[0], Action::kDefinitions), 1u);
  EXPECT_EQ(CountOf(profile.moments[1], Action::kMailToAll), 2u);
}

TEST(SimulateProfile, TakesAllHoursAlikeWhereNoneAreGiven) {
  EXPECT_THAT(Read("[each day]\nopen = 1\n").hours, Each(1));
}

TEST(SimulateProfile, SaysWhereAndWhatIsWrong) {
  const std::string hours(24 * 2, '0');
  const struct {
    std::string text;
    std::string wrong;
  } kWrong[] = {
      {"", "p.ini:1: nothing is to be done"},
      {"[each day]\nopen = 0\n", "p.ini:2: nothing is to be done"},
      {"[store]\nmailboxes\n", "p.ini:2: 'mailboxes' is neither [section] nor key = value"},
      {"\n\n[shop]\n", "p.ini:3: there is no section [shop]; there are [store]"},
      {"[store\n", "p.ini:1: a ']' is missing"},
      {"mailboxes = 1\n", "p.ini:1: there is no key 'mailboxes' in []"},
      {"[store]\nmailbox = 1\n", "p.ini:2: there is no key 'mailbox' in [store]"},
      {"[store]\nmailboxes = 0\n", "p.ini:2: '0' is no whole number from 1 to 100000"},
      {"[store]\nmailboxes = 1.5\n", "p.ini:2: '1.5' is no whole number from 1 to 100000"},
      {"[store]\nmailboxes = -1\n", "p.ini:2: '-1' is no whole number"},
      {"[store]\nmailboxes =\n", "p.ini:2: '' is no whole number"},
      {"[mail]\ninfected_percent = 101\n", "p.ini:2: '101' is no number from 0 to 100"},
      {"[mail]\ninfected_percent = nan\n", "p.ini:2: 'nan' is no number from 0 to 100"},
      {"[mail]\ninfected_percent = 1 %\n", "p.ini:2: '1 %' is no number from 0 to 100"},
      {"[clients]\nloop = round\n", "p.ini:2: 'round' is no loop; write open or closed"},
      {"[clock]\nbegins = 8\n", "p.ini:2: '8' is no time of day; write 08:30"},
      {"[clock]\nbegins = 24:00\n", "p.ini:2: '24:00' is no time of day; write 08:30"},
      {"[clock]\nhours = 1 2 3\n", "p.ini:2: there are 3 hours, and a day has 24"},
      {"[clock]\nhours = 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
       "p.ini:2: one of the hours must be above 0"},
      {"[clock]\nhours = 1 x\n", "p.ini:2: 'x' is no number"},
      {"[each day]\nread = 1\n", "p.ini:2: there is no action 'read'; there are deliver, open"},
      {"[each day]\ndefinitions = 1\n", "p.ini:2: definitions are nobody's mail"},
      {"[at noon]\n", "p.ini:1: 'noon' is no time of day; write 08:30"},
      {"[at 08:00]\nopen = 1.5\n", "p.ini:2: '1.5' is no whole number from 0 to 1000000"},
  };
  for (const auto& [text, wrong] : kWrong) EXPECT_THAT(WrongWith(text), HasSubstr(wrong)) << text;
}

TEST(SimulateProfile, SaysThatAFileIsMissing) {
  EXPECT_THROW(ReadProfileFile("/no/such/profile.ini"), Error);
}

TEST(SimulateProfile, ReadsThoseThatAreShipped) {
  size_t count = 0;
  for (const auto& file : std::filesystem::directory_iterator(STORE_SIM_DIR "/profiles")) {
    EXPECT_NO_THROW(ReadProfileFile(file.path().string())) << file.path();
    ++count;
  }
  EXPECT_GE(count, 3u);
}

TEST(SimulateProfile, HasEachKeyAndActionInTheReadme) {
  const std::string readme = ReadAll(STORE_SIM_DIR "/README.md");
  for (const ProfileKey& key : ProfileKeys())
    EXPECT_THAT(readme, HasSubstr("| `[" + std::string(key.section) + "]` | `" + key.name + "` |"));
  for (const char* action : kActionNames)
    EXPECT_THAT(readme, HasSubstr("| `" + std::string(action) + "` |"));
}

}  // namespace
}  // namespace store_sim
