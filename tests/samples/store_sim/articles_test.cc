// SPDX-License-Identifier: Apache-2.0
//
// The cases that broke Exchange, each by its article's number: one scan for each content, and no
// message lost or bounced.
#include <thread>

#include "transit_fixture.h"

namespace store_sim {
namespace {

using ::testing::Each;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Articles : public TransitTest {};

// User1 forwards to user2 by a rule, and both are addressed: the same attachment was to be scanned
// twice at once, and one of the two came back with 50A.
TEST_F(Articles, Q288722_AutoForwardToACoRecipient) {
  Start();
  const std::string attached = "GATE attached";
  auto first = SubmitLater(Multipart("original", "hello", {attached}), {.to = {"user1", "user2"}});
  gate_.AwaitEntered(1);
  auto forwarded =
      SubmitLater(Multipart("FW original", "see below", {attached}), {.to = {"user2"}});
  EXPECT_TRUE(vsapi::test::Eventually([&] { return Count("Joins") == 1; }));
  gate_.LetAll();
  EXPECT_EQ(Get(first).answer, VSAPI_MESSAGE_DELIVER);
  EXPECT_EQ(Get(forwarded).answer, VSAPI_MESSAGE_DELIVER);
  EXPECT_EQ(gate_.entered(), 1u);  // the attachment, once
  EXPECT_EQ(mdb().Totals().messages, 2u);
  EXPECT_EQ(Count("Transport Messages Deferred"), 0u);
}

// A rule opens a message that is being scanned, and took "in progress" for an error that disabled
// it: it waits for the scan that there is.
TEST_F(Articles, Q271711_RuleThatOpensWhileScanning) {
  Start({{"TransportAVAPI\\Enabled", "0"}});
  EXPECT_EQ(Submit(Multipart("ruled", "hello", {"GATE attached"})).answer, VSAPI_MESSAGE_DELIVER);
  std::vector<std::thread> rules;
  std::vector<Outcome> outcomes(3, Outcome::kUnavailable);
  for (Outcome& outcome : outcomes) rules.emplace_back([&] { outcome = Open(1); });
  gate_.AwaitEntered(1);
  EXPECT_TRUE(vsapi::test::Eventually([&] { return Count("Joins") >= 2; }));
  gate_.LetAll();
  for (std::thread& rule : rules) rule.join();
  EXPECT_THAT(outcomes, Each(Outcome::kAllowed));
  EXPECT_EQ(gate_.entered(), 1u);
}

// The same by transport: when the rule runs, the message has its stamps.
TEST_F(Articles, Q271711_RuleAfterTransport) {
  Start();
  Submit(Multipart("ruled", "hello", {"attached"}));
  const uint64_t before = scans();
  EXPECT_EQ(Open(1), Outcome::kAllowed);
  EXPECT_EQ(scans(), before);
}

// AutoPreview of a folder queued a scan for each item, and every thread of the server waited for
// one: so many wait, the others are told to ask again at once.
TEST_F(Articles, KB2826066_FolderPreviewOfAThousandItems) {
  constexpr int64_t kItems = 1000, kWaiters = 4;
  Start({{"TransportAVAPI\\Enabled", "0"}, {"MaxWaiters", std::to_string(kWaiters)}});
  std::vector<IncomingMessage> messages;
  for (int64_t i = 0; i < kItems; ++i)
    messages.push_back(
        Prepare(Multipart("item" + std::to_string(i), "", {"GATE " + std::to_string(i)}),
                {"bob", "Inbox"}, 1));
  mdb().Import(messages);
  std::vector<std::thread> held;
  for (int64_t i = 1; i <= kWaiters; ++i) held.emplace_back([this, i] { Open(i); });
  EXPECT_TRUE(
      vsapi::test::Eventually([&] { return scanning_->engine().Status().waiters == kWaiters; }));
  std::vector<int64_t> again;
  for (int64_t number = kWaiters + 1; number <= kItems; ++number)  // one thread, never held
    if (Open(number) == Outcome::kInProgress) again.push_back(number);
  EXPECT_THAT(again, SizeIs(kItems - kWaiters));
  gate_.LetAll();
  for (std::thread& client : held) client.join();
  for (const int64_t number : again) EXPECT_EQ(Open(number), Outcome::kAllowed);
  EXPECT_EQ(gate_.entered(), static_cast<uint64_t>(kItems));
  EXPECT_EQ(Count("Scans Failed"), 0u);
}

TEST_F(Articles, AMailToFiveThousandMailboxesIsScannedOnce) {
  Start({{"ProactiveScanning", "1"}});
  Envelope envelope;
  for (int i = 0; i < 5000; ++i) envelope.to.push_back("user" + std::to_string(i) + "@example.org");
  EXPECT_EQ(Submit(Multipart("all", "hello", {"attached"}), envelope).answer,
            VSAPI_MESSAGE_DELIVER);
  EXPECT_EQ(scans(), 3u);
  EXPECT_EQ(mdb().Totals().messages, 1u);
  EXPECT_EQ(mdb().Mailboxes(), 5000u);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(Open(1), Outcome::kAllowed);
  EXPECT_EQ(scans(), 3u);
  EXPECT_THAT(queue_->List(), IsEmpty());
}

// The same mail to many, one by one: each is a message of its own with the same attachment.
TEST_F(Articles, TwoHundredLettersWithTheSameAttachmentScanItOnce) {
  Start();
  std::vector<std::future<TransportWorker::Outcome>> letters;
  for (int i = 0; i < 200; ++i)
    letters.push_back(SubmitLater(
        Multipart("letter" + std::to_string(i), "dear " + std::to_string(i), {"GATE brochure"})));
  gate_.LetAll();
  for (auto& letter : letters) EXPECT_EQ(Get(letter).answer, VSAPI_MESSAGE_DELIVER);
  EXPECT_EQ(gate_.entered(), 1u);
  EXPECT_EQ(mdb().Totals().messages, 200u);
}

}  // namespace
}  // namespace store_sim
