// SPDX-License-Identifier: Apache-2.0
//
// What becomes of messages on their way through a store, and of those pending submission.
#include "transport_worker.h"

#include "times.h"
#include "transit_fixture.h"
#include "transport_delivery.h"

namespace store_sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr uint32_t kTransportFailed = 348, kTransportGivenUp = 1050;

TEST_F(TransitTest, DeliversACleanMessageByteForByteAndScansItOnce) {
  Start({{"ProactiveScanning", "1"}});
  const std::string raw = Multipart("clean", "hello", {"attached"});
  const auto outcome = Submit(raw, {.to = {"bob@example.org", "carol"}});
  EXPECT_EQ(outcome.answer, VSAPI_MESSAGE_DELIVER) << outcome.text;
  EXPECT_EQ(outcome.text, "delivered to bob@example.org, carol");
  EXPECT_EQ(RawOf(1), raw);
  EXPECT_THAT(mdb().Find(1)->placements, SizeIs(2));
  EXPECT_THAT(queue_->List(), IsEmpty());
  EXPECT_EQ(scans(), 3u);  // text, attachment, and the whole
  EXPECT_EQ(Open(1), Outcome::kAllowed);
  EXPECT_EQ(scans(), 3u);  // the stamps came with it
}

TEST_F(TransitTest, DeliversUnscannedWhereTransportIsOff) {
  Start({{"TransportAVAPI\\Enabled", "0"}});
  EXPECT_EQ(Submit(Multipart("off", "hello", {"INFECTED:Evil"})).answer, VSAPI_MESSAGE_DELIVER);
  EXPECT_EQ(scans(), 0u);
  EXPECT_EQ(Open(1), Outcome::kInfected);  // the store looks itself
}

TEST_F(TransitTest, RejectsWhatIsInfected) {
  Start();
  const auto outcome = Submit(Multipart("bad", "hello", {"INFECTED:Evil"}));
  EXPECT_EQ(outcome.answer, VSAPI_MESSAGE_REJECT);
  EXPECT_EQ(outcome.text, "rejected: infected Evil in part 2 (a.bin)");
  EXPECT_THAT(queue_->List(), IsEmpty());
  EXPECT_EQ(mdb().Totals().messages, 0u);
}

TEST_F(TransitTest, PutsANoticeInThePlaceOfAPart) {
  Start({{"TransportInfectedAction", "replace-part"}});
  const auto outcome = Submit(Multipart("part", "hello", {"harmless", "INFECTED:Evil"}));
  EXPECT_EQ(outcome.answer, VSAPI_MESSAGE_DELIVER);
  EXPECT_THAT(outcome.text, HasSubstr("with parts replaced"));
  const auto message = mdb().Find(1);
  ASSERT_THAT(message->parts, SizeIs(3));
  EXPECT_EQ(message->parts[2].name, "a.bin.virusinfo.txt");
  EXPECT_THAT(*mdb().ReadContent(message->parts[2].content), HasSubstr("infected (Evil)"));
  EXPECT_EQ(*mdb().ReadContent(message->parts[1].content), "harmless");
  EXPECT_EQ(Open(1), Outcome::kAllowed);
}

TEST_F(TransitTest, DeliversWhatTheVendorCleaned) {
  Start();
  EXPECT_EQ(Submit(Multipart("cleaned", "hello", {"CLEANED rest"})).answer, VSAPI_MESSAGE_DELIVER);
  EXPECT_EQ(*mdb().ReadContent(mdb().Find(1)->parts[1].content), " rest");
  EXPECT_EQ(Open(1), Outcome::kAllowed);
}

TEST_F(TransitTest, KeepsInQuarantineWhatTheSettingSays) {
  Start({{"TransportInfectedAction", "quarantine"}});
  EXPECT_EQ(Submit(Multipart("bad", "hello", {"INFECTED:Evil"})).answer, VSAPI_MESSAGE_QUARANTINE);
  ASSERT_THAT(queue_->List(), SizeIs(1));
  EXPECT_EQ(queue_->List()[0].state, QueueState::kQuarantined);
  EXPECT_EQ(queue_->List()[0].last, "infected Evil in part 2 (a.bin)");
  EXPECT_EQ(mdb().Totals().messages, 0u);
}

// KB883522: the order to delete is obeyed, and then nothing is left to be retried.
TEST_F(TransitTest, KB883522_DeletesAndRetriesNothing) {
  Start({{"EnableScanDeletion", "1"}});
  EXPECT_EQ(Submit(Multipart("gone", "hello", {"DELETE"})).answer, VSAPI_MESSAGE_DELETE);
  EXPECT_THAT(queue_->List(), IsEmpty());
}

// KB2632206: background scanning leaves alone what transport has scanned, unless it is told to
// ignore stamps.
TEST_F(TransitTest, KB2632206_BackgroundTrustsTheStampsOfTransport) {
  for (const auto& [ignores, more] : {std::pair("0", 0u), std::pair("1", 2u)}) {
    const size_t passes = passes_;
    Start({{"BackgroundScanning", "1"}, {"BackgroundScanningIgnoreStamp", ignores}});
    EXPECT_TRUE(vsapi::test::Eventually([&] { return passes_ > passes; }));
    Submit(Multipart(std::string("swept") + ignores, ignores, {std::string("part") + ignores}));
    scanning_->Flush();
    const uint64_t before = scans();
    EXPECT_TRUE(scanning_->engine().Reload());
    EXPECT_TRUE(vsapi::test::Eventually([&] { return passes_ > passes + 1; }));
    EXPECT_EQ(scans(), before + more);
    Stop();
    std::filesystem::remove_all(folder_ / "s");
  }
}

// Else background would find it without them in between, and scan it a second time.
TEST_F(TransitTest, IsInTheStoreWithItsStampsOrNotAtAll) {
  Start();
  Database other(folder_ / "s/mdb1.db", Access::kWrite);
  other.Run(
      "CREATE TRIGGER refuse BEFORE UPDATE OF stamp_vendor ON contents "
      "BEGIN SELECT RAISE(ABORT, 'no stamp'); END");
  const std::string raw = Multipart("stamped", "hello", {"attached"});
  EXPECT_EQ(Submit(raw).answer, VSAPI_MESSAGE_DEFER);
  EXPECT_EQ(mdb().Totals().messages, 0u);
  EXPECT_THAT(queue_->List(), SizeIs(1));
  other.Run("DROP TRIGGER refuse");
  EXPECT_TRUE(queue_->RetryNow(queue_->List().at(0).number, 0));
  worker_->Look();
  EXPECT_TRUE(vsapi::test::Eventually([&] { return queue_->List().empty(); }));
  const auto message = mdb().Find(1);
  ASSERT_TRUE(message);
  for (const StoredPart& part : message->parts) EXPECT_TRUE(part.mark.stamp) << part.path;
}

// ---- Deferral -----------------------------------------------------------------------------------

// KB843545: event 348 with the message's id; it stays in the queue and is delivered once it can be.
TEST_F(TransitTest, KB843545_KeepsWhatCantBeJudgedAndTriesAgain) {
  Start({}, "lie");
  const std::string raw = Multipart("later", "hello", {"LIE"});
  const auto outcome = Submit(raw);
  EXPECT_EQ(outcome.answer, VSAPI_MESSAGE_DEFER);
  EXPECT_THAT(outcome.text, StartsWith("deferred: scan failed in part 2 (a.bin)"));
  EXPECT_EQ(AwaitEvent(kTransportFailed),
            "the message later@example.org could not be scanned (error 0x480) and is tried again");
  ASSERT_THAT(queue_->List(), SizeIs(1));
  EXPECT_EQ(queue_->List()[0].tries, 1u);
  EXPECT_GT(queue_->List()[0].not_before_ns, queue_->List()[0].received_ns);
  Stop();
  Start();
  EXPECT_TRUE(queue_->RetryNow(outcome.number, 0));
  worker_->Look();
  EXPECT_TRUE(vsapi::test::Eventually([&] { return queue_->List().empty(); }));
  EXPECT_EQ(RawOf(1), raw);
}

TEST_F(TransitTest, KB843545_NeverTriesForEver) {
  Start({{"TransportRetries", "3"}, {"TransportRetryInterval", "1"}}, "lie");
  Submit(Multipart("never", "hello", {"LIE"}));
  EXPECT_TRUE(vsapi::test::Eventually(
      [&] { return queue_->List().at(0).state == QueueState::kQuarantined; }));
  EXPECT_EQ(queue_->List()[0].tries, 3u);
  EXPECT_EQ(Count("Transport Messages Deferred"), 2u);
  EXPECT_EQ(AwaitEvent(kTransportGivenUp),
            "the message never@example.org could not be scanned in 3 tries (error 0x480): "
            "quarantine");
}

TEST_F(TransitTest, KB843545_NeverTriesForEverWhatCantBeDelivered) {
  Start({{"TransportRetries", "3"}, {"TransportRetryInterval", "1"}});
  const auto first = Submit(Multipart("nowhere", "hello", {"attached"}),
                            {.to = {"bob"}, .relay = (folder_ / "missing").string()});
  EXPECT_EQ(first.answer, VSAPI_MESSAGE_DEFER);
  EXPECT_TRUE(vsapi::test::Eventually(
      [&] { return queue_->List().at(0).state == QueueState::kQuarantined; }));
  EXPECT_EQ(queue_->List()[0].tries, 3u);
  EXPECT_THAT(queue_->List()[0].last, HasSubstr("missing"));
}

TEST_F(TransitTest, GoesOnWithWhatWasInTheQueueWhenTheHostEnded) {
  Start();
  auto waiting = SubmitLater(Multipart("waits", "hello", {"GATE"}));
  gate_.AwaitEntered(1);
  worker_->StopTaking();
  std::thread ending([&] { scanning_->End(); });
  EXPECT_EQ(Get(waiting).answer, VSAPI_MESSAGE_DEFER);
  gate_.LetAll();
  ending.join();
  Stop();
  Start();
  EXPECT_TRUE(vsapi::test::Eventually([&] { return queue_->List().empty(); }));
  EXPECT_EQ(mdb().Totals().messages, 1u);
}

// The crash between delivery and the end of the queue's row: the same message again is none.
TEST_F(TransitTest, DeliversOnceThoughItWasDeliveredBefore) {
  Start();
  const std::string raw = Multipart("twice", "hello", {"attached"});
  Submit(raw);
  EXPECT_EQ(Submit(raw).answer, VSAPI_MESSAGE_DELIVER);
  EXPECT_EQ(mdb().Totals().messages, 1u);
  EXPECT_THAT(mdb().Find(1)->placements, SizeIs(1));
}

TEST_F(TransitTest, TellsTheSenderOfARefusalThatCameLater) {
  Start({}, "lie");
  const auto first = Submit(Multipart("late", "hello", {"LIE INFECTED:Evil"}),
                            {.from = "alice@example.org", .to = {"bob"}});
  EXPECT_EQ(first.answer, VSAPI_MESSAGE_DEFER);
  Stop();
  Start();
  queue_->RetryNow(first.number, NowNs());  // which counts its tries anew
  worker_->Look();
  EXPECT_TRUE(vsapi::test::Eventually(
      [&] { return queue_->List().empty() && mdb().Totals().messages == 1; }));
  const auto bounce = mdb().Find(1);
  EXPECT_EQ(bounce->placements.at(0).mailbox, "alice");
  EXPECT_EQ(bounce->details.subject, "Undeliverable: late");
}

// ---- Who is let through -------------------------------------------------------------------------

TEST_F(TransitTest, KB828646_ReleasesPublicFolderReplicationUnscanned) {
  Start();
  EXPECT_EQ(Submit(Multipart("replica", "hello", {"INFECTED:Evil"}),
                   {.to = {"bob"}, .access = VSAPI_ACCESS_REPLICATION})
                .answer,
            VSAPI_MESSAGE_DELIVER);
  EXPECT_EQ(Count("Released Unscanned Exempt"), 3u);
  EXPECT_EQ(scans(), 0u);
}

TEST_F(TransitTest, LeavesOutWhatUsersSendByTransportExclusion) {
  Start({{"TransportExclusion", "1"}});
  const std::string raw = Multipart("sent", "hello", {"INFECTED:Evil"});
  EXPECT_EQ(Submit(raw, {.to = {"bob"}, .outgoing = true}).answer, VSAPI_MESSAGE_DELIVER);
  EXPECT_EQ(Submit(raw).answer, VSAPI_MESSAGE_REJECT);
}

TEST_F(TransitTest, RefusesWrongEnvelopes) {
  Start();
  for (const Envelope& envelope :
       {Envelope{.to = {"@example.org"}}, Envelope{.to = {"Public Folders@example.org"}},
        Envelope{.from = "a\nb", .to = {"bob"}}, Envelope{.to = {"bob"}, .mdb = "none"},
        Envelope{.to = {"a\x1b[2J"}}})
    EXPECT_THROW(Submit("From: a\n\nb\n", envelope), Error);
  EXPECT_THAT(queue_->List(), IsEmpty());
}

// ---- Bulk ---------------------------------------------------------------------------------------

TEST_F(TransitTest, SendsInteractiveMailBeforeBulk) {
  Start();
  const std::string bulk = "Precedence: bulk\r\n";
  std::vector<std::future<TransportWorker::Outcome>> letters;
  for (int i = 0; i < 40; ++i)
    letters.push_back(SubmitLater(
        bulk + Multipart("news" + std::to_string(i), "hello", {"GATE " + std::to_string(i)})));
  gate_.AwaitEntered(1);
  EXPECT_EQ(Submit(Multipart("letter", "dear bob", {})).answer, VSAPI_MESSAGE_DELIVER);
  EXPECT_THAT(queue_->List(), SizeIs(40));
  gate_.LetAll();
  for (auto& letter : letters) EXPECT_EQ(Get(letter).answer, VSAPI_MESSAGE_DELIVER);
}

// ---- The queue's database -----------------------------------------------------------------------

// Of each kind by itself; and what is larger than the bound goes alone.
TEST_F(TransitTest, HasSoManyBytesInFlightAtMost) {
  bounds_.interactive.bytes = bounds_.bulk.bytes = 1;
  Start();
  auto first = SubmitLater(Multipart("one", "hello", {"GATE 1"}));
  gate_.AwaitEntered(1);
  auto second = SubmitLater(Multipart("two", "hello", {"2"}));
  EXPECT_EQ(Submit("Precedence: bulk\r\n" + Multipart("bulk", "hello", {"3"})).answer,
            VSAPI_MESSAGE_DELIVER);
  EXPECT_EQ(second.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  EXPECT_EQ(Count("Transport Messages Submitted"), 1u);  // the bulk one
  gate_.LetAll();
  EXPECT_EQ(Get(first).answer, VSAPI_MESSAGE_DELIVER);
  EXPECT_EQ(Get(second).answer, VSAPI_MESSAGE_DELIVER);
}

TEST(StoreSettings, AreReadWhenTheirFileIsAnotherOneAndStayWhereItIsMalformed) {
  const TempFolder folder;
  const auto write = [&](const std::string& text) {
    std::ofstream(folder / "new") << text;
    std::filesystem::rename(folder / "new", folder / "v.reg");
  };
  StoreSettings settings(folder / "v.reg");
  EXPECT_EQ(settings.Now().scan_timeout_s, 180u);
  write(vsapi::engine::DefaultRegistryFile({{"ScanTimeout", "5"}}));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(settings.Now().scan_timeout_s, 5u);
  EXPECT_EQ(settings.reads(), 1u);
  write("no settings at all");
  EXPECT_EQ(settings.Now().scan_timeout_s, 5u);
  write(vsapi::engine::DefaultRegistryFile({{"ScanTimeout", "6"}}));
  EXPECT_EQ(settings.Now().scan_timeout_s, 6u);
}

TEST(TransportQueue, KeepsWhatItWasGiven) {
  const TempFolder folder;
  QueuedMessage message;
  message.envelope = {"a@x", {"b@x", "c@x"}, "mdb1", "", "10.0.0.1", true, VSAPI_ACCESS_TRANSPORT};
  message.raw = std::string("bytes\0of it", 11);
  message.bulk = true;
  int64_t number = 0;
  {
    TransportQueue queue(folder.path(), Access::kWrite);
    number = queue.Add(message);
  }
  TransportQueue queue(folder.path(), Access::kRead);
  const auto kept = queue.Load(number);
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->envelope, message.envelope);
  EXPECT_EQ(kept->raw, message.raw);
  EXPECT_TRUE(kept->bulk);
}

TEST(TransportQueue, GivesWhatIsDueTheOldestFirst) {
  const TempFolder folder;
  TransportQueue queue(folder.path(), Access::kWrite);
  const int64_t late = queue.Add({}), first = queue.Add({}), second = queue.Add({});
  const auto due = [&](int64_t now_ns, size_t limit) {
    std::vector<int64_t> numbers;
    for (const auto& each : queue.Due(now_ns, false, limit)) numbers.push_back(each.number);
    return numbers;
  };
  queue.Defer(late, 200, "");
  EXPECT_THAT(due(100, 10), ElementsAre(first, second));
  EXPECT_THAT(due(100, 1), ElementsAre(first));
  EXPECT_THAT(queue.Due(100, true, 10), IsEmpty());
  EXPECT_EQ(queue.NextAfter(100), 200);
  queue.Quarantine(first, "");
  EXPECT_THAT(due(300, 10), ElementsAre(second, late));
}

TEST(TransportQueue, SaysHowLargeIsWhatIsDue) {
  const TempFolder folder;
  TransportQueue queue(folder.path(), Access::kWrite);
  QueuedMessage message;
  message.raw = "12345";
  const int64_t number = queue.Add(message);
  EXPECT_THAT(queue.Due(100, false, 10),
              ElementsAre(TransportQueue::DueMessage{.number = number, .size = 5}));
}

TEST(TransportQueue, RefusesThatOfAnotherVersion) {
  const TempFolder folder;
  { TransportQueue queue(folder.path(), Access::kWrite); }
  Database(folder / kTransportFile, Access::kWrite).Run("PRAGMA user_version = 99");
  EXPECT_THROW(TransportQueue(folder.path(), Access::kWrite), Error);
}

TEST(TransportQueue, IsNoneWhereItsMakerWasKilledBeforeItHadTables) {
  const TempFolder folder;
  Database(folder / kTransportFile, Access::kWrite, Database::IfMissing::kCreate)
      .Run("PRAGMA journal_mode = WAL");
  EXPECT_FALSE(TransportQueue::Exists(folder.path()));
  TransportQueue(folder.path(), Access::kWrite).Add({});
  EXPECT_TRUE(TransportQueue::Exists(folder.path()));
  EXPECT_EQ(TransportQueue(folder.path(), Access::kRead).List().size(), 1u);
}

}  // namespace
}  // namespace store_sim
