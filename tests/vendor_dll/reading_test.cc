// SPDX-License-Identifier: Apache-2.0
//
// How our vendors read content, and that they judge nothing that they have not read to its end.
#include "any_vendor.h"

namespace vsapi::test {
namespace {

constexpr size_t kKiB = 1024;
constexpr size_t kMiB = kKiB * kKiB;

class VendorReading : public AnyVendor {};
VSAPI_FOR_EACH_VENDOR(VendorReading);

TEST_P(VendorReading, PutsShortReadsTogether) {
  StartedVendor vendor = Started(Shipped());
  const Outcome outcome =
      vendor.Scan(Script{.content = Eicar(), .in_memory = false, .longest_read = 7});
  EXPECT_THAT(outcome, IsEicar());
  EXPECT_GE(outcome.reads, Eicar().size() / 7);
}

TEST_P(VendorReading, JudgesNothingThatCouldNotBeReadToItsEnd) {
  StartedVendor vendor = Started(Shipped());
  const Script broken{
      .content = Eicar() + Noise(10'000), .in_memory = false, .read_fails_at = 5000};
  EXPECT_THAT(vendor.Scan(broken), FailsWith(VSAPI_E_READ_FAILED));
  Script cancelled = broken;
  cancelled.read_failure = VSAPI_E_CANCELLED;
  EXPECT_THAT(vendor.Scan(cancelled), FailsWith(VSAPI_E_CANCELLED));
  const Script shrunk{.content = Eicar(), .in_memory = false, .declared_size = 500};
  EXPECT_THAT(vendor.Scan(shrunk), FailsWith(VSAPI_E_READ_FAILED));
}

TEST_P(VendorReading, ReusesItsBufferWithoutMixingContents) {
  StartedVendor vendor = Started(Shipped());
  const Script large{.content = Eicar() + Noise(9 * kMiB), .in_memory = false};
  const Script small{.content = "a short text that is harmless", .in_memory = false};
  for (int round = 0; round < 2; ++round) {
    EXPECT_THAT(vendor.Scan(large), IsEicar());
    EXPECT_THAT(vendor.Scan(small), IsClean());
  }
}

TEST_P(VendorReading, StopsWhenTheBudgetRunsOutOrTheScanIsCancelled) {
  StartedVendor vendor = Started(Shipped());
  const Script slow{.content = Eicar(), .in_memory = false, .longest_read = 1};
  Script expired = slow, cancelled = slow;
  expired.expired_after = cancelled.cancelled_after = 9;
  for (const auto& [script, status] :
       {std::pair{expired, VSAPI_E_TIMEOUT}, std::pair{cancelled, VSAPI_E_CANCELLED}}) {
    const Outcome outcome = vendor.Scan(script);
    EXPECT_THAT(outcome, FailsWith(status));
    EXPECT_LT(outcome.reads, 10u);
  }
}

TEST_P(VendorReading, JudgesNothingThatWasCancelledBeforeItBegan) {
  StartedVendor vendor = Started(Shipped());
  EXPECT_THAT(vendor.Scan(Script{.content = Eicar(), .cancelled_after = 0}),
              FailsWith(VSAPI_E_CANCELLED));
  EXPECT_THAT(vendor.Scan(Script{.content = Eicar(), .expired_after = 0}),
              FailsWith(VSAPI_E_TIMEOUT));
}

TEST_P(VendorReading, IsNotBegunForContentAboveTheLimit) {
  StartedVendor vendor = Started(Shipped(GetParam().size_key + "=64K"));
  std::string content = Eicar();
  content.resize(64 * kKiB, ' ');
  EXPECT_THAT(vendor.Scan(content), IsEicar());
  const Outcome outcome = vendor.Scan(Script{.content = content + ' ', .in_memory = false});
  EXPECT_THAT(outcome, Says(VSAPI_VERDICT_OVER_LIMIT));
  ASSERT_EQ(outcome.findings.size(), 1u);
  EXPECT_EQ(outcome.findings[0].kind, VSAPI_FINDING_LIMIT);
  EXPECT_EQ(outcome.reads, 0u);
}

}  // namespace
}  // namespace vsapi::test
