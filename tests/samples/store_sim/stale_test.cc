// SPDX-License-Identifier: Apache-2.0
//
// The specification of samples/store_sim/mdb_stale: a walk finds each item without a current stamp
// once, and nothing else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <set>
#include <thread>

#include "engine_store.h"
#include "importer.h"
#include "store.h"
#include "temp_folder.h"

namespace store_sim {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAreArray;

using Place = std::pair<int64_t, int64_t>;

class StaleTest : public ::testing::Test {
 protected:
  StaleTest() {
    Store::Init(folder_ / "s", {"mdb1"});
    Reopen();
    level_.struct_size = sizeof level_;
    level_.version = 2;
    level_.now_ns = 1000;
    level_.definitions.bytes[0] = 1;
    std::strcpy(level_.vendor, "V");
  }

  void Reopen() {
    engine_store_.reset();
    store_.reset();
    store_.emplace(folder_ / "s", Access::kWrite);
    engine_store_ = std::make_shared<EngineStore>(
        store_->mdbs().front(), [](const std::string& line) { ADD_FAILURE() << line; }, true);
  }
  Mdb& mdb() { return store_->mdb("mdb1"); }
  void Import(int first, int count) {
    Importer importer(mdb());
    for (int i = first; i < first + count; ++i)
      importer.Add(Prepare("Subject: " + std::to_string(i) + "\n\ntext " + std::to_string(i) + "\n",
                           {"alice", "Inbox"}, i));
    importer.Flush();
  }
  // Two messages with the same attachment; it is part 1 of each.
  void ImportTwins() {
    Importer importer(mdb());
    for (const char* name : {"one", "two"})
      importer.Add(Prepare(std::string("Subject: ") + name +
                               "\nMIME-Version: 1.0\nContent-Type: multipart/mixed; "
                               "boundary=b\n\n--b\n\n" +
                               name +
                               "\n--b\nContent-Type: application/x\nContent-Disposition: "
                               "attachment; filename=" +
                               name + "\nContent-Transfer-Encoding: base64\n\nAAECA/8=\n--b--\n",
                           {"alice", "Inbox"}, 1));
    importer.Flush();
  }
  void Mark(const Place& place, const ContentMark& mark) {
    const ItemPlace item{place.first, place.second};
    const MarkChange change{mdb().FindPart(item)->content, mark, item};
    EXPECT_THAT(mdb().ApplyMarks({&change, 1}, Durability::kGrouped),
                ElementsAre(MarkOutcome::kApplied));
  }
  Stamp CurrentStamp() const {
    Stamp stamp;
    stamp.vendor = "V";
    stamp.version = 2;
    stamp.definitions[0] = 1;
    stamp.generation = 1;
    stamp.verdict = VSAPI_VERDICT_CLEAN;
    return stamp;
  }
  std::vector<Place> AllPlaces() {
    std::vector<Place> places;
    for (const int64_t number : mdb().Numbers(0, 100000)) {
      const StoredMessage message = mdb().Find(number).value();
      for (const StoredPart& part : message.parts) places.emplace_back(number, part.ordinal);
    }
    return places;
  }
  // A whole walk, `room` items at a time.
  std::vector<Place> Walk(size_t room = 7) {
    std::vector<Place> places;
    std::vector<vsapi::Item> items(room);
    vsapi::StalePage page = {};
    do {
      const vsapi_key cursor = page.cursor;
      page = {};
      page.struct_size = sizeof page;
      page.cursor = cursor;
      page.items = items.data();
      page.room = room;
      page.wanted = wanted_;
      page.received_since_ns = received_since_ns_;
      EXPECT_EQ(engine_store_->NextStale(level_, page), VSAPI_OK);
      messages_ += page.messages;
      folders_ += page.folders;
      for (size_t i = 0; i < page.count; ++i) {
        ItemPlace place;
        std::memcpy(&place, items[i].key.bytes, sizeof place);
        places.emplace_back(place.message, place.ordinal);
      }
    } while (page.count > 0);
    return places;
  }

  TempFolder folder_;
  std::optional<Store> store_;
  std::shared_ptr<EngineStore> engine_store_;
  vsapi_level level_ = {};
  uint32_t wanted_ = 0;
  int64_t received_since_ns_ = 0;
  uint64_t messages_ = 0, folders_ = 0;
};

TEST_F(StaleTest, IsAllThatWasNeverScanned) {
  Import(0, 20);
  EXPECT_THAT(Walk(), UnorderedElementsAreArray(AllPlaces()));
  EXPECT_EQ(messages_, 20u);
  EXPECT_EQ(folders_, 4u);  // those that hold nothing
}

// Every verdict, of the same and of another vendor, at lower, same and higher versions (that of the
// highest bit too), by the same and by other definitions.
TEST_F(StaleTest, AgreesWithTheEngineOnEveryKindOfStamp) {
  std::vector<Stamp> stamps;
  for (int32_t verdict = VSAPI_VERDICT_CLEAN; verdict <= VSAPI_VERDICT_UNSUPPORTED; ++verdict)
    for (const char* vendor : {"V", "W"})
      for (const uint64_t version : {uint64_t{1}, uint64_t{2}, uint64_t{3}, UINT64_MAX})
        for (const uint8_t definitions : {1, 2}) {
          Stamp& stamp = stamps.emplace_back(CurrentStamp());
          stamp.verdict = verdict;
          stamp.vendor = vendor;
          stamp.version = version;
          stamp.definitions[0] = definitions;
        }
  Import(0, static_cast<int>(stamps.size()));
  const auto places = AllPlaces();
  ASSERT_GE(places.size(), stamps.size());
  for (size_t i = 0; i < stamps.size(); ++i) Mark(places[i], {stamps[i], std::nullopt});

  std::vector<Place> expected;
  for (const Place& place : places) {
    const auto part = mdb().FindPart({place.first, place.second}).value();
    const vsapi::Stamp stamp = EngineStore::ItemOf(1, place.first, part).stamp;
    if (!vsapi_stamp_is_current(&stamp, &level_)) expected.push_back(place);
  }
  EXPECT_LT(expected.size(), places.size());
  EXPECT_THAT(Walk(), UnorderedElementsAreArray(expected));
  EXPECT_THAT(Walk(1), UnorderedElementsAreArray(expected));
}

// By the generation, and by that since which it counts alone: the store asks by the latter.
TEST_F(StaleTest, IsWhatWasStampedBeforeTheGenerationSinceWhichStampsCount) {
  Import(0, 6);
  const auto places = AllPlaces();
  for (size_t i = 0; i < places.size(); ++i) {
    Stamp stamp = CurrentStamp();
    stamp.generation = i;
    stamp.since = i < 3 ? 0 : 3;
    if (i == 0) stamp.verdict = VSAPI_VERDICT_CLEAN_PERMANENT;
    if (i == 2) stamp.scope = VSAPI_SCOPE_ITEM;
    Mark(places[i], {stamp, std::nullopt});
  }
  EXPECT_THAT(Walk(), IsEmpty());
  level_.since_generation = 3;
  EXPECT_THAT(Walk(), ElementsAre(places[1], places[2]));
  level_.since_generation = 4;
  EXPECT_THAT(Walk(), ::testing::UnorderedElementsAre(places[1], places[2], places[3], places[4],
                                                      places[5]));
}

TEST_F(StaleTest, IsWhatIsLikeliestToBeBadFirst) {
  constexpr int64_t kNsOfADay = int64_t{86400} * 1'000'000'000;
  const auto with = [](const std::string& name) {
    return "Subject: " + name +
           "\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n" +
           "--b\nContent-Type: application/octet-stream; name=" + name +
           "\nContent-Disposition: attachment; filename=" + name + "\n\n" + name + "\n--b--\n";
  };
  Importer importer(mdb());
  importer.Add(Prepare("Subject: body\n\nbody\n", {"alice", "Inbox"}, 40 * kNsOfADay));    // 1
  importer.Add(Prepare(with("a.txt"), {"alice", "Inbox"}, 40 * kNsOfADay));                // 2
  importer.Add(Prepare(with("b.EXE"), {"alice", "Inbox"}, 40 * kNsOfADay));                // 3
  importer.Add(Prepare("Subject: later\n\nlater\n", {"alice", "Inbox"}, 48 * kNsOfADay));  // 4
  importer.Add(Prepare(with("old.exe"), {"alice", "Inbox"}, 1 * kNsOfADay));               // 5
  importer.Flush();
  EXPECT_THAT(Walk(1),
              ElementsAre(Place(3, 0), Place(4, 0), Place(2, 0), Place(1, 0), Place(5, 0)));
  Stamp old = CurrentStamp();
  old.version = 1;
  Mark({2, 0}, {old, std::nullopt});  // of another kind
  EXPECT_THAT(Walk(2),
              ElementsAre(Place(3, 0), Place(4, 0), Place(2, 0), Place(1, 0), Place(5, 0)));
}

TEST_F(StaleTest, IsAnItemWhoseOwnStampIsStaleAndNoneWhoseOwnStampIsCurrent) {
  ImportTwins();
  for (const Place& place : AllPlaces())
    if (place.second != 1) Mark(place, {CurrentStamp(), std::nullopt});
  EXPECT_THAT(Walk(), ElementsAre(Place(1, 1), Place(2, 1)));

  Stamp own = CurrentStamp();
  own.verdict = VSAPI_VERDICT_BLOCKED;
  own.scope = VSAPI_SCOPE_ITEM;
  Mark({1, 1}, {own, std::nullopt});
  EXPECT_THAT(Walk(), ElementsAre(Place(2, 1)));
  Mark({2, 1}, {CurrentStamp(), std::nullopt});
  EXPECT_THAT(Walk(), IsEmpty());
  level_.definitions.bytes[0] = 2;
  EXPECT_THAT(Walk(), ElementsAre(Place(1, 1)));
}

TEST_F(StaleTest, IsNotWhatWasAttemptedUntilItsTime) {
  Import(0, 1);
  const auto places = AllPlaces();
  const Attempt attempt{1, 2000, CurrentStamp().definitions};
  for (const Place& place : places) Mark(place, {std::nullopt, attempt});
  EXPECT_THAT(Walk(), IsEmpty());
  level_.now_ns = 2000;
  EXPECT_THAT(Walk(), UnorderedElementsAreArray(places));
}

TEST_F(StaleTest, IsWhatOtherDefinitionsWereTriedOn) {
  Import(0, 1);
  const auto places = AllPlaces();
  const Attempt attempt{1, 2000, CurrentStamp().definitions};
  for (const Place& place : places) Mark(place, {std::nullopt, attempt});
  level_.definitions.bytes[0] = 2;
  EXPECT_THAT(Walk(), UnorderedElementsAreArray(places));
}

TEST_F(StaleTest, IsOnlyWhatHasNoStampWhereThatIsWanted) {
  ImportTwins();
  Import(0, 1);
  Stamp old = CurrentStamp();
  old.version = 1;
  Mark({1, 0}, {old, std::nullopt});
  old.scope = VSAPI_SCOPE_ITEM;
  Mark({1, 1}, {old, std::nullopt});
  EXPECT_THAT(Walk(1), UnorderedElementsAreArray(AllPlaces()));
  wanted_ = VSAPI_STALE_UNSCANNED;
  EXPECT_THAT(Walk(1), ::testing::UnorderedElementsAre(Place(2, 0), Place(2, 1), Place(3, 0)));
}

TEST_F(StaleTest, IsOnlyWhatAMessageWithAnAttachmentHoldsWhereThatIsWanted) {
  Import(0, 3);
  ImportTwins();
  wanted_ = VSAPI_STALE_WITH_ATTACHMENTS;
  EXPECT_THAT(Walk(1),
              ::testing::UnorderedElementsAre(Place(4, 0), Place(4, 1), Place(5, 0), Place(5, 1)));
}

TEST_F(StaleTest, IsOnlyWhatCameInSinceThenWhereThatIsWanted) {
  Import(1, 3);  // at 1, 2 and 3
  received_since_ns_ = 2;
  EXPECT_THAT(Walk(1), ElementsAre(Place(3, 0), Place(2, 0)));
}

// What the walk left out is still there for the next one.
TEST_F(StaleTest, IsFoundByAWalkForAllAfterOneForSome) {
  Import(0, 3);
  wanted_ = VSAPI_STALE_WITH_ATTACHMENTS;
  EXPECT_THAT(Walk(), IsEmpty());
  wanted_ = 0;
  EXPECT_THAT(Walk(), UnorderedElementsAreArray(AllPlaces()));
}

TEST_F(StaleTest, IsScannedByTheEngineInTheBackground) {
  Import(0, 100);
  vsapi::Options options;
  options.settings = {{"Enabled", "1"},
                      {"BackgroundScanning", "1"},
                      {"Library", VSAPI_TEST_VENDORS_DIR "/good.so"}};
  vsapi::Engine engine(options);
  const uint32_t number = engine.Attach("mdb1", engine_store_);
  const vsapi::Status status = engine.Status();
  level_.version = status.version;
  level_.definitions = status.definitions;
  std::memcpy(level_.vendor, status.vendor, sizeof level_.vendor);
  while (!Walk().empty()) std::this_thread::yield();
  engine.Flush(number);
  for (const Place& place : AllPlaces())
    EXPECT_TRUE(mdb().FindPart({place.first, place.second})->mark.stamp) << place.first;
}

}  // namespace
}  // namespace store_sim
