// SPDX-License-Identifier: Apache-2.0
#include "display.h"

#include <gtest/gtest.h>

#include <sstream>

#include "progress.h"

namespace store_sim {
namespace {

using namespace std::chrono_literals;

TEST(ForDisplay, LetsNobodySteerTheTerminal) {
  EXPECT_EQ(ForDisplay("a\x1b[2Jb\r\nc"), "a\uFFFD[2Jb\uFFFD\uFFFDc");
  EXPECT_EQ(ForDisplay(std::string_view("a\0b", 3)),
            "a\uFFFD"
            "b");
  EXPECT_EQ(ForDisplay("a\u202Etxt.exe"), "a\uFFFDtxt.exe");
  EXPECT_EQ(ForDisplay("\xff"), "\uFFFD");
  EXPECT_EQ(ForDisplay("Grüße"), "Grüße");
}

TEST(ForDisplay, CutsByColumnsNotBytes) {
  EXPECT_EQ(ForDisplay("Grüße", 5), "Grüße");
  EXPECT_EQ(ForDisplay("Grüße", 4), "Grü…");
  EXPECT_EQ(ForDisplay("日本語", 5), "日本…");
}

TEST(FormatBytes, NamesTheUnitThatReadsBest) {
  EXPECT_EQ(FormatBytes(999), "999 B");
  EXPECT_EQ(FormatBytes(1'500), "1.5 kB");
  EXPECT_EQ(FormatBytes(999'999), "1.0 MB");
  EXPECT_EQ(FormatBytes(3'000'000'000), "3.0 GB");
}

TEST(FormatTime, IsUtc) {
  EXPECT_EQ(FormatTime(1'709'209'800'000'000'000), "2024-02-29 12:30");
  EXPECT_EQ(FormatTime(0), "-");
}

TEST(Table, AlignsByColumns) {
  Table table({{"A"}, {"B", Table::Align::kRight}});
  table.Add({"ü", "1"});
  table.Add({"xyz", "10"});
  std::ostringstream out;
  table.Print(out);
  EXPECT_EQ(out.str(), "A     B\nü     1\nxyz  10\n");
}

TEST(Progress, DrawsABarOverAgainOnATerminal) {
  std::chrono::steady_clock::time_point now;
  std::ostringstream out;
  {
    Progress progress(out, true, [&] { return now; });
    now += 1s;
    progress.Update(1, 2, "half");
    progress.Update(2, 2, "too soon");
    progress.Line("a line");
    now += 1s;
    progress.Update(2, 2, "all");
  }
  EXPECT_EQ(out.str(),
            "[###############...............] 50 %  half\r\x1b[K"
            "a line\n"
            "[##############################] 100 %  all\r\x1b[K");
}

TEST(Progress, WritesFewPlainLinesElsewhere) {
  std::chrono::steady_clock::time_point now;
  std::ostringstream out;
  Progress progress(out, false, [&] { return now; });
  for (int second = 0; second <= 12; ++second, now += 1s) progress.Update(second, 12, "x");
  EXPECT_EQ(out.str(), "41 %  x\n83 %  x\n");
}

}  // namespace
}  // namespace store_sim
