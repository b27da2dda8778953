// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/generations where it reads its settings: at once when the file
// changes, however it is changed, and every minute where a change can't be seen.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "generations.h"
#include "support/gate.h"
#include "support/manual_clock.h"
#include "support/recorded_events.h"
#include "support/test_folder.h"

namespace vsapi::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string File(const std::string& lines) {
  return "Windows Registry Editor Version 5.00\n\n"
         "[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\MSExchangeIS\\VirusScan]\n" +
         lines;
}
const std::string kGoodVendor = VSAPI_TEST_VENDORS_DIR "/good.so";

class GenerationsSettingsTest : public ::testing::Test {
 protected:
  void Start(const std::string& file, Clock& clock) {
    events_.emplace(clock, recorded_.sink());
    generations_.emplace(Generations::Source{.settings_file = file}, clock, *events_);
    std::string problem;
    ASSERT_TRUE(generations_->ReadSettings(problem)) << problem;
    generations_->Start({.sessions = [] { return size_t{1}; }, .changed = [] {}});
  }
  void Start() { Start(folder_.path() + "/v.reg", clock_); }
  void Write(const std::string& lines) { folder_.Write("v.reg", File(lines)); }
  std::string Changes() { return recorded_.Await(EventId::kSettingsChanged).text; }

  test::TestFolder folder_;
  SystemClock clock_;
  test::ManualClock manual_clock_;
  test::RecordedEvents recorded_;
  std::optional<EventLog> events_;
  std::optional<Generations> generations_;
};

TEST_F(GenerationsSettingsTest, AreReadWhenTheFileIsWritten) {
  Write("\"ScanTimeout\"=dword:5\n");
  Start();
  EXPECT_EQ(generations_->settings().scan_timeout_s, 5u);
  Write("\"ScanTimeout\"=dword:6\n");
  EXPECT_EQ(Changes(), "ScanTimeout was 5, is 6");
  EXPECT_EQ(generations_->settings().scan_timeout_s, 6u);
}

TEST_F(GenerationsSettingsTest, AreReadWhenAnEditorPutsAnotherFileThere) {
  Write("\"ScanTimeout\"=dword:5\n");
  Start();
  folder_.Write("v.reg~", File("\"ScanTimeout\"=dword:6\n"));
  std::filesystem::rename(folder_.path() + "/v.reg~", folder_.path() + "/v.reg");
  EXPECT_EQ(Changes(), "ScanTimeout was 5, is 6");
}

// By another name of the same file in another folder nothing is seen.
TEST_F(GenerationsSettingsTest, AreReadEveryMinute) {
  const test::TestFolder elsewhere;
  const std::string real = elsewhere.Write("v.reg", File("\"ScanTimeout\"=dword:5\n"));
  std::filesystem::create_hard_link(real, folder_.path() + "/v.reg");
  Start(folder_.path() + "/v.reg", manual_clock_);
  elsewhere.Write("v.reg", File("\"ScanTimeout\"=dword:6\n"));
  manual_clock_.AwaitWaiters(1);
  manual_clock_.Advance(std::chrono::seconds(59));
  EXPECT_EQ(generations_->settings().scan_timeout_s, 5u);
  manual_clock_.AwaitWaiters(1);
  manual_clock_.Advance(std::chrono::seconds(1));
  EXPECT_EQ(Changes(), "ScanTimeout was 5, is 6");
}

TEST_F(GenerationsSettingsTest, StayWhenTheFileIsMalformedOrGone) {
  Write("\"ScanTimeout\"=dword:5\n");
  Start();
  Write("\"ScanTimeout\"=dword:yes\n");
  EXPECT_THAT(recorded_.Await(EventId::kSettingsMalformed).text, HasSubstr("v.reg:4: dword:"));
  EXPECT_EQ(generations_->settings().scan_timeout_s, 5u);
  std::filesystem::remove(folder_.path() + "/v.reg");
  EXPECT_EQ(generations_->Reload(), VSAPI_E_ARGUMENT);
  EXPECT_EQ(generations_->settings().scan_timeout_s, 5u);
}

TEST_F(GenerationsSettingsTest, TellOfAnUnknownNameOnce) {
  Write("\"ScanTimeuot\"=dword:5\n");
  Start();
  generations_->Reload();
  generations_->Reload();
  events_->Close();
  const auto all = recorded_.all();
  EXPECT_EQ(std::count_if(all.begin(), all.end(),
                          [](const auto& event) { return event.id == EventId::kSettingWrong; }),
            1);
  EXPECT_THAT(recorded_.Await(EventId::kSettingWrong).text, HasSubstr("did you mean ScanTimeout?"));
}

TEST_F(GenerationsSettingsTest, SayWhereEventsGoFromTheFirstOneOn) {
  Write("\"EventFile\"=\"events.jsonl\"\n\"ScanTimeout\"=dword:0\n");
  Start();
  const auto first = [&] { return test::ReadFile(folder_.path() + "/events.jsonl"); };
  EXPECT_TRUE(test::Eventually(
      [&] { return first().find("ScanTimeout: 0 is not within") != std::string::npos; }));
  Write("\"EventFile\"=\"other.jsonl\"\n");
  Changes();
  events_->Close();
  EXPECT_THAT(first(), Not(HasSubstr("EventFile was")));
  EXPECT_THAT(test::ReadFile(folder_.path() + "/other.jsonl"),
              HasSubstr("EventFile was \\\"events.jsonl\\\", is \\\"other.jsonl\\\""));
}

// ---- ReloadNow ----------------------------------------------------------------------------------

TEST_F(GenerationsSettingsTest, ReloadNowBuildsAGenerationAndIsSetBack) {
  const std::string lines = "\"Enabled\"=dword:1\n\"Library\"=\"" + kGoodVendor + "\"\n; mine\n";
  Write(lines);
  Start();
  const uint64_t before = generations_->identity().generation;
  ASSERT_GT(before, 0u);
  Write(lines + "\"ReloadNow\"=dword:00000001 ; please\n");
  for (size_t changes = 0; changes < 2;) {  // to 1, and back to 0
    changes = 0;
    for (const auto& event : recorded_.all()) changes += event.id == EventId::kSettingsChanged;
    std::this_thread::yield();
  }
  EXPECT_GT(generations_->identity().generation, before);
  EXPECT_EQ(test::ReadFile(folder_.path() + "/v.reg"),
            File(lines + "\"ReloadNow\"=dword:00000000 ; please\n"));
}

// Nobody asks for a reload: the file is written, and that is all.
TEST_F(GenerationsSettingsTest, BuildAGenerationWhereTheyAreAboutTheVendor) {
  const std::string first = "\"Enabled\"=dword:1\n\"Library\"=\"" + kGoodVendor + "\"\n";
  const std::string other = VSAPI_TEST_VENDORS_DIR "/serial.so";
  Write(first);
  Start();
  for (const std::string& lines : {first + "\"Vendor\"=\"Ours\"\n", first + "\"Version\"=dword:7\n",
                                   first + "\"Parameters\"=\"digest=seven\"\n",
                                   "\"Enabled\"=dword:1\n\"Library\"=\"" + other + "\"\n"}) {
    const uint64_t before = generations_->identity().generation;
    Write(lines);
    EXPECT_TRUE(test::Eventually([&] { return generations_->identity().generation > before; }))
        << lines;
    EXPECT_TRUE(generations_->identity().serving) << lines;
  }
}

TEST_F(GenerationsSettingsTest, BuildNoGenerationWhereTheyAreNot) {
  const std::string first = "\"Enabled\"=dword:1\n\"Library\"=\"" + kGoodVendor + "\"\n";
  Write(first);
  Start();
  const uint64_t before = generations_->identity().generation;
  Write(first + "\"ScanTimeout\"=dword:7\n");
  EXPECT_EQ(Changes(), "ScanTimeout was 180, is 7");
  EXPECT_TRUE(generations_->Stop(TimePoint::max()));
  EXPECT_EQ(generations_->identity().generation, before);
}

TEST_F(GenerationsSettingsTest, ReloadNowIsObeyedOnceWhereItCantBeSetBack) {
  Write("\"Enabled\"=dword:1\n\"Library\"=\"" + kGoodVendor + "\"\n\"ReloadNow\"=dword:1\n");
  std::filesystem::create_directories(folder_.path() + "/v.reg.new/in the way");
  Start();
  EXPECT_THAT(recorded_.Await(EventId::kReloadNowStays).text, HasSubstr("cannot write"));
  const uint64_t served = generations_->identity().generation;
  Write("\"Enabled\"=dword:1\n\"Library\"=\"" + kGoodVendor +
        "\"\n\"ReloadNow\"=dword:1\n\"ScanTimeout\"=dword:7\n");
  EXPECT_THAT(Changes(), HasSubstr("ScanTimeout was 180, is 7"));
  EXPECT_TRUE(generations_->Stop(TimePoint::max()));
  EXPECT_EQ(generations_->identity().generation, served);
}

}  // namespace
}  // namespace vsapi::engine
