// SPDX-License-Identifier: Apache-2.0
//
// What the running host is made of: its events, its connections, what it counts and how it tells.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/local/connect_pair.hpp>
#include <cstring>
#include <thread>

#include "client_text.h"
#include "display.h"
#include "error.h"
#include "event_ring.h"
#include "host_json.h"
#include "host_views.h"
#include "importer.h"
#include "json_lines.h"
#include "mdb_coverage.h"
#include "store.h"
#include "temp_folder.h"
#include "times.h"
#include "top_view.h"

namespace store_sim {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::SizeIs;

vsapi::Event MakeEvent(uint32_t id, int64_t time_ns) {
  vsapi::Event event = {};
  event.struct_size = sizeof event;
  event.id = id;
  event.severity = VSAPI_SEVERITY_WARNING;
  event.time_ns = time_ns;
  event.category = "test";
  event.text = "it happened";
  return event;
}

std::vector<uint64_t> Sequences(const EventRing::Found& found) {
  std::vector<uint64_t> sequences;
  for (const RecordedEvent& event : found.events) sequences.push_back(event.sequence);
  return sequences;
}

TEST(EventRing, FindsByNumberTimeAndPlace) {
  EventRing ring;
  ring.Add(MakeEvent(7, 10));
  ring.Add(MakeEvent(8, 20));
  ring.Add(MakeEvent(7, 30));
  EXPECT_THAT(Sequences(ring.Find({}, 0ms)), ElementsAre(1, 2, 3));
  EXPECT_THAT(Sequences(ring.Find({.id = 7}, 0ms)), ElementsAre(1, 3));
  EXPECT_THAT(Sequences(ring.Find({.since_ns = 20}, 0ms)), ElementsAre(2, 3));
  EXPECT_THAT(Sequences(ring.Find({.after = 2}, 0ms)), ElementsAre(3));
  EXPECT_THAT(Sequences(ring.Find({.after = 99}, 0ms)), ElementsAre());
}

TEST(EventRing, KeepsNoneForDebugging) {
  EventRing ring;
  vsapi::Event event = MakeEvent(1021, 1);
  event.severity = VSAPI_SEVERITY_DEBUG;
  ring.Add(event);
  EXPECT_THAT(ring.Find({}, 0ms).events, SizeIs(0));
}

TEST(EventRing, GivesAPageAtATime) {
  EventRing ring;
  for (size_t i = 0; i < EventRing::kMostAtOnce + 1; ++i) ring.Add(MakeEvent(7, 1));
  const auto first = ring.Find({}, 0ms);
  EXPECT_THAT(first.events, SizeIs(EventRing::kMostAtOnce));
  EXPECT_FALSE(first.is_all);
  const auto second = ring.Find({.after = first.next}, 0ms);
  EXPECT_THAT(second.events, SizeIs(1));
  EXPECT_TRUE(second.is_all);
}

TEST(EventRing, ForgetsTheOldestAndSaysSo) {
  EventRing ring;
  for (size_t i = 0; i < EventRing::kMostEvents + 5; ++i) ring.Add(MakeEvent(7, 1));
  const auto found = ring.Find({}, 0ms);
  EXPECT_EQ(found.missed, 5u);
  EXPECT_EQ(found.events.front().sequence, 6u);
  EXPECT_EQ(ring.Find({.after = 5}, 0ms).missed, 0u);
}

TEST(EventRing, WakesWhoWaitsByAnEventAndByItsEnd) {
  EventRing ring;
  std::thread adds([&] { ring.Add(MakeEvent(7, 1)); });
  EXPECT_THAT(ring.Find({}, 1h).events, SizeIs(1));
  adds.join();
  std::thread closes([&] { ring.Close(); });
  EXPECT_THAT(ring.Find({.after = 1}, 1h).events, SizeIs(0));
  closes.join();
}

class JsonLinesTest : public ::testing::Test {
 protected:
  static JsonLines::Socket ConnectedTo(JsonLines::Socket& other) {
    JsonLines::Socket socket(other.get_executor());
    boost::asio::local::connect_pair(socket, other);
    return socket;
  }

  boost::asio::io_context context_;
  JsonLines::Socket end_{context_};
  JsonLines near_{ConnectedTo(end_), 100};
  JsonLines far_{std::move(end_), 100'000};
};

TEST_F(JsonLinesTest, CarriesObjectsBothWays) {
  far_.Write({{"a", 1}});
  far_.Write({{"b", "line\nbreak"}});
  EXPECT_EQ(near_.Read(), json({{"a", 1}}));
  EXPECT_EQ(near_.Read(), json({{"b", "line\nbreak"}}));
  near_.Write({{"text", "\xff"}});
  EXPECT_EQ(far_.Read(), json({{"text", "\xEF\xBF\xBD"}}));
}

TEST_F(JsonLinesTest, RefusesALineThatIsTooLong) {
  far_.Write({{"a", std::string(200, 'x')}});
  EXPECT_THROW(near_.Read(), Error);
  EXPECT_TRUE(near_.is_broken());
}

TEST_F(JsonLinesTest, TellsThatTheOtherSideHasGone) {
  far_.Close();
  EXPECT_EQ(near_.Read(), std::nullopt);
  EXPECT_FALSE(near_.Write({{"a", 1}}));
}

TEST_F(JsonLinesTest, TextGoesWhenItIsFlushed) {
  {
    ClientText text(near_, "out");
    std::ostream out(&text);
    out << "one " << 2 << std::flush << "three";
    EXPECT_EQ(far_.Read(), json({{"out", "one 2"}}));
    EXPECT_FALSE(text.is_gone());
  }
  EXPECT_EQ(far_.Read(), json({{"out", "three"}}));
  far_.Close();
  ClientText text(near_, "out");
  std::ostream(&text) << "lost" << std::flush;
  EXPECT_TRUE(text.is_gone());
}

TEST(Coverage, CountsItemsWhoseStampIsCurrent) {
  const TempFolder folder;
  Store::Init(folder / "s", {"mdb1"});
  const Store store(folder / "s", Access::kWrite);
  Mdb& mdb = store.mdb("mdb1");
  Importer importer(mdb);
  for (const char* body : {"one", "two", "two", "three", "four"}) {
    static int number = 0;
    importer.Add(Prepare("Subject: " + std::to_string(++number) + "\n\n" + body + "\n",
                         {"user", "Inbox"}, 1));
  }
  importer.Flush();
  const auto mark = [&](int64_t message, int32_t verdict, uint64_t version, bool item_alone) {
    const StoredPart part = mdb.FindPart({message, 0}).value();
    Stamp stamp;
    stamp.vendor = "V";
    stamp.version = version;
    stamp.verdict = verdict;
    stamp.scope = item_alone ? VSAPI_SCOPE_ITEM : VSAPI_SCOPE_CONTENT;
    const MarkChange change{part.content, {stamp, std::nullopt}, ItemPlace{message, 0}};
    mdb.ApplyMarks({&change, 1}, Durability::kDurable);
  };
  mark(1, VSAPI_VERDICT_CLEAN, 5, false);
  mark(2, VSAPI_VERDICT_CLEAN, 5, false);    // and 3, which has the same content
  mark(3, VSAPI_VERDICT_INFECTED, 5, true);  // under other definitions
  mark(4, VSAPI_VERDICT_CLEAN, 4, false);    // of an older version
  vsapi::Status now = {};
  now.serving = 1;
  std::strcpy(now.vendor, "V");
  now.version = 5;
  now.definitions.bytes[0] = 1;
  const Coverage coverage = CoverageOf(folder / "s/mdb1.db", now);
  EXPECT_EQ(coverage.items, 5u);
  EXPECT_EQ(coverage.current, 2u);
}

TEST(Times, ReadsWhatPeopleWrite) {
  constexpr int64_t kNow = 1'700'000'000 * kSecond;  // 2023-11-14 22:13:20
  EXPECT_EQ(ParseTime("2023-11-14T22:13:20Z", 0), kNow);
  EXPECT_EQ(ParseTime("2023-11-14 22:13", 0), kNow - 20 * kSecond);
  EXPECT_EQ(ParseTime("2023-11-14", 0), 1'699'920'000 * kSecond);
  EXPECT_EQ(ParseTime("2999-01-01", kNow), INT64_MAX);
  EXPECT_EQ(ParseTime("90s", kNow), kNow - 90 * kSecond);
  EXPECT_EQ(ParseTime("2h", kNow), kNow - 7200 * kSecond);
  EXPECT_EQ(IsoTime(kNow + 110'000'000), "2023-11-14T22:13:20.110Z");
  for (const char* wrong :
       {"", "h", "-1h", "1", "1x", "99999999999999999999d", "9999999999d", "2023-13-01", "soon"}) {
    EXPECT_THROW(ParseTime(wrong, kNow), Error) << wrong;
  }
}

TEST(Times, SaysAgesInTheLargestUnitThatIsNotOne) {
  EXPECT_EQ(FormatAge(0), "0 s");
  EXPECT_EQ(FormatAge(119 * kSecond), "119 s");
  EXPECT_EQ(FormatAge(120 * kSecond), "2 min");
  EXPECT_EQ(FormatAge(47 * 3600 * kSecond), "47 h");
  EXPECT_EQ(FormatAge(48 * 3600 * kSecond), "2 days");
}

TEST(Views, RoundsCoverageDown) {
  EXPECT_EQ(Percentage(0, 0), "100.0 %");
  EXPECT_EQ(Percentage(999'999, 1'000'000), "99.9 %");
  EXPECT_EQ(Percentage(5, 5), "100.0 %");
}

TEST(Views, MakeStrangersTextHarmless) {
  RecordedEvent event;
  event.text = "x\x1b[2Jy";
  event.fields = {{"subject", "a\nb\x07"}};
  const std::string line = EventLine(EventJson(event));
  EXPECT_EQ(line.find_first_of("\x1b\n\x07"), std::string::npos) << line;
}

json StatusWithMdb(const std::string& name) {
  vsapi::Status status = {};
  status.enabled = 1;
  json answer = StatusJson(status, 0);
  answer["process"] = 1;
  answer["uptime_seconds"] = 5;
  if (!name.empty())
    answer["mdbs"] = {
        {{"name", name}, {"items", 2}, {"current", 1}, {"per_second", 0.5}, {"seconds_left", 2}}};
  return answer;
}

json CountersOf(uint64_t scanned, uint64_t vendor_ns) {
  return {{"Virus Scan Files Scanned", scanned}, {"Vendor Nanoseconds", vendor_ns}};
}

TEST(TopView, ShowsRatesAndMeansBetweenTwoFrames) {
  TopView view;
  view.Take(StatusWithMdb("mdb1"), CountersOf(100, 0), json::array(), 10 * kSecond);
  EXPECT_THAT(view.Lines(80, 99),
              testing::Contains(testing::MatchesRegex("items scanned +100 +-")));
  view.Take(StatusWithMdb(""), CountersOf(120, 40'000'000), json::array(), 14 * kSecond);
  const auto lines = view.Lines(80, 99);
  EXPECT_THAT(lines, testing::Contains(testing::MatchesRegex("items scanned +120 +5.0")));
  EXPECT_THAT(lines, testing::Contains(testing::MatchesRegex("vendor time +mean +2.0 ms")));
  EXPECT_THAT(lines, testing::Contains(testing::MatchesRegex("mdb1 +2 +1 +50.0 % +0.5 +2 s")));
}

TEST(TopView, FitsTheTerminal) {
  TopView view;
  RecordedEvent event;
  event.text = std::string(300, 'x');
  view.Take(StatusWithMdb(std::string(32, 'm')), json::object(),
            json::array({EventJson(event), EventJson(event)}), kSecond);
  EXPECT_THAT(view.Lines(80, 24), SizeIs(testing::Le(24u)));
  EXPECT_THAT(view.Lines(80, 99),
              Each(testing::ResultOf([](const std::string& line) { return Columns(line); },
                                     testing::Le(80u))));
  EXPECT_THAT(view.Lines(80, 3), SizeIs(3));
}

TEST(TopView, ShowsMdbsAndTheLatestEventInFewRows) {
  TopView view;
  RecordedEvent event;
  event.text = "earlier";
  json events = json::array();
  for (int i = 0; i < 30; ++i) events.push_back(EventJson(event));
  event.text = "latest";
  events.push_back(EventJson(event));
  view.Take(StatusWithMdb("mdb1"), CountersOf(100, 0), events, kSecond);
  const auto lines = view.Lines(80, 24);
  EXPECT_THAT(lines, SizeIs(testing::Le(24u)));
  EXPECT_THAT(lines, testing::Contains(testing::StartsWith("items scanned")));
  EXPECT_THAT(lines, testing::Contains(testing::StartsWith("mdb1 ")));
  EXPECT_THAT(lines.back(), testing::HasSubstr("latest"));
}

}  // namespace
}  // namespace store_sim
