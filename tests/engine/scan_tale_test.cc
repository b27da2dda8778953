// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/scan_tale: what an event tells of a scan.
#include "scan_tale.h"

#include "mdb_fixture.h"
#include "text.h"
#include "worker_pool.h"

namespace vsapi::engine {
namespace {

using ::testing::Contains;
using ::testing::IsSupersetOf;
using ::testing::Key;
using ::testing::Not;
using ::testing::Pair;

// Content of a message in two places, with what a host may know of it.
class MailContent final : public ScanContent {
 public:
  uint64_t size() const override { return 0; }
  const void* data() const override { return ""; }
  int32_t Read(uint64_t, void*, size_t, size_t*) override { return VSAPI_E_READ_FAILED; }
  int32_t Property(uint32_t id, uint32_t index, vsapi_value* value) override {
    if (id == VSAPI_PROPERTY_DELIVERY_TIME) {
      value->type = VSAPI_TYPE_INTEGER;
      value->integer = 1'000'000'000;
      return VSAPI_OK;
    }
    const auto found = texts.find(id);
    if (found == texts.end() || index >= found->second.size()) return VSAPI_E_ABSENT;
    value->type = VSAPI_TYPE_TEXT;
    value->text = found->second[index].c_str();
    value->text_size = found->second[index].size();
    return VSAPI_OK;
  }

  std::map<uint32_t, std::vector<std::string>> texts{
      {VSAPI_PROPERTY_SENDER, {"eve@example.org"}},
      {VSAPI_PROPERTY_RECIPIENT, {"a@example.org", "b@example.org"}},
      {VSAPI_PROPERTY_SUBJECT, {"two\nlines"}},
      {VSAPI_PROPERTY_MAILBOX, {"alice", "bob"}},
      {VSAPI_PROPERTY_FOLDER_PATH, {"Inbox", "Inbox/Old"}},
      {VSAPI_PROPERTY_PART_PATH, {"2.1"}},
      {VSAPI_PROPERTY_ATTACHMENT_NAME, {"invoice.exe"}},
      {VSAPI_PROPERTY_ORIGIN, {"import of mail.mbox"}}};
};

class ScanTaleTest : public MdbTest {
 protected:
  ScanTaleTest() {
    run_.mdb = mdb_.get();
    run_.item = ItemOf(1, 10);
    run_.access = VSAPI_ACCESS_BACKGROUND;
    stamp_.version = 12;
    stamp_.generation = 7;
    stamp_.definitions.bytes[31] = 0xab;
    std::strcpy(stamp_.vendor, "V");
    report_.status = VSAPI_OK;
    report_.verdict = VSAPI_VERDICT_INFECTED;
    report_.findings.push_back({VSAPI_FINDING_THREAT, "Worm.A", ""});
  }

  test::RecordedEvent Tell(Condition condition, EventId id) {
    TellOfScan(events_, clock_,
               {.report = report_,
                .condition = condition,
                .reason = VSAPI_REASON_FAILED,
                .stamp = stamp_,
                .run = run_,
                .content = has_content_ ? &content_ : nullptr,
                .askers = askers_});
    return recorded_.Await(id);
  }

  Worker worker_{0, Role::kAny};
  ScanRun run_{{}, worker_};
  ScanReport report_;
  vsapi_stamp stamp_ = {};
  MailContent content_;
  bool has_content_ = true;
  std::vector<Asker> askers_;
};

TEST_F(ScanTaleTest, TellsOfADetectionWhatTheHostAndTheVendorKnow) {
  const auto event = Tell(Condition::kInfected, EventId::kVirusFound);
  EXPECT_EQ(event.text, "infected: Worm.A");
  const std::map<std::string, std::string> told{{"sender", "eve@example.org"},
                                                {"recipients", "a@example.org, b@example.org"},
                                                {"subject", "two?lines"},
                                                {"mailbox", "alice"},
                                                {"places", "alice: Inbox, bob: Inbox/Old"},
                                                {"part", "2.1"},
                                                {"name", "invoice.exe"},
                                                {"came_in", "import of mail.mbox"},
                                                {"delivered", "1970-01-01T00:00:01.000000000Z"},
                                                {"mdb", "first"},
                                                {"access", "background"},
                                                {"vendor", "V"},
                                                {"version", "12"},
                                                {"generation", "7"},
                                                {"definitions", std::string(62, '0') + "ab"},
                                                {"verdict", "infected"},
                                                {"finding", "Worm.A"}};
  EXPECT_THAT(event.fields, IsSupersetOf(told));
}

TEST_F(ScanTaleTest, LeavesOutWhatIsNotKnown) {
  content_.texts.clear();
  const auto event = Tell(Condition::kInfected, EventId::kVirusFound);
  for (const char* name : {"sender", "recipients", "places", "came_in", "submitted", "asked_by"})
    EXPECT_THAT(event.fields, Not(Contains(Key(name)))) << name;
}

TEST_F(ScanTaleTest, TellsWhoAskedAndWhen) {
  Asker bob;
  std::strcpy(bob.client, "imap");
  std::strcpy(bob.user, "bob");
  bob.at = clock_.Now();
  clock_.Advance(std::chrono::seconds(3));
  Asker somebody;
  somebody.access = VSAPI_ACCESS_TRANSPORT;
  somebody.at = clock_.Now();
  askers_ = {bob, somebody};
  const int64_t begun = test::ManualClock::kWallAtStartNs;
  EXPECT_EQ(Tell(Condition::kInfected, EventId::kVirusFound).fields.at("asked_by"),
            "imap bob " + TimeText(begun) + ", transport " + TimeText(begun + 3'000'000'000));
}

TEST_F(ScanTaleTest, CutsLongListsOff) {
  content_.texts[VSAPI_PROPERTY_RECIPIENT].assign(21, "x");
  std::string twenty;
  for (int i = 0; i < 20; ++i) twenty += "x, ";
  EXPECT_EQ(Tell(Condition::kInfected, EventId::kVirusFound).fields.at("recipients"),
            twenty + "...");
}

TEST_F(ScanTaleTest, LooksNothingUpOfWhatIsClean) {
  report_.verdict = VSAPI_VERDICT_CLEAN;
  report_.findings.clear();
  const auto event = Tell(Condition::kClean, EventId::kItemScanned);
  EXPECT_THAT(event.fields, Not(Contains(Key("sender"))));
  EXPECT_THAT(event.fields, Contains(Pair("verdict", "clean")));
}

TEST_F(ScanTaleTest, DoesWithoutContentWhereThatCouldNotBeOpened) {
  has_content_ = false;
  report_.text = "disk";
  EXPECT_THAT(Tell(Condition::kFailed, EventId::kScanFailed).text,
              ::testing::HasSubstr("could not be scanned (scan failed): disk"));
}

TEST_F(ScanTaleTest, TellsWhatCouldNotBeJudgedApart) {
  report_.verdict = VSAPI_VERDICT_ENCRYPTED;
  EXPECT_EQ(Tell(Condition::kEncrypted, EventId::kNotJudged).text, "not judged: encrypted");
}

}  // namespace
}  // namespace vsapi::engine
