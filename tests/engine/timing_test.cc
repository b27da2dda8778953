// SPDX-License-Identifier: Apache-2.0
//
// What the engine's histograms count, and for which access class.
#include <numeric>

#include "support/engine_test.h"

namespace vsapi::test {
namespace {

class TimingTest : public EngineTest {
 protected:
  TimingTest() {
    settings_file_ = folder_.Write(
        "virusscan.reg",
        "Windows Registry Editor Version 5.00\n"
        "[HKEY_LOCAL_MACHINE\\Software\\Microsoft\\Exchange\\TransportAVAPI]\n"
        "\"Enabled\"=dword:00000001\n"
        "[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\MSExchangeIS\\VirusScan]\n"
        "\"ProactiveScanning\"=dword:00000001\n");
  }

  Histogram Find(const std::string& name, int32_t access) {
    for (const Histogram& histogram : engine_->Histograms())
      if (histogram.name == name && histogram.access == access) return histogram;
    ADD_FAILURE() << "there is no histogram \"" << name << "\" of class " << access;
    return {};
  }
  uint64_t CountOf(const std::string& name, int32_t access) {
    const Histogram histogram = Find(name, access);
    return std::accumulate(histogram.buckets.begin(), histogram.buckets.end(), uint64_t{0},
                           [](uint64_t sum, const auto& bucket) { return sum + bucket.count; });
  }
  // How many waited in the queue, were at the vendor, and waited all in all.
  std::vector<uint64_t> CountsOf(int32_t access) {
    return {CountOf("Queue Wait", access), CountOf("Vendor Time", access),
            CountOf("Total Wait", access)};
  }
  using Counts = std::vector<uint64_t>;

 private:
  const TemporaryFolder folder_;
};

TEST_F(TimingTest, TimesAScanForTheClassThatAskedForIt) {
  for (const int32_t access : {VSAPI_ACCESS_ON_DEMAND, VSAPI_ACCESS_TRANSPORT}) {
    Start();
    Open(store_->Put("item", "harmless"), access);
    for (int32_t each = VSAPI_ACCESS_ON_DEMAND; each <= VSAPI_ACCESS_BACKGROUND; ++each)
      EXPECT_EQ(CountsOf(each), each == access ? Counts({1, 1, 1}) : Counts({0, 0, 0}));
  }
}

TEST_F(TimingTest, TimesWhatNobodyWaitsForFromItsSubmission) {
  Start();
  engine_->Submitted(store_->Put("item", "harmless"));
  EXPECT_TRUE(Eventually([&] { return CountsOf(VSAPI_ACCESS_PROACTIVE) == Counts({1, 1, 1}); }));
}

TEST_F(TimingTest, TimesBackgroundScanning) {
  Start("good", {{"BackgroundScanning", "1"}});
  store_->Put("item", "harmless");
  engine_->Reload();
  EXPECT_TRUE(Eventually([&] { return CountsOf(VSAPI_ACCESS_BACKGROUND) == Counts({1, 1, 1}); }));
}

TEST_F(TimingTest, TimesAPromotedScanForTheClientThatCame) {
  Start();
  HoldLowThreads();
  const Item item = store_->Put("item", "harmless");
  engine_->Submitted(item);
  Open(item);
  EXPECT_EQ(CountsOf(VSAPI_ACCESS_ON_DEMAND), Counts({1, 1, 1}));
}

TEST_F(TimingTest, HasNothingToTimeWhereTheStampIsCurrent) {
  Start();
  Open(store_->Put("item", "harmless"));
  engine_->Flush(store_->mdb());
  Open(store_->ItemOf("item"));
  EXPECT_EQ(CountsOf(VSAPI_ACCESS_ON_DEMAND), Counts({1, 1, 1}));
}

TEST_F(TimingTest, CountsAMessageAsOneWaitAndItsPartsAsScans) {
  Start();
  const std::vector<Item> parts = {store_->Put("1", "one"), store_->Put("2", "two")};
  engine_->OpenMessage(parts);
  EXPECT_EQ(CountsOf(VSAPI_ACCESS_ON_DEMAND), Counts({2, 2, 1}));
}

TEST_F(TimingTest, CountsAWaitThatComesToItsEndBeforeTheScan) {
  Start();
  auto client = OpenLater(store_->Put("item", "GATE"), {.timeout = std::chrono::milliseconds(1)});
  EXPECT_EQ(Get(client).reason, VSAPI_REASON_TIMED_OUT);
  EXPECT_EQ(CountsOf(VSAPI_ACCESS_ON_DEMAND), Counts({0, 0, 1}));
  EXPECT_GE(Find("Total Wait", VSAPI_ACCESS_ON_DEMAND).sum_ns, 1'000'000u);
}

TEST_F(TimingTest, TimesAllTriesOfAVendorThatIsBusyAtFirst) {
  Start("busy", {}, "times=2");
  Open(store_->Put("item", "BUSY"));
  EXPECT_EQ(CountsOf(VSAPI_ACCESS_ON_DEMAND), Counts({1, 1, 1}));
}

TEST_F(TimingTest, SumsUpInTheCountersToo) {
  Start("hang", {{"VendorTimeout", "1"}});
  Open(store_->Put("item", "HANG"));
  EXPECT_GE(Count("Vendor Nanoseconds"), 1'000'000'000u);
  EXPECT_EQ(Find("Vendor Time", VSAPI_ACCESS_ON_DEMAND).sum_ns, Count("Vendor Nanoseconds"));
}

}  // namespace
}  // namespace vsapi::test
