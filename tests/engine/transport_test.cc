// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/transport: what becomes of a message on its way. Everything through
// the public C++ face, with a host that has no store for it.
#include <thread>

#include "support/submitted.h"

namespace vsapi::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class TransportTest : public SubmissionTest {};

TEST_F(TransportTest, IsOffUnlessItIsSwitchedOn) {
  Start();
  const MessageDecision decision = Submit({"INFECTED:Evil"});
  EXPECT_EQ(decision.answer, VSAPI_MESSAGE_DELIVER);
  EXPECT_EQ(decision.reason, VSAPI_REASON_DISABLED);
  EXPECT_EQ(scans(), 0u);
  EXPECT_EQ(Count("Released Unscanned Disabled"), 2u);
}

TEST_F(TransportTest, DeliversWhatIsClean) {
  StartTransport();
  const MessageDecision decision = Submit({"hello", "attached"});
  EXPECT_EQ(decision.answer, VSAPI_MESSAGE_DELIVER);
  EXPECT_EQ(decision.code, 0u);
  EXPECT_EQ(scans(), 3u);  // the whole too
  EXPECT_EQ(Count("Transport Messages Delivered"), 1u);
}

TEST_F(TransportTest, ScansTheWholeBesideTheParts) {
  StartTransport();
  const MessageDecision decision = Submit({"hello"}, {}, "INFECTED:Hidden");
  EXPECT_EQ(decision.answer, VSAPI_MESSAGE_REJECT);
  EXPECT_EQ(decision.decided_by, 1u);
  EXPECT_EQ(decision.finding, "Hidden");
}

TEST_F(TransportTest, GivesAStampForEachContent) {
  StartTransport();
  const MessageDecision decision = Submit({"hello", "attached"});
  ASSERT_THAT(decision.parts, SizeIs(3));
  for (const PartDecision& part : decision.parts) {
    EXPECT_EQ(part.stamp.verdict, VSAPI_VERDICT_CLEAN);
    EXPECT_STREQ(part.stamp.vendor, "GoodVendor");
  }
  // A host that keeps it asks for no other scan.
  auto item = store_->Put("1", "hello");
  item.stamp = decision.parts[0].stamp;
  EXPECT_THAT(Open(item), Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_STAMP));
  EXPECT_EQ(scans(), 3u);
}

TEST_F(TransportTest, TakesAStampThatTheHostTrusts) {
  StartTransport();
  const MessageDecision first = Submit({"hello"});
  Message again = MessageOf({"hello"});
  again.parts[0].stamp = first.parts[0].stamp;
  again.parts.pop_back();  // the whole
  const MessageDecision second = engine_->OnSubmission(again);
  EXPECT_EQ(second.answer, VSAPI_MESSAGE_DELIVER);
  EXPECT_EQ(second.reason, VSAPI_REASON_STAMP);
  EXPECT_EQ(second.parts[0].stamp.verdict, VSAPI_VERDICT_CLEAN);
  EXPECT_EQ(scans(), 2u);
}

TEST_F(TransportTest, ScansAContentThatComesAgainOnce) {
  StartTransport();
  Submit({"hello"});
  for (int i = 0; i < 100; ++i) EXPECT_EQ(Submit({"hello"}).answer, VSAPI_MESSAGE_DELIVER);
  EXPECT_EQ(scans(), 2u);
  EXPECT_EQ(Submit({"INFECTED:Evil"}).answer, VSAPI_MESSAGE_REJECT);
  EXPECT_EQ(Submit({"INFECTED:Evil"}).answer, VSAPI_MESSAGE_REJECT);
  EXPECT_EQ(scans(), 4u);
}

TEST_F(TransportTest, ReadsThroughTheHostsReader) {
  StartTransport();
  Message message = MessageOf({"INFECTED:InPieces"});
  reader_->in_memory = false;
  EXPECT_EQ(engine_->OnSubmission(message).finding, "InPieces");
}

TEST_F(TransportTest, LetsGoOfTheHostsReader) {
  StartTransport();
  std::weak_ptr<Reader> reader;
  {
    const Message message = MessageOf({"hello"});
    reader = message.reader;
    reader_ = nullptr;
    engine_->OnSubmission(message);
  }
  EXPECT_TRUE(reader.expired());
}

// ---- What becomes of what is found -------------------------------------------------------------

struct Fate {
  const char* action;
  int32_t answer;
  const char* counter;
};
void PrintTo(const Fate& fate, std::ostream* out) { *out << fate.action; }
class InfectedMessages : public SubmissionTest, public testing::WithParamInterface<Fate> {};

TEST_P(InfectedMessages, MeetWhatTheSettingSays) {
  StartTransport({{"TransportInfectedAction", GetParam().action}});
  const MessageDecision decision = Submit({"hello", "INFECTED:Evil"});
  EXPECT_EQ(decision.answer, GetParam().answer);
  EXPECT_EQ(decision.finding, "Evil");
  EXPECT_EQ(decision.decided_by, 1u);
  EXPECT_EQ(Count(GetParam().counter), 1u);
  events_->Await(kTransportStopped);
  EXPECT_EQ(events_->field(kTransportStopped, "message_id"), "id@example.org");
}
INSTANTIATE_TEST_SUITE_P(
    TransportInfectedAction, InfectedMessages,
    testing::Values(Fate{"reject", VSAPI_MESSAGE_REJECT, "Transport Messages Rejected"},
                    Fate{"quarantine", VSAPI_MESSAGE_QUARANTINE, "Virus Scan Messages Quarantined"},
                    Fate{"replace-part", VSAPI_MESSAGE_REPLACE_PARTS,
                         "Virus Scan Messages Cleaned"}),
    [](const auto& each) {
      std::string name = each.param.action;
      std::erase(name, '-');
      return name;
    });

TEST_F(TransportTest, NamesThePartsThatANoticeReplaces) {
  StartTransport({{"TransportInfectedAction", "replace-part"}});
  const MessageDecision decision = Submit({"hello", "INFECTED:Evil"});
  EXPECT_EQ(decision.parts[0].action, VSAPI_ACTION_STAMP);
  EXPECT_EQ(decision.parts[1].action, VSAPI_ACTION_REPLACE_BY_NOTICE);
  EXPECT_EQ(decision.parts[1].finding, "Evil");
}

TEST_F(TransportTest, DeliversWhatTheVendorCleanedWithItsReplacement) {
  StartTransport();
  const MessageDecision decision = Submit({"hello", "CLEANED attached"});
  EXPECT_EQ(decision.answer, VSAPI_MESSAGE_DELIVER_CLEANED);
  EXPECT_EQ(decision.parts[1].action, VSAPI_ACTION_REPLACE);
  EXPECT_EQ(decision.parts[1].replacement, " attached");
  EXPECT_EQ(decision.parts[1].stamp.verdict, VSAPI_VERDICT_CLEANED);
  EXPECT_EQ(decision.parts[0].action, VSAPI_ACTION_STAMP);
  EXPECT_EQ(Count("Virus Scan Files Cleaned"), 1u);
  EXPECT_EQ(Count("Virus Scan Messages Cleaned"), 1u);
  // The content itself is as bad as before.
  EXPECT_EQ(Submit({"CLEANED attached"}).answer, VSAPI_MESSAGE_DELIVER_CLEANED);
}

TEST_F(TransportTest, LetsThroughWhatWasCleanedBefore) {
  StartTransport();
  const MessageDecision first = Submit({"CLEANED attached"});
  Message again = MessageOf({first.parts[0].replacement});
  again.parts[0].stamp = first.parts[0].stamp;
  const MessageDecision second = engine_->OnSubmission(again);
  EXPECT_EQ(second.answer, VSAPI_MESSAGE_DELIVER);
  EXPECT_EQ(second.parts[0].action, VSAPI_ACTION_STAMP);
}

TEST_F(TransportTest, DeletesByOrderOfTheVendorAndForGood) {
  StartTransport({{"EnableScanDeletion", "1"}});
  const MessageDecision decision = Submit({"DELETE"});
  EXPECT_EQ(decision.answer, VSAPI_MESSAGE_DELETE);
  EXPECT_EQ(decision.code, 0x50Eu);
  EXPECT_EQ(Count("Virus Scan Messages Deleted"), 1u);
}

TEST_F(TransportTest, LetsEncryptedMailThroughAndCountsIt) {
  StartTransport();
  EXPECT_EQ(Submit({"ENCRYPTED"}).answer, VSAPI_MESSAGE_DELIVER);
  EXPECT_EQ(Count("Released Unscanned Encrypted"), 1u);
}

// ---- Deferral ----------------------------------------------------------------------------------

TEST_F(TransportTest, DefersWhatCantBeJudgedWithEvent348) {
  StartTransport({{"TransportRetryInterval", "1000"}}, "lie");
  const MessageDecision decision = Submit({"LIE"}, {.tries = 3});
  EXPECT_EQ(decision.answer, VSAPI_MESSAGE_DEFER);
  EXPECT_EQ(decision.code, 0x480u);
  EXPECT_EQ(decision.retry_after, std::chrono::seconds(4));  // twice as long each time
  EXPECT_EQ(Count("Transport Messages Deferred"), 1u);
  events_->Await(kTransportFailed);
  EXPECT_EQ(events_->field(kTransportFailed, "message_id"), "id@example.org");
  EXPECT_EQ(events_->field(kTransportFailed, "code"), "0x480");
}

TEST_F(TransportTest, DefersWhileThereIsNoVendorAndIsSuspicious) {
  StartTransport({{"Library", "/no/such.so"}});
  EXPECT_EQ(Submit({"hello"}).reason, VSAPI_REASON_NO_VENDOR);
  engine_.reset();
  StartTransport();
  EXPECT_EQ(Submit({"SUSPICIOUS"}).answer, VSAPI_MESSAGE_DEFER);
}

TEST_F(TransportTest, NeverDefersForEver) {
  for (const auto& [action, answer] :
       {std::pair("quarantine", VSAPI_MESSAGE_QUARANTINE),
        std::pair("reject", VSAPI_MESSAGE_REJECT), std::pair("deliver", VSAPI_MESSAGE_DELIVER)}) {
    StartTransport({{"TransportRetries", "3"}, {"TransportFailedAction", action}}, "lie");
    EXPECT_EQ(Submit({"LIE"}, {.tries = 2}).answer, VSAPI_MESSAGE_DEFER);
    const MessageDecision last = Submit({"LIE"}, {.tries = 3});
    EXPECT_EQ(last.answer, answer);
    EXPECT_TRUE(last.given_up);
    EXPECT_EQ(Count("Transport Messages Given Up"), 1u);
    engine_.reset();
  }
  events_->Await(kTransportGivenUp, 3);
  EXPECT_EQ(events_->field(kTransportGivenUp, "answer"), "deliver");
  EXPECT_EQ(events_->field(kTransportGivenUp, "message_id"), "id@example.org");
}

TEST_F(TransportTest, DeliversNothingBadWhenItGivesUp) {
  StartTransport({{"TransportRetries", "3"},
                  {"TransportFailedAction", "deliver"},
                  {"TransportInfectedAction", "replace-part"}},
                 "lie");
  for (const char* bad : {"CLEANED attached", "INFECTED:Evil"}) {
    const MessageDecision last = Submit({"LIE", bad}, {.tries = 3});
    EXPECT_TRUE(last.given_up) << bad;
    EXPECT_EQ(last.answer, VSAPI_MESSAGE_QUARANTINE) << bad;
  }
}

// It was judged: that is no failure that could be let through.
TEST_F(TransportTest, QuarantinesTheSuspiciousWhenItGivesUpWhateverItDoesWithFailures) {
  for (const char* action : {"quarantine", "reject", "deliver"}) {
    StartTransport({{"TransportRetries", "3"}, {"TransportFailedAction", action}}, "lie");
    for (const std::vector<std::string>& parts :
         {std::vector<std::string>{"SUSPICIOUS"}, {"LIE", "SUSPICIOUS"}}) {
      EXPECT_EQ(Submit(parts, {.tries = 2}).answer, VSAPI_MESSAGE_DEFER) << action;
      const MessageDecision last = Submit(parts, {.tries = 3});
      EXPECT_TRUE(last.given_up) << action;
      EXPECT_EQ(last.answer, VSAPI_MESSAGE_QUARANTINE) << action;
    }
    engine_.reset();
  }
}

TEST_F(TransportTest, ATimeOutDefersAndTheScanGoesOn) {
  StartTransport();
  const MessageDecision decision =
      Submit({"GATE hello"}, {.timeout = std::chrono::milliseconds(1)});
  EXPECT_EQ(decision.answer, VSAPI_MESSAGE_DEFER);
  EXPECT_EQ(decision.reason, VSAPI_REASON_TIMED_OUT);
  EXPECT_EQ(decision.decided_by, 0u);
  gate_.LetAll();
  EXPECT_EQ(Submit({"GATE hello"}).answer, VSAPI_MESSAGE_DELIVER);
  EXPECT_EQ(scans(), 2u);  // that of the first asking is the second's
}

// ---- Who is let through ------------------------------------------------------------------------

// KB828646.
TEST_F(TransportTest, ReleasesPublicFolderReplicationUnscannedAndCountsIt) {
  StartTransport();
  const MessageDecision decision = Submit({"INFECTED:Evil"}, {.access = VSAPI_ACCESS_REPLICATION});
  EXPECT_EQ(decision.answer, VSAPI_MESSAGE_DELIVER);
  EXPECT_EQ(decision.reason, VSAPI_REASON_EXEMPT);
  EXPECT_EQ(Count("Released Unscanned Exempt"), 2u);
  EXPECT_EQ(scans(), 0u);
}

TEST_F(TransportTest, LeavesOutWhatComesFromTheStoreByTransportExclusion) {
  StartTransport({{"TransportExclusion", "1"}});
  EXPECT_EQ(Submit({"INFECTED:Evil"}, {.outgoing = true}).answer, VSAPI_MESSAGE_DELIVER);
  EXPECT_EQ(Count("Released Unscanned Excluded"), 2u);
  EXPECT_EQ(Submit({"INFECTED:Evil"}).answer, VSAPI_MESSAGE_REJECT);
  // And so what transport opens of a store.
  const Item item = store_->Put("1", "INFECTED:Other");
  EXPECT_THAT(Open(item, VSAPI_ACCESS_TRANSPORT),
              Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_EXCLUDED));
  EXPECT_THAT(Open(item), Answers(VSAPI_ANSWER_DENY_INFECTED, VSAPI_REASON_SCANNED));
}

// ---- Lanes -------------------------------------------------------------------------------------

TEST_F(TransportTest, BulkMailWaitsInTheLowLaneOutsideOfTheThirty) {
  StartTransport({{"ProactiveScanning", "1"}, {"ProactiveLimit", "2"}});
  HoldLowThreads();
  std::vector<std::future<MessageDecision>> bulk;
  for (int i = 0; i < 5; ++i)
    bulk.push_back(SubmitLater({"bulk " + std::to_string(i)}, {.bulk = true}));
  EXPECT_EQ(engine_->Status().queued_low, 10u);
  for (const char* key : {"a", "b"})
    EXPECT_EQ(engine_->Submitted(store_->Put(key, key)), VSAPI_SUBMITTED_QUEUED);
  EXPECT_EQ(engine_->Submitted(store_->Put("c", "c")), VSAPI_SUBMITTED_LEFT);
  EXPECT_EQ(Submit({"interactive"}).answer, VSAPI_MESSAGE_DELIVER);  // goes before all of them
  gate_.LetAll();
  for (auto& each : bulk) EXPECT_EQ(each.get().answer, VSAPI_MESSAGE_DELIVER);
}

TEST_F(TransportTest, AClientPromotesBulkMail) {
  StartTransport({{"ProactiveScanning", "1"}});
  HoldLowThreads();
  auto bulk = SubmitLater({"newsletter"}, {.bulk = true});
  EXPECT_EQ(Open(store_->Put("1", "newsletter")).answer, VSAPI_ANSWER_ALLOW);
  EXPECT_EQ(Count("Promotions"), 1u);
  gate_.LetAll();
  EXPECT_EQ(bulk.get().answer, VSAPI_MESSAGE_DELIVER);
}

TEST_F(TransportTest, SharesAScanWithTheStore) {
  StartTransport();
  auto client = OpenLater(store_->Put("1", "GATE shared"));
  gate_.AwaitEntered(1);
  auto mail = SubmitLater({"GATE shared"});
  gate_.LetAll();
  EXPECT_EQ(Get(client).answer, VSAPI_ANSWER_ALLOW);
  EXPECT_EQ(mail.get().answer, VSAPI_MESSAGE_DELIVER);
  EXPECT_EQ(scans(), 2u);  // the content, and the whole message
}

// ---- The asynchronous form, and the end --------------------------------------------------------

TEST_F(TransportTest, AnswersByAFuture) {
  StartTransport();
  EXPECT_EQ(SubmitLater({"INFECTED:Evil"}).get().answer, VSAPI_MESSAGE_REJECT);
}

TEST_F(TransportTest, RefusesWhatIsNoMessage) {
  StartTransport();
  EXPECT_EQ(engine_->OnSubmission({}).answer, VSAPI_MESSAGE_DEFER);
  EXPECT_EQ(engine_->AsyncOnSubmission({}, boost::asio::use_future).get().answer,
            VSAPI_MESSAGE_DEFER);
}

TEST_F(TransportTest, DefersWhenTheEngineEnds) {
  StartTransport({{"TransportRetries", "1"}});
  auto waiting = SubmitLater({"GATE hello"}, {.tries = 1});
  gate_.AwaitEntered(1);
  std::thread ending([&] { engine_->Shutdown(kPatience); });
  EXPECT_EQ(waiting.get().answer, VSAPI_MESSAGE_DEFER);
  gate_.LetAll();
  ending.join();
  EXPECT_EQ(Submit({"hello"}).reason, VSAPI_REASON_SHUTTING_DOWN);
}

TEST_F(TransportTest, TellsTheStepsOfEachPart) {
  StartTransport();
  std::vector<Trace> traces(2);
  Submit({"hello"}, {.traces = traces});
  for (const Trace& trace : traces) {
    EXPECT_GE(trace.called_ns, trace.taken_ns);
    EXPECT_GE(trace.released_ns, trace.returned_ns);
  }
}

}  // namespace
}  // namespace vsapi::test
