// SPDX-License-Identifier: Apache-2.0
//
// The stamp that travels in a header: who may write one, and when it counts.
#include "av_stamp.h"

#include <sys/stat.h>

#include "transit_fixture.h"

namespace store_sim {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const std::string kKey(32, 'k');

vsapi::Stamp CleanStamp(uint64_t version = 7) {
  vsapi::Stamp stamp = {};
  stamp.verdict = VSAPI_VERDICT_CLEAN;
  stamp.scope = VSAPI_SCOPE_CONTENT;
  stamp.version = version;
  stamp.time_ns = 1'700'000'000'000'000'000;
  std::strcpy(stamp.vendor, "Good; Vendor");
  return stamp;
}

vsapi::Level LevelAt(uint64_t version) {
  vsapi::Level level = {};
  level.struct_size = sizeof level;
  level.version = version;
  std::strcpy(level.vendor, "Good; Vendor");
  return level;
}

std::vector<ContentIdentity> Contents(const std::string& text) {
  return {{Sha256(text), text.size()}, {Sha256(text + "2"), text.size() + 1}};
}

std::string Field(const std::string& value) {
  return "Subject: x\n" + std::string(kAvStampField) + ": " + value + "\n\nbody\n";
}

bool Counts(const std::string& value, const std::string& text = "text", uint64_t version = 7) {
  return TrustedStamp(Field(value), Contents(text), kKey, LevelAt(version)).has_value();
}

class AvStamp : public ::testing::Test {
 protected:
  const std::string value_ = AvStampValue(CleanStamp(), Contents("text"), kKey);
};

TEST_F(AvStamp, HasTheFormOf26) {
  EXPECT_THAT(value_, StartsWith("Good%3B%20Vendor;7;0;1700000000000000000 "));
}

TEST_F(AvStamp, CountsWhereItWasWrittenForTheseContents) {
  const auto stamp = TrustedStamp(Field(value_), Contents("text"), kKey, LevelAt(7));
  ASSERT_TRUE(stamp);
  EXPECT_EQ(stamp->verdict, VSAPI_VERDICT_CLEAN);
  EXPECT_EQ(stamp->version, 7u);
  EXPECT_STREQ(stamp->vendor, "Good; Vendor");
  EXPECT_EQ(stamp->time_ns, CleanStamp().time_ns);
  EXPECT_EQ(stamp->generation, 0u);  // that of another host means nothing here
}

TEST_F(AvStamp, IsNoneWhenForged) {
  EXPECT_FALSE(Counts(AvStampValue(CleanStamp(), Contents("text"), std::string(32, 'x'))));
  EXPECT_FALSE(
      Counts("Good%3B%20Vendor;7;0;1 " + std::string(64, '0') + " " + std::string(64, '0')));
  std::string higher = value_;
  higher.replace(higher.find(";7;"), 3, ";9;");
  EXPECT_FALSE(Counts(higher));
  for (size_t at = 0; at < value_.size(); ++at) {  // each byte is signed
    std::string changed = value_;
    changed[at] ^= 1;
    EXPECT_FALSE(Counts(changed)) << at;
  }
}

TEST_F(AvStamp, IsNoneWhenReplayedOnOtherContent) {
  EXPECT_FALSE(Counts(value_, "other text"));
  auto fewer = Contents("text");
  fewer.pop_back();
  EXPECT_FALSE(TrustedStamp(Field(value_), fewer, kKey, LevelAt(7)));
  std::swap(fewer[0], fewer.emplace_back(ContentIdentity{Sha256("text2"), 5}));
  EXPECT_FALSE(TrustedStamp(Field(value_), fewer, kKey, LevelAt(7)));  // in another order
}

TEST_F(AvStamp, IsNoneWhenCutOff) {
  for (size_t size = 0; size < value_.size(); ++size)
    EXPECT_FALSE(Counts(value_.substr(0, size))) << size;
  EXPECT_FALSE(Counts(value_ + "0"));
}

TEST_F(AvStamp, CountsBesideAForgedOneAndTwice) {
  const std::string forged = value_.substr(0, value_.size() - 1) + "!";
  const std::string doubled = std::string(kAvStampField) + ": ";
  EXPECT_TRUE(Counts(forged + "\n" + doubled + value_));
  EXPECT_TRUE(Counts(value_ + "\n" + doubled + forged));
  EXPECT_TRUE(Counts(value_ + "\n" + doubled + value_));
  EXPECT_FALSE(Counts(forged + "\n" + doubled + forged));
  EXPECT_FALSE(Counts(value_ + " " + value_));  // in one field
}

TEST_F(AvStamp, OfSeveralTheHighestVersionCounts) {
  const std::string newer = AvStampValue(CleanStamp(8), Contents("text"), kKey);
  const auto stamp = TrustedStamp(Field(value_ + "\n" + kAvStampField + ": " + newer),
                                  Contents("text"), kKey, LevelAt(7));
  ASSERT_TRUE(stamp);
  EXPECT_EQ(stamp->version, 8u);
}

TEST_F(AvStamp, IsNoneWhenOlderThanTheStoresVersionOrOfAnotherVendor) {
  EXPECT_TRUE(Counts(value_, "text", 6));
  EXPECT_FALSE(Counts(value_, "text", 8));
  auto other = LevelAt(7);
  std::strcpy(other.vendor, "Other");
  EXPECT_FALSE(TrustedStamp(Field(value_), Contents("text"), kKey, other));
}

TEST_F(AvStamp, OfTheBodyIsNone) {
  const std::string raw = "Subject: x\n\n" + std::string(kAvStampField) + ": " + value_ + "\n";
  EXPECT_FALSE(TrustedStamp(raw, Contents("text"), kKey, LevelAt(7)));
}

TEST_F(AvStamp, IsGivenToWhatIsCleanAsAWholeOnly) {
  std::vector<vsapi::PartDecision> parts(2);
  parts[0].stamp = CleanStamp(9);
  parts[1].stamp = CleanStamp(8);
  parts[1].stamp.verdict = VSAPI_VERDICT_CLEAN_PERMANENT;
  const auto common = CommonStamp(parts);
  ASSERT_TRUE(common);
  EXPECT_EQ(common->version, 8u);
  EXPECT_EQ(common->verdict, VSAPI_VERDICT_CLEAN);
  parts[1].stamp.verdict = VSAPI_VERDICT_ENCRYPTED;
  EXPECT_FALSE(CommonStamp(parts));
  parts[1].stamp = {};  // let out unscanned
  EXPECT_FALSE(CommonStamp(parts));
}

TEST(AvStampKey, IsReadFromAFileOfItsOwnersAlone) {
  const TempFolder folder;
  const auto file = folder.Write("key", kKey);
  chmod(file.c_str(), 0600);
  EXPECT_EQ(ReadAvStampKey(file), kKey);
  for (const mode_t mode : {0640, 0604, 0660}) {
    chmod(file.c_str(), mode);
    EXPECT_THROW(ReadAvStampKey(file), Error) << mode;
  }
  const auto brief = folder.Write("short", "short");
  chmod(brief.c_str(), 0600);
  EXPECT_THROW(ReadAvStampKey(brief), Error);
  std::filesystem::create_symlink(file, folder / "link");
  chmod(file.c_str(), 0600);
  EXPECT_THROW(ReadAvStampKey(folder / "link"), Error);
  EXPECT_THROW(ReadAvStampKey(folder / "none"), Error);
}

TEST(TrustedHops, AreAddressesAndNetworks) {
  const std::string hops = "10.1.0.0/16 192.0.2.7 2001:db8::/32 ::1";
  for (const char* hop : {"10.1.2.3", "192.0.2.7", "2001:db8::7", "::1"})
    EXPECT_TRUE(IsTrustedHop(hops, hop)) << hop;
  for (const char* hop : {"10.2.0.1", "192.0.2.8", "2001:db9::1", "::2", "", "mail.example.org"})
    EXPECT_FALSE(IsTrustedHop(hops, hop)) << hop;
  EXPECT_FALSE(IsTrustedHop("", "10.1.2.3"));
  EXPECT_THROW(IsTrustedHop("nonsense", "10.1.2.3"), Error);
}

// ---- From host to host --------------------------------------------------------------------------

class TwoHosts : public TransitTest {
 protected:
  // The first host's message on its way to the next, with its stamp.
  std::string Relayed(const std::string& raw, const SettingsMap& more = {}) {
    StartWithKey(more);
    std::filesystem::create_directories(folder_ / "next");
    EXPECT_EQ(Submit(raw, {.to = {"bob"}, .relay = (folder_ / "next").string()}).answer,
              VSAPI_MESSAGE_DELIVER);
    Stop();
    std::filesystem::remove_all(folder_ / "s");  // the next one is another
    for (const auto& file : std::filesystem::directory_iterator(folder_ / "next"))
      return ReadAll(file.path());
    return "";
  }
  void StartWithKey(SettingsMap settings = {}) {
    folder_.Write("key", kKey);
    chmod((folder_ / "key").c_str(), 0600);
    settings.emplace("Profile", "2.6");
    settings.emplace("AVStampKeyFile", (folder_ / "key").string());
    settings.emplace("AVStampTrustedHops", "10.0.0.0/8");
    Start(settings);
  }
  uint64_t ScansOf(const std::string& raw, const std::string& hop) {
    const uint64_t before = scans();
    EXPECT_EQ(Submit(raw, {.to = {"bob"}, .hop = hop}).answer, VSAPI_MESSAGE_DELIVER);
    return scans() - before;
  }
};

TEST_F(TwoHosts, ScanAMessageOnce) {
  const std::string raw = Multipart("once", "hello", {"attached"});
  const std::string relayed = Relayed(raw);
  EXPECT_EQ(relayed.substr(relayed.find('\n') + 1), raw);  // a line before it, and nothing else
  EXPECT_THAT(relayed, StartsWith("X-OpenVSAPI-AVStamp: GoodVendor;1;0;"));
  StartWithKey();
  EXPECT_EQ(ScansOf("Received: by here\r\n" + relayed, "10.1.2.3"), 0u);
  EXPECT_EQ(RawOf(1), "Received: by here\r\n" + relayed);
  EXPECT_EQ(Open(1), Outcome::kAllowed);
  EXPECT_EQ(scans(), 0u);  // nor in the store
}

TEST_F(TwoHosts, ScanAgainWhatComesFromElsewhere) {
  const std::string relayed = Relayed(Multipart("hop", "hello", {"attached"}));
  StartWithKey();
  EXPECT_EQ(ScansOf(relayed, "192.0.2.1"), 3u);
}

TEST_F(TwoHosts, ScanAgainWhatAUserSubmits) {
  const std::string relayed = Relayed(Multipart("user", "hello", {"attached"}));
  StartWithKey();
  EXPECT_EQ(ScansOf(relayed, ""), 3u);
}

TEST_F(TwoHosts, ScanAgainUnderANewerVersion) {
  const std::string relayed = Relayed(Multipart("newer", "hello", {"attached"}));
  StartWithKey({{"Version", "2"}});
  EXPECT_EQ(ScansOf(relayed, "10.1.2.3"), 3u);
}

TEST_F(TwoHosts, FindWhatHidesBehindTheStampOfAnotherMessage) {
  const std::string relayed = Relayed(Multipart("good", "hello", {"attached"}));
  const std::string stamp = relayed.substr(0, relayed.find('\n') + 1);
  StartWithKey();
  EXPECT_EQ(Submit(stamp + Multipart("bad", "hello", {"INFECTED:Evil"}),
                   {.to = {"bob"}, .hop = "10.1.2.3"})
                .answer,
            VSAPI_MESSAGE_REJECT);
}

TEST_F(TwoHosts, WriteNoStampWhereTheSettingSaysSo) {
  EXPECT_THAT(Relayed(Multipart("none", "hello", {}), {{"AVStampHeader", "0"}}),
              Not(HasSubstr("AVStamp")));
}

TEST_F(TwoHosts, WriteNoStampBefore26) {
  EXPECT_THAT(Relayed(Multipart("none", "hello", {}), {{"Profile", "2.5"}}),
              Not(HasSubstr("AVStamp")));
}

TEST_F(TwoHosts, WriteNoStampOnWhatWasNotJudgedClean) {
  EXPECT_THAT(Relayed(Multipart("enc", "hello", {"ENCRYPTED"})), Not(HasSubstr("AVStamp")));
}

}  // namespace
}  // namespace store_sim
