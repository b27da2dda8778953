// SPDX-License-Identifier: Apache-2.0
//
// `store_sim report`: what was found, whose mail it is, who had opened it before.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "open_fixture.h"

namespace store_sim {
namespace {

using nlohmann::json;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

class ReportTest : public OpenTest {
 protected:
  // alice has it before it is known: scanning is off.
  void OpenTooEarly() {
    ASSERT_EQ(Run("settings s set Enabled 0"), 0) << err_;
    ASSERT_EQ(Run("open s 1 --user alice --client imap"), kAllowed) << err_;
    ASSERT_EQ(Run("settings s set Enabled 1"), 0) << err_;
  }
  json Report() {
    EXPECT_EQ(Run("report s --json"), 0) << err_;
    return json::parse(out_);
  }
};

TEST_F(ReportTest, TellsThatNothingWasFound) {
  Make({Text("1", "harmless")});
  ASSERT_EQ(OpenBy("good", "1"), kAllowed);
  ASSERT_EQ(Run("report s"), 0) << err_;
  EXPECT_EQ(out_, "nothing was found in any message\n");
  EXPECT_EQ(Report(), json::parse(R"({"messages":[],"users":[]})"));
}

TEST_F(ReportTest, TellsWhoHadItBeforeItWasKnown) {
  Make({Text("1", "INFECTED:Evil"), Text("2", "harmless")});
  ASSERT_EQ(Run("import s mail/000000 --mailbox carol --no-scan"), 0) << err_;
  OpenTooEarly();
  ASSERT_EQ(OpenBy("good", "1 2 --user bob"), kInfected);
  const json report = Report();
  ASSERT_EQ(report["messages"].size(), 1u);
  const json& message = report["messages"][0];
  EXPECT_EQ(message["number"], 1);
  EXPECT_EQ(message["details"]["sender"], "a@example.org");
  EXPECT_THAT(message["details"]["came_in"].get<std::string>(),
              AllOf(HasSubstr("import of "), EndsWith("000000")));
  EXPECT_EQ(message["details"]["places"], json::parse(R"([{"mailbox":"carol","folder":"Inbox"},
                            {"mailbox":"user","folder":"Inbox"}])"));
  ASSERT_EQ(message["found"].size(), 1u);
  EXPECT_EQ(message["found"][0]["finding"], "Evil");
  EXPECT_EQ(message["found"][0]["vendor"], "GoodVendor");
  EXPECT_EQ(message["found"][0]["part"], "1");
  ASSERT_EQ(message["opened"].size(), 1u);  // bob did not get it
  EXPECT_EQ(message["opened"][0]["user"], "alice");
  EXPECT_EQ(message["opened"][0]["client"], "imap");
  EXPECT_EQ(message["opened"][0]["before_found"], true);
  EXPECT_EQ(report["users"], json::parse(R"([
      {"name":"alice","messages":1,"opened_before_found":1},
      {"name":"carol","messages":1,"opened_before_found":0},
      {"name":"user","messages":1,"opened_before_found":0}])"));
}

TEST_F(ReportTest, TellsApartWhoHadItAfterItWasKnown) {
  Make({Text("1", "INFECTED:Evil")});
  ASSERT_EQ(OpenBy("good", "1"), kInfected);
  OpenTooEarly();
  EXPECT_EQ(Report()["messages"][0]["opened"][0]["before_found"], false);
}

TEST_F(ReportTest, IsReadByPersons) {
  Make({Text("1\x1b[31m", "INFECTED:Evil")});
  OpenTooEarly();
  ASSERT_EQ(OpenBy("good", "1"), kInfected);
  ASSERT_EQ(Run("report s"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("mdb1/1\n    found        infected Evil in part 1, 2"));
  EXPECT_THAT(out_, HasSubstr("    opened by    alice by imap, 1 time, 2"));
  EXPECT_THAT(out_, HasSubstr(": before it was known\n"));
  EXPECT_THAT(out_, HasSubstr("1 message, 1 opened before it was known\n"));
  EXPECT_THAT(out_, Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace store_sim
