// SPDX-License-Identifier: Apache-2.0
//
// The specification of samples/store_sim/risk.
#include "risk.h"

#include <gtest/gtest.h>

namespace store_sim {
namespace {

constexpr int64_t kOneDay = int64_t{86400} * 1'000'000'000;

int64_t Attachment(std::string_view name, std::string_view type = "application/octet-stream") {
  return RiskOf(PartKind::kAttachment, name, type, 0);
}

TEST(Risk, IsHigherForWhatCameLater) {
  EXPECT_GT(RiskOf(PartKind::kBody, "", "text/plain", 2), RiskOf(PartKind::kBody, "", "", 1));
}

TEST(Risk, IsThatOfMailOfAWeekLaterForAnAttachmentAndOfAMonthLaterForAProgram) {
  EXPECT_EQ(RiskOf(PartKind::kBody, "a.exe", "application/x-dosexec", 0), 0);
  EXPECT_EQ(Attachment("a.txt"), 7 * kOneDay);
  EXPECT_EQ(RiskOf(PartKind::kWhole, "", "message/rfc822", 0), 7 * kOneDay);
  EXPECT_EQ(Attachment("a.exe"), 30 * kOneDay);
}

TEST(Risk, LooksAtTheLastExtensionAsWindowsDoes) {
  for (const char* name : {"invoice.pdf.EXE", "a.scr. .", "x.DocM", ".js", "a.zip"})
    EXPECT_EQ(Attachment(name), 30 * kOneDay) << name;
  for (const char* name : {"", "exe", "a.exe.txt", ". .", "a.e x e"})
    EXPECT_EQ(Attachment(name), 7 * kOneDay) << name;
}

TEST(Risk, LooksAtTheTypeToo) {
  EXPECT_EQ(Attachment("", "Application/X-MSDownload"), 30 * kOneDay);
  EXPECT_EQ(Attachment("a.png", "image/png"), 7 * kOneDay);
}

}  // namespace
}  // namespace store_sim
