// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/stamp: the whole table of "when a stamp is current".
#include "stamp.h"

#include <gtest/gtest.h>

#include <functional>

#include "support/items.h"
#include "text.h"

namespace vsapi::engine {
namespace {

using test::DigestOf;

Identity TheIdentity() {
  Identity identity;
  identity.enabled = identity.serving = true;
  CopyText("GoodVendor", identity.vendor, sizeof identity.vendor);
  identity.version = 7;
  identity.definitions = DigestOf(7);
  identity.generation = 70;
  identity.signatures = 700;
  identity.definitions_built_ns = 7000;
  return identity;
}

constexpr int32_t kVerdicts[] = {VSAPI_VERDICT_NONE,
                                 VSAPI_VERDICT_CLEAN,
                                 VSAPI_VERDICT_CLEAN_PERMANENT,
                                 VSAPI_VERDICT_CLEANED,
                                 VSAPI_VERDICT_INFECTED,
                                 VSAPI_VERDICT_SUSPICIOUS,
                                 VSAPI_VERDICT_BLOCKED,
                                 VSAPI_VERDICT_DELETE_MESSAGE,
                                 VSAPI_VERDICT_ENCRYPTED,
                                 VSAPI_VERDICT_OVER_LIMIT,
                                 VSAPI_VERDICT_MALFORMED,
                                 VSAPI_VERDICT_UNSUPPORTED,
                                 9999};

// Is a stamp of each verdict current after something has changed?
struct Change {
  const char* what;
  std::function<void(Identity&)> to;
  bool clean, permanent, other;
};

const Change kChanges[] = {
    {"nothing", [](Identity&) {}, true, true, true},
    {"vendor", [](Identity& now) { now.vendor[0] = 'F'; }, false, false, false},
    {"vendor longer", [](Identity& now) { now.vendor[10] = '2'; }, false, false, false},
    {"last byte of the vendor's name", [](Identity& now) { now.vendor[46] = 'x'; }, false, false,
     false},
    {"version up", [](Identity& now) { ++now.version; }, false, true, false},
    {"version down", [](Identity& now) { --now.version; }, true, true, true},
    {"first byte of the definitions", [](Identity& now) { now.definitions.bytes[0] ^= 1; }, true,
     true, false},
    {"last byte of the definitions", [](Identity& now) { now.definitions.bytes[31] ^= 1; }, true,
     true, false},
    {"generation", [](Identity& now) { ++now.generation; }, true, true, true},
    {"signatures", [](Identity& now) { ++now.signatures; }, true, true, true},
    {"build time", [](Identity& now) { ++now.definitions_built_ns; }, true, true, true},
};

bool Expected(const Change& change, int32_t verdict) {
  if (verdict == VSAPI_VERDICT_NONE) return false;
  if (verdict == VSAPI_VERDICT_CLEAN) return change.clean;
  if (verdict == VSAPI_VERDICT_CLEAN_PERMANENT) return change.permanent;
  return change.other;
}

TEST(Stamp, IsVoidedByExactlyTheChangesOfTheTable) {
  for (const Change& change : kChanges)
    for (const int32_t verdict : kVerdicts)
      for (const int32_t scope : {VSAPI_SCOPE_CONTENT, VSAPI_SCOPE_ITEM}) {
        const vsapi_stamp stamp = MakeStamp(TheIdentity(), verdict, scope, "Finding", 1);
        Identity now = TheIdentity();
        change.to(now);
        EXPECT_EQ(IsCurrent(stamp, now), Expected(change, verdict))
            << change.what << ", verdict " << verdict;
      }
}

TEST(Stamp, ThatIsAllZeroIsNeverCurrent) {
  EXPECT_FALSE(IsCurrent({}, TheIdentity()));
  EXPECT_FALSE(IsCurrent({}, Identity{}));
}

TEST(Stamp, IsStaleForTheBackgroundAloneIfItIsOfAGenerationBeforeTheOneThatIsRecorded) {
  for (const int32_t verdict : kVerdicts) {
    const vsapi_stamp stamp = MakeStamp(TheIdentity(), verdict, 0, "", 1);  // of generation 70
    const bool current = verdict != VSAPI_VERDICT_NONE;
    for (const uint64_t since : {0, 69, 70})
      EXPECT_EQ(IsCurrent(stamp, LevelOf(TheIdentity(), since, 1)), current) << verdict;
    EXPECT_EQ(IsCurrent(stamp, LevelOf(TheIdentity(), 71, 1)),
              verdict == VSAPI_VERDICT_CLEAN_PERMANENT)
        << verdict;
    Identity now = TheIdentity();
    now.since_generation = 71;
    EXPECT_EQ(IsCurrent(stamp, now), current) << verdict;
  }
}

TEST(Stamp, KeepsWhoJudgedWhenAndWhatWasFound) {
  const vsapi_stamp stamp =
      MakeStamp(TheIdentity(), VSAPI_VERDICT_INFECTED, VSAPI_SCOPE_ITEM, "Eicar", 123);
  EXPECT_EQ(stamp.verdict, VSAPI_VERDICT_INFECTED);
  EXPECT_EQ(stamp.scope, VSAPI_SCOPE_ITEM);
  EXPECT_EQ(stamp.version, 7u);
  EXPECT_EQ(stamp.generation, 70u);
  EXPECT_EQ(stamp.time_ns, 123);
  EXPECT_TRUE(SameDigest(stamp.definitions, DigestOf(7)));
  EXPECT_STREQ(stamp.vendor, "GoodVendor");
  EXPECT_STREQ(stamp.finding, "Eicar");
}

TEST(Stamp, CutsALongFindingAtACharacter) {
  const std::string euros = "x\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC";
  std::string finding(VSAPI_FINDING_SIZE - 4, 'n');  // room for three bytes: one character
  const std::string kept = finding + "\xE2\x82\xAC";
  const auto cut = [](const std::string& text) {
    return std::string(MakeStamp(TheIdentity(), VSAPI_VERDICT_INFECTED, 0, text, 0).finding);
  };
  EXPECT_EQ(cut(kept + "more"), kept);
  EXPECT_EQ(cut(finding + euros), finding + "x");
  EXPECT_EQ(cut(std::string(1000, 'n')), std::string(VSAPI_FINDING_SIZE - 1, 'n'));
}

TEST(Stamp, HasNothingBehindItsTextsSoThatItComparesByBytes) {
  const vsapi_stamp a = MakeStamp(TheIdentity(), VSAPI_VERDICT_CLEAN, 0, "", 5);
  const vsapi_stamp b = MakeStamp(TheIdentity(), VSAPI_VERDICT_CLEAN, 0, "", 5);
  EXPECT_EQ(std::memcmp(&a, &b, sizeof a), 0);
}

}  // namespace
}  // namespace vsapi::engine
