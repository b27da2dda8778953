// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/event_journal, event_fold and event_lines, through the log: what the
// administrator gets of the events, where, and what becomes of those that nobody could take.
#include "event_journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <nlohmann/json.hpp>
#include <sstream>

#include "event_log.h"
#include "support/gate.h"
#include "support/manual_clock.h"
#include "support/recorded_events.h"
#include "support/test_folder.h"

namespace vsapi::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Json = nlohmann::json;

class EventJournalTest : public ::testing::Test {
 protected:
  EventJournalTest() {
    outputs_.syslog = [this](int32_t severity, const std::string& line) {
      syslog_.push_back(std::to_string(severity) + " " + line);
      told_.Add();
    };
    outputs_.terminal = [this](const std::string& line) { terminal_.push_back(line); };
  }

  void Open(const EventJournal::Options& options) {
    log_.emplace(clock_, recorded_.sink(), outputs_);
    log_->Configure(options);
  }
  // Everything that was logged is written after it.
  void Close() { log_.reset(); }

  EventJournal::Options ToFile(uint64_t size = 1 << 20, uint64_t files = 5) const {
    return {.file = file_, .file_size = size, .files = files};
  }
  static std::vector<Json> Lines(const std::string& file) {
    std::vector<Json> lines;
    std::istringstream text(test::ReadFile(file));
    for (std::string line; std::getline(text, line);) lines.push_back(Json::parse(line));
    return lines;
  }
  std::vector<std::string> Texts() const {
    std::vector<std::string> texts;
    for (const Json& line : Lines(file_)) texts.push_back(line.at("text"));
    return texts;
  }

  test::TestFolder folder_;
  const std::string file_ = folder_.path() + "/events.jsonl";
  test::ManualClock clock_;
  test::RecordedEvents recorded_;
  std::vector<std::string> syslog_, terminal_;  // of the journal's thread, until Close
  test::Steps told_;                            // to syslog_
  EventJournal::Outputs outputs_;
  std::optional<EventLog> log_;
};

// ---- Lines --------------------------------------------------------------------------------------

TEST_F(EventJournalTest, WritesALineOfJsonForEachEvent) {
  Open(ToFile());
  log_->Log(EventId::kVirusFound, "found \"it\"\n\x01\xFF", {{"finding", "Worm"}, {"part", "1"}});
  log_->Log(EventId::kNoVendor);
  Close();
  const auto lines = Lines(file_);
  ASSERT_THAT(lines, SizeIs(2));
  EXPECT_EQ(lines[0].at("time"), "2023-11-14T22:13:20.000000000Z");
  EXPECT_EQ(lines[0].at("id"), 1020);
  EXPECT_EQ(lines[0].at("severity"), "warning");
  EXPECT_EQ(lines[0].at("category"), "virus found");
  EXPECT_EQ(lines[0].at("text"), "found \"it\"\n\x01\xEF\xBF\xBD");
  EXPECT_EQ(lines[0].at("fields"), (Json{{"finding", "Worm"}, {"part", "1"}}));
  EXPECT_FALSE(lines[0].contains("do"));
  EXPECT_THAT(lines[1].at("do"), HasSubstr("1011"));
}

TEST_F(EventJournalTest, WritesPlainLinesToSyslogAndTerminal) {
  Open({.syslog = true, .terminal = true});
  log_->Log(EventId::kVirusFound, "found\nit", {{"finding", "Worm"}});
  Close();
  EXPECT_THAT(syslog_, ElementsAre("2 warning 1020: found?it  finding=Worm"));
  EXPECT_THAT(terminal_, ElementsAre("warning 1020: found?it  finding=Worm"));
}

TEST_F(EventJournalTest, TakesEventsFromItsLevelOn) {
  EventJournal::Options options = ToFile();
  options.level = VSAPI_SEVERITY_WARNING;
  Open(options);
  log_->Log(EventId::kEngineStopped);
  log_->Log(EventId::kSettingWrong, "wrong");
  log_->Log(EventId::kVendorSays, VSAPI_SEVERITY_ERROR, "help", {});
  Close();
  EXPECT_THAT(Texts(), ElementsAre("wrong", "help"));
  EXPECT_THAT(recorded_.all(), SizeIs(3));
}

TEST_F(EventJournalTest, IsWantedOnlyWhereItGoesSomewhere) {
  EventLog log(clock_, nullptr, outputs_);
  EXPECT_FALSE(log.wanted(EventId::kVirusFound));
  log.Configure({.terminal = true});
  EXPECT_TRUE(log.wanted(EventId::kVirusFound));
  EXPECT_FALSE(log.wanted(EventId::kItemScanned));  // below its level
  log.Configure({});
  EXPECT_FALSE(log.wanted(EventId::kVirusFound));
}

TEST_F(EventJournalTest, PutsWhatWasLoggedBeforeWhereItWasToGo) {
  test::Gate gate;
  gate.Close();
  outputs_.syslog = [&](int32_t, const std::string& line) {
    gate.Pass();
    syslog_.push_back(line);
  };
  Open({.syslog = true});
  log_->Log(EventId::kEngineStarted);
  gate.AwaitArrived(1);
  log_->Log(EventId::kVendorSays, "still there");
  log_->Configure({.syslog = true, .level = VSAPI_SEVERITY_ERROR});
  log_->Configure({.terminal = true});
  log_->Log(EventId::kVendorSays, "now here");
  gate.Open();
  Close();
  ASSERT_THAT(syslog_, SizeIs(2));
  EXPECT_THAT(syslog_[1], HasSubstr("still there"));
  EXPECT_THAT(terminal_, ElementsAre(HasSubstr("now here")));
}

TEST_F(EventJournalTest, GoesSomewhereElseWhenTheSettingsSaySo) {
  Open({.syslog = true});
  log_->Log(EventId::kEngineStopped);
  told_.Await();
  log_->Configure({.terminal = true});
  log_->Log(EventId::kEngineStopped);
  Close();
  EXPECT_THAT(syslog_, SizeIs(1));
  EXPECT_THAT(terminal_, SizeIs(1));
}

TEST(EventJournalOptions, ComeFromTheSettings) {
  Settings settings;
  EXPECT_FALSE(EventJournal::OptionsOf(settings, "/etc/v.reg").is_on());
  settings.event_file = "events.jsonl";
  settings.event_file_size_mib = 2;
  settings.event_files = 3;
  settings.event_syslog = settings.event_terminal = 1;
  settings.event_level = "error";
  EXPECT_EQ(
      EventJournal::OptionsOf(settings, "/etc/v.reg"),
      (EventJournal::Options{"/etc/events.jsonl", 2 << 20, 3, true, true, VSAPI_SEVERITY_ERROR}));
  settings.event_file = "/var/log/e";
  for (const auto& [name, level] : {std::pair{"debug", 0}, {"info", 1}, {"warning", 2}}) {
    settings.event_level = name;
    EXPECT_EQ(EventJournal::OptionsOf(settings, "/etc/v.reg").level, level);
  }
  EXPECT_EQ(EventJournal::OptionsOf(settings, "/etc/v.reg").file, "/var/log/e");
}

// ---- Files --------------------------------------------------------------------------------------

TEST_F(EventJournalTest, RotatesItsFileAndKeepsSoMany) {
  Open(ToFile(1, 3));  // each event is more than that
  for (const char* text : {"1", "2", "3", "4"}) log_->Log(EventId::kVirusFound, text);
  Close();
  EXPECT_THAT(Texts(), ElementsAre("4"));
  EXPECT_EQ(Lines(file_ + ".1").at(0).at("text"), "3");
  EXPECT_EQ(Lines(file_ + ".2").at(0).at("text"), "2");
  EXPECT_THAT(folder_.Entries(), SizeIs(3));
}

TEST_F(EventJournalTest, BeginsAnewWhereItKeepsOneFile) {
  Open(ToFile(1, 1));
  for (const char* text : {"1", "2"}) log_->Log(EventId::kVirusFound, text);
  Close();
  EXPECT_THAT(Texts(), ElementsAre("2"));
  EXPECT_THAT(folder_.Entries(), SizeIs(1));
}

TEST_F(EventJournalTest, GoesOnInTheFileThatIsThere) {
  for (const char* text : {"1", "2"}) {
    Open(ToFile());
    log_->Log(EventId::kVirusFound, text);
    Close();
  }
  EXPECT_THAT(Texts(), ElementsAre("1", "2"));
}

TEST_F(EventJournalTest, CountsWhatAFullDiskDoesNotTakeAndTellsTheOthers) {
  EventJournal::Options options = ToFile();
  options.file = "/dev/full";
  options.terminal = true;
  Open(options);
  for (const char* text : {"1", "2"}) log_->Log(EventId::kVirusFound, text);
  Close();
  ASSERT_THAT(terminal_, SizeIs(3));
  EXPECT_THAT(terminal_[1], HasSubstr("1035: the event file can't be written"));
  EXPECT_THAT(terminal_[1], HasSubstr("cannot write /dev/full: No space left on device"));
  EXPECT_THAT(recorded_.all(), SizeIs(3));
}

// The limit of this process stands for the disk: a write goes as far as there is room.
TEST_F(EventJournalTest, LeavesNoHalfLineAndSaysHowManyAreMissing) {
  signal(SIGXFSZ, SIG_IGN);
  const rlimit none = {RLIM_INFINITY, RLIM_INFINITY};
  const rlimit full = {300, RLIM_INFINITY};
  test::Steps appended;
  outputs_.append = [&](const std::string& path, const std::string& text,
                        platform::Failure& failure) {
    const bool written = platform::AppendFile(path, text, failure);
    appended.Add();
    return written;
  };
  Open(ToFile());
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &full), 0);
  for (const char* text : {"1", "2", "3", "4", "5"}) log_->Log(EventId::kVirusFound, text);
  appended.Await(5);
  EXPECT_THAT(Texts(), ElementsAre("1", "2"));
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &none), 0);
  log_->Log(EventId::kVirusFound, "6");
  Close();
  EXPECT_THAT(Texts(),
              ElementsAre("1", "2", "3 events were dropped: the file could not be written", "6"));
}

// ---- Repeats ------------------------------------------------------------------------------------

class EventFoldTest : public EventJournalTest {
 protected:
  EventFoldTest() {
    outputs_.syslog = [this](int32_t, const std::string& line) {
      if (line.starts_with("info 1001")) return marks_.Add();
      syslog_.push_back(line.substr(0, line.find(" (")));
      told_.Add();
    };
    Open({.syslog = true});
  }
  // The same so many times; returns when the journal has taken them.
  void Repeat(int times, const std::string& what = "busy") {
    for (int i = 0; i < times; ++i) log_->Log(EventId::kScanFailed, what);
    log_->Log(EventId::kEngineStopped);  // is never folded
    marks_.Await(++marked_);
  }
  void Minute() {
    clock_.AwaitWaiters(1);
    clock_.Advance(std::chrono::minutes(1));
  }
  std::vector<std::string> Told() {
    Close();
    return syslog_;
  }

  test::Steps marks_;
  size_t marked_ = 0;
};

TEST_F(EventFoldTest, TellsTheFirstAndThenACountForEachMinute) {
  Repeat(5);
  Minute();
  told_.Await(2);
  Repeat(3);
  Minute();
  told_.Await(3);
  EXPECT_THAT(Told(),
              ElementsAre("warning 9874: busy", "warning 9874: 4 more times within a minute: busy",
                          "warning 9874: 3 more times within a minute: busy"));
}

TEST_F(EventFoldTest, TellsItAnewAfterAQuietMinute) {
  Repeat(1);
  Minute();
  Repeat(1);
  EXPECT_THAT(Told(), ElementsAre("warning 9874: busy", "warning 9874: busy"));
}

TEST_F(EventFoldTest, TellsTheRestAtTheEnd) {
  Repeat(3);
  EXPECT_THAT(Told(), ElementsAre("warning 9874: busy",
                                  "warning 9874: 2 more times within a minute: busy"));
}

TEST_F(EventFoldTest, TellsApartWhatHasAnotherReason) {
  Repeat(1);
  Repeat(1, "broken");
  EXPECT_THAT(Told(), ElementsAre("warning 9874: busy", "warning 9874: broken"));
}

TEST_F(EventFoldTest, CountsNoFindingAsARepeat) {
  log_->Log(EventId::kVirusFound, "Worm");
  log_->Log(EventId::kVirusFound, "Worm");
  EXPECT_THAT(Told(), SizeIs(2));
}

TEST_F(EventFoldTest, FoldsNothingForTheHost) {
  Repeat(3);
  Close();
  EXPECT_THAT(recorded_.all(), SizeIs(4));
}

TEST(EventFold, TellsEachOfMoreKindsThanItKeeps) {
  EventFold fold;
  const auto event = [](int number) {
    return MakeEvent(EventId::kSettingWrong, 2, 0, std::to_string(number), {});
  };
  for (int number = 0; number < 1001; ++number) EXPECT_TRUE(fold.Admit(event(number), TimePoint()));
  EXPECT_FALSE(fold.Admit(event(999), TimePoint()));
  EXPECT_TRUE(fold.Admit(event(1000), TimePoint()));
  EXPECT_THAT(fold.TakeDue(TimePoint(), 0), IsEmpty());
  EXPECT_EQ(fold.next(), TimePoint(std::chrono::minutes(1)));
  const auto due = fold.TakeDue(TimePoint(std::chrono::minutes(1)), 0);
  ASSERT_THAT(due, SizeIs(1));
  EXPECT_EQ(due[0].text, "1 more times within a minute: 999");
  EXPECT_EQ(due[0].fields, (EventFields{{"repeated", "1"}}));
  EXPECT_EQ(fold.next(), TimePoint(std::chrono::minutes(2)));
  EXPECT_THAT(fold.TakeDue(TimePoint(std::chrono::minutes(2)), 0), IsEmpty());
  EXPECT_EQ(fold.next(), TimePoint::max());
}

}  // namespace
}  // namespace vsapi::engine
