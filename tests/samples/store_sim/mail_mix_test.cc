// SPDX-License-Identifier: Apache-2.0
#include "mail_mix.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "mail_mix_files.h"
#include "mime_parts.h"

namespace store_sim {
namespace {

std::vector<std::string> Mails(uint64_t seed, size_t count) {
  MailMix mix(seed);
  std::vector<std::string> mails;
  for (size_t i = 0; i < count; ++i) mails.push_back(mix.Next());
  return mails;
}

TEST(MailMix, IsTheSameForTheSameSeedOnly) {
  EXPECT_TRUE(Mails(1, 50) == Mails(1, 50));
  EXPECT_FALSE(Mails(1, 5) == Mails(2, 5));
}

TEST(MailMix, ParsesCleanly) {
  for (const std::string& mail : Mails(3, 300)) {
    EXPECT_EQ(TakeApart(mail).unclean_reason, "") << mail.substr(0, 400);
  }
}

TEST(MailMix, HasEverydaySizes) {
  const auto mails = Mails(4, 600);
  const auto share = [&](size_t low, size_t high) {
    return std::count_if(
               mails.begin(), mails.end(),
               [&](const std::string& mail) { return mail.size() >= low && mail.size() < high; }) *
           100.0 / static_cast<double>(mails.size());
  };
  EXPECT_NEAR(share(10'000, 100'000), 90, 5);
  EXPECT_NEAR(share(100'000, 500'000), 6, 3);
  EXPECT_NEAR(share(500'000, 2'100'000), 3, 2);
}

TEST(MailMix, SendsTheSameFileToMany) {
  std::multiset<std::string> contents;
  for (const std::string& mail : Mails(5, 200)) {
    for (const Part& part : TakeApart(mail).parts) contents.insert(Decode(mail, part));
  }
  const auto most = std::max_element(contents.begin(), contents.end(), [&](auto& a, auto& b) {
    return contents.count(a) < contents.count(b);
  });
  EXPECT_GE(contents.count(*most), 3u);
}

TEST(MailMix, CarriesAFileByteForByte) {
  MailMix mix(1);
  const std::string bytes = MixRandom(9).Bytes(10'000);
  const std::string mail = mix.Carry({"a b.bin", "application/octet-stream", bytes});
  const TakenApart apart = TakeApart(mail);
  ASSERT_EQ(apart.parts.size(), 2u);
  EXPECT_EQ(apart.parts[1].name, "a b.bin");
  EXPECT_TRUE(Decode(mail, apart.parts[1]) == bytes);
}

TEST(MailMix, HidesEicarInThreeWaysAndInNone) {
  const auto mails = MailMix(1).Eicar();
  ASSERT_EQ(mails.size(), 4u);
  for (const size_t bare : {0u, 1u, 3u}) {
    const Part part = TakeApart(mails[bare]).parts.back();
    EXPECT_EQ(Decode(mails[bare], part).find("X5O!P%@AP"), 0u) << bare;
  }
  const std::string zip = Decode(mails[2], TakeApart(mails[2]).parts.back());
  EXPECT_EQ(zip.substr(0, 4), "PK\x03\x04");
}

TEST(MailMixFiles, BeginAsTheirFormatsDo) {
  MixRandom random(1);
  EXPECT_EQ(MakePdf(random, 1'000).substr(0, 5), "%PDF-");
  EXPECT_EQ(MakePng(random, 1'000).substr(1, 3), "PNG");
  EXPECT_EQ(MakeZip("x", "y").substr(0, 2), "PK");
  EXPECT_TRUE(MakeZip("x", "y") == MakeZip("x", "y"));
}

}  // namespace
}  // namespace store_sim
