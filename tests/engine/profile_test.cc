// SPDX-License-Identifier: Apache-2.0
//
// The table "What a profile is" of engine/README.md, row by row: what the host sees of the setting
// Profile.
#include "support/submitted.h"

namespace vsapi::test {
namespace {

// In this order everywhere.
constexpr std::array<const char*, 4> kProfiles{"1.0", "2.0", "2.5", "2.6"};

class ProfileTest : public SubmissionTest {
 protected:
  void StartIn(const std::string& profile, Settings settings = {}) {
    settings.insert(settings.begin(), {"Profile", profile});
    StartTransport(settings);
  }
  // `observe` in an engine of each profile.
  template <class Result, class Observe>
  std::vector<Result> InEach(const Settings& settings, Observe observe) {
    std::vector<Result> seen;
    for (const char* profile : kProfiles) {
      StartIn(profile, settings);
      seen.push_back(observe());
      engine_.reset();
    }
    return seen;
  }
  Item Attachment(const std::string& key, const std::string& text) {
    return store_->Put(key, text, "a.bin");
  }
};

TEST_F(ProfileTest, TellsTheHostWhichOneItIs) {
  EXPECT_EQ((InEach<uint32_t>({}, [&] { return engine_->Status().profile; })),
            (std::vector<uint32_t>{10, 20, 25, 26}));
  EXPECT_EQ((InEach<uint64_t>({{"OpenRetryDelay", "250"}},
                              [&] { return engine_->Status().open_retry_delay_ms; })),
            (std::vector<uint64_t>{250, 0, 0, 0}));
}

TEST_F(ProfileTest, ScansAttachmentsAloneIn10) {
  EXPECT_EQ((InEach<int32_t>({},
                             [&] {
                               return engine_
                                   ->Open(store_->Put("1", "INFECTED:Body"),
                                          {.timeout = std::chrono::minutes(1)})
                                   .reason;
                             })),
            (std::vector<int32_t>{VSAPI_REASON_NOT_IN_PROFILE, VSAPI_REASON_SCANNED,
                                  VSAPI_REASON_SCANNED, VSAPI_REASON_SCANNED}));
}

TEST_F(ProfileTest, CountsTheBodiesThat10LetsOut) {
  StartIn("1.0");
  Open(store_->Put("1", "INFECTED:Body"));
  EXPECT_EQ(Count("Released Unscanned Not In Profile"), 1u);
}

TEST_F(ProfileTest, AClientWaitsForAScanSince20) {
  const auto open = [&] {  // at the vendor until it is let go: then in 1.0 nobody waits any more
    const Decision decision = Open(Attachment("1", "GATE INFECTED:Evil"));
    gate_.LetAll();
    return decision.reason;
  };
  StartIn("1.0");
  EXPECT_EQ(open(), VSAPI_REASON_BEING_SCANNED);
  engine_.reset();
  EXPECT_EQ((InEach<int32_t>(
                {{"ScanTimeout", "100"}},
                [&] { return engine_->Status().profile == 10 ? VSAPI_REASON_SCANNED : open(); })),
            (std::vector<int32_t>(4, VSAPI_REASON_SCANNED)));
}

TEST_F(ProfileTest, In10AClientAsksAgainUntilItIsScanned) {
  StartIn("1.0");
  const Item item = Attachment("1", "GATE hello");
  const Decision first = Open(item);
  EXPECT_EQ(first.answer, VSAPI_ANSWER_IN_PROGRESS);
  EXPECT_EQ(first.code, 0x50Au);
  EXPECT_EQ(Open(item).answer, VSAPI_ANSWER_IN_PROGRESS);
  gate_.LetAll();
  EXPECT_TRUE(Eventually([&] { return Open(item).answer == VSAPI_ANSWER_ALLOW; }));
  EXPECT_EQ(scans(), 1u);
  EXPECT_EQ(Count("Time-outs"), 0u);
}

TEST_F(ProfileTest, ScansNewItemsProactivelySince20) {
  EXPECT_EQ((InEach<int32_t>({{"ProactiveScanning", "1"}},
                             [&] { return engine_->Submitted(Attachment("1", "new")); })),
            (std::vector<int32_t>{VSAPI_SUBMITTED_OFF, VSAPI_SUBMITTED_QUEUED,
                                  VSAPI_SUBMITTED_QUEUED, VSAPI_SUBMITTED_QUEUED}));
}

TEST_F(ProfileTest, ObeysTheVerdictDeleteMessageSince25) {
  EXPECT_EQ((InEach<int32_t>({{"EnableScanDeletion", "1"}},
                             [&] {
                               return engine_
                                   ->Open(Attachment("1", "DELETE"),
                                          {.timeout = std::chrono::minutes(1)})
                                   .answer;
                             })),
            (std::vector<int32_t>{VSAPI_ANSWER_DENY_INFECTED, VSAPI_ANSWER_DENY_INFECTED,
                                  VSAPI_ANSWER_DELETED, VSAPI_ANSWER_DELETED}));
}

TEST_F(ProfileTest, ScansMessagesOnTheirWayInAll10AndFrom25On) {
  const auto submit = [&] {
    int32_t answer = 0;
    EXPECT_TRUE(Eventually([&] {  // in 1.0 nobody waits, and the message comes again
      answer = Submit({"INFECTED:Evil"}).answer;
      return engine_->Status().profile > 10 || answer != VSAPI_MESSAGE_DEFER;
    }));
    return answer;
  };
  EXPECT_EQ((InEach<int32_t>({}, submit)),
            (std::vector<int32_t>{VSAPI_MESSAGE_REJECT, VSAPI_MESSAGE_DELIVER, VSAPI_MESSAGE_REJECT,
                                  VSAPI_MESSAGE_REJECT}));
}

// KB263949: SendRetries with the first one, SendRetryInterval between them.
TEST_F(ProfileTest, In10AMessageIsSentInSendRetriesTries) {
  StartIn("1.0", {{"SendRetries", "3"}, {"SendRetryInterval", "1234"}});
  for (const uint32_t tries : {1u, 2u}) {
    const MessageDecision decision = Submit({"GATE hello"}, {.tries = tries});
    EXPECT_EQ(decision.answer, VSAPI_MESSAGE_DEFER);
    EXPECT_EQ(decision.reason, VSAPI_REASON_BEING_SCANNED);
    EXPECT_EQ(decision.retry_after, std::chrono::milliseconds(1234));
  }
  const MessageDecision last = Submit({"GATE hello"}, {.tries = 3});
  EXPECT_EQ(last.answer, VSAPI_MESSAGE_QUARANTINE);
  EXPECT_TRUE(last.given_up);
  gate_.LetAll();
  EXPECT_TRUE(Eventually([&] { return Submit({"GATE hello"}).answer == VSAPI_MESSAGE_DELIVER; }));
  EXPECT_EQ(scans(), 1u);
}

TEST_F(ProfileTest, WaitsTwiceAsLongEachTimeSince25) {
  StartIn("2.5", {{"TransportRetryInterval", "60000"}, {"Library", "/no/such.so"}});
  const auto after = [&](uint32_t tries) {
    return Submit({"hello"}, {.tries = tries}).retry_after / std::chrono::minutes(1);
  };
  EXPECT_EQ(after(1), 1);
  EXPECT_EQ(after(2), 2);
  EXPECT_EQ(after(3), 4);
  EXPECT_EQ(after(15), 60);
}

}  // namespace
}  // namespace vsapi::test
