// SPDX-License-Identifier: Apache-2.0
//
// How our vendors find their definitions, identify them, and see newer ones.
#include "any_vendor.h"

namespace vsapi::test {
namespace {

constexpr char kFirst[] = "here is the first-marker of the test";
constexpr char kSecond[] = "here is the second-marker of the test";
const std::vector<std::string> kMarkers = {"first-marker", "second-marker"};

class VendorDefinitions : public AnyVendor {
 protected:
  void ExpectNoStart(const std::string& place, const std::string& because) const {
    VendorInstance vendor(Dll(), From(place));
    ASSERT_EQ(vendor.create_status(), VSAPI_OK);
    EXPECT_EQ(vendor.Start(), VSAPI_E_ARGUMENT) << because;
    EXPECT_TRUE(vendor.Logged(VSAPI_LOG_ERROR, because)) << vendor.LogText();
  }
};
VSAPI_FOR_EACH_VENDOR(VendorDefinitions);

TEST_P(VendorDefinitions, MustBeThere) {
  const TestFolder folder;
  ExpectNoStart(folder.path() + "/missing", "missing does not exist, can't be read or holds no");
  ExpectNoStart(folder.path(), "set Parameters " + GetParam().place_key + "=");
  folder.Write("README", "no definitions\n");
  ExpectNoStart(folder.path(), folder.path() + " does not exist");
}

TEST_P(VendorDefinitions, AlwaysHaveTheEicarRuleBesideThem) {
  const TestFolder folder;
  Add(folder, "one", kMarkers[0]);
  StartedVendor vendor = Started(From(folder));
  EXPECT_THAT(vendor.Scan(kFirst), Says(VSAPI_VERDICT_INFECTED));
  EXPECT_THAT(vendor.Scan(Eicar()), IsEicar());
  EXPECT_EQ(IdentityOf(vendor.instance()).count, 2u);
}

TEST_P(VendorDefinitions, HaveTheTimeOfTheNewestFileAsVersion) {
  const TestFolder folder;
  SetTime(Add(folder, "old", kMarkers[0]), 1'600'000'000);
  SetTime(Add(folder, "new", kMarkers[1]), 1'700'000'000);
  const StartedVendor vendor = Started(From(folder));
  const vsapi_signatures_identity identity = IdentityOf(vendor.instance());
  EXPECT_EQ(identity.version, 1'700'000'000'000'000'000u);
  EXPECT_EQ(identity.built_ns, 1'700'000'000'000'000'000);
  EXPECT_EQ(identity.count, 3u);
}

TEST_P(VendorDefinitions, HaveADigestOfTheirContentAlone) {
  const TestFolder folder, twin, other;
  SetTime(Add(folder, "a", kMarkers[0]), 1'600'000'000);
  SetTime(Add(twin, "a", kMarkers[0]), 1'700'000'000);
  Add(other, "a", kMarkers[1]);
  const StartedVendor first = Started(From(folder)), second = Started(From(twin)),
                      third = Started(From(other));
  EXPECT_EQ(DigestOf(first.instance()), DigestOf(second.instance()));
  EXPECT_NE(DigestOf(first.instance()), DigestOf(third.instance()));
}

TEST_P(VendorDefinitions, AreSeenToBeNewerWhenAFileChanges) {
  const TestFolder folder;
  const std::string file = Add(folder, "a", kMarkers[0]);
  const StartedVendor vendor = Started(From(folder));
  EXPECT_FALSE(HasNewer(vendor.instance()));
  folder.Write("update.log", "not a definition");
  EXPECT_FALSE(HasNewer(vendor.instance()));
  const std::string added = Add(folder, "b", kMarkers[1]);
  EXPECT_TRUE(HasNewer(vendor.instance()));
  fs::remove(added);
  EXPECT_FALSE(HasNewer(vendor.instance()));
  SetTime(file, 1'700'000'000);
  EXPECT_TRUE(HasNewer(vendor.instance()));
}

// As freshclam does it: all of the new file under another name, then over the old one.
TEST_P(VendorDefinitions, AreSeenToBeNewerOnlyOnceTheNewFileIsInItsPlace) {
  const TestFolder folder;
  const std::string file = Add(folder, "a", kMarkers[0]);
  SetTime(file, 1'600'000'000);
  StartedVendor vendor = Started(From(folder));
  const std::string incoming = folder.Write("tmp.0a1b2c", GetParam().rule("Found_a", kMarkers[1]));
  EXPECT_FALSE(HasNewer(vendor.instance()));
  fs::rename(incoming, file);
  EXPECT_TRUE(HasNewer(vendor.instance()));
  EXPECT_THAT(vendor.Scan(kFirst), Says(VSAPI_VERDICT_INFECTED));
  StartedVendor newer = Started(From(folder));
  EXPECT_THAT(newer.Scan(kSecond), Says(VSAPI_VERDICT_INFECTED));
  EXPECT_THAT(newer.Scan(kFirst), IsClean());
  EXPECT_FALSE(HasNewer(newer.instance()));
}

TEST_P(VendorDefinitions, OfARunningInstanceNeverChange) {
  const TestFolder folder;
  Add(folder, "a", kMarkers[0]);
  StartedVendor vendor = Started(From(folder));
  const std::string digest = DigestOf(vendor.instance());
  Add(folder, "b", kMarkers[1]);
  EXPECT_EQ(DigestOf(vendor.instance()), digest);
  EXPECT_THAT(vendor.Scan(kSecond), IsClean());
  StartedVendor newer = Started(From(folder));
  EXPECT_THAT(newer.Scan(kSecond), Says(VSAPI_VERDICT_INFECTED));
  EXPECT_GE(IdentityOf(newer.instance()).version, IdentityOf(vendor.instance()).version);
}

TEST_P(VendorDefinitions, ThatAreBrokenLeaveTheRunningInstanceAlone) {
  const TestFolder folder;
  const std::string file = Add(folder, "a", kMarkers[0]);
  StartedVendor vendor = Started(From(folder));
  folder.Write(fs::path(file).filename(), "this is no rule\n");
  EXPECT_TRUE(HasNewer(vendor.instance()));
  VendorInstance newer(Dll(), From(folder));
  EXPECT_NE(newer.Start(), VSAPI_OK);
  EXPECT_THAT(vendor.Scan(kFirst), Says(VSAPI_VERDICT_INFECTED));
  EXPECT_THAT(vendor.Scan(Eicar()), IsEicar());
}

TEST_P(VendorDefinitions, AreNotNewerWhenTheyAreGone) {
  const TestFolder folder;
  const std::string file = Add(folder, "a", kMarkers[0]);
  const StartedVendor vendor = Started(From(folder));
  fs::remove(file);
  EXPECT_FALSE(HasNewer(vendor.instance())) << "a new instance could not start";
}

// The budget is for four sessions, each with a content of 64 KiB and what it is unpacked to.
TEST_P(VendorDefinitions, MustFitIntoTheMemoryBudget) {
  const TestFolder folder;
  std::string rules;
  for (int i = 0; i < 2000; ++i)
    rules += GetParam().rule("Many" + std::to_string(i), "marker-number-" + std::to_string(i));
  folder.Write("many" + GetParam().extension, rules);
  const std::string small_scans =
      GetParam().size_key + "=64K;" + (GetParam().name == "Clamav" ? "max_scan_size=64K;" : "");
  VendorInstance vendor(Dll(), From(folder.path(), small_scans + "memory_budget=4M"));
  EXPECT_EQ(vendor.Start(), VSAPI_E_NO_MEMORY);
  EXPECT_TRUE(vendor.Logged(VSAPI_LOG_ERROR, "memory_budget of 4 MiB is too small: about "))
      << vendor.LogText();
  EXPECT_THAT(Started(From(folder.path(), small_scans + "memory_budget=100M")).Scan(Eicar()),
              IsEicar());
}

TEST_P(VendorDefinitions, MustLeaveRoomForScansInTheMemoryBudget) {
  VendorInstance vendor(Dll(), Shipped("memory_budget=100M"));
  EXPECT_EQ(vendor.Start(), VSAPI_E_NO_MEMORY);
  EXPECT_TRUE(vendor.Logged(VSAPI_LOG_ERROR, "for definitions and 4 times ")) << vendor.LogText();
  VendorInstance one_session(Dll(), Shipped("memory_budget=256M"), 1);
  EXPECT_EQ(one_session.Start(), VSAPI_OK) << one_session.LogText();
}

}  // namespace
}  // namespace vsapi::test
