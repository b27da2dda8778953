// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/vendor_times, and of how the proxy takes them.
#include "vendor_times.h"

#include <map>

#include "vendor_proxy_fixture.h"

namespace vsapi::engine {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Field;

// It goes on by one step each time it is looked at: so long every call takes.
class SteppingClock final : public Clock {
 public:
  TimePoint Now() const override { return TimePoint(now_ += step); }
  int64_t WallNs() const override { return 0; }
  void WaitUntil(CondVar&, Mutex&, TimePoint) override {}
  void Sleep(const std::atomic<uint32_t>&, uint32_t, TimePoint) override {}

  Duration step = std::chrono::milliseconds(1);

 private:
  mutable Duration now_ = std::chrono::hours(1);
};

// A whole life of a vendor with every extension.
class VendorTimesTest : public VendorProxyTest {
 protected:
  VendorTimesTest() { clock_of_vendors_ = &steps_; }

  void LiveALife() {
    const auto vendor = Started("good", "version=42;digest=abc");
    VendorProxy::Signatures signatures;
    std::string sample;
    ScriptedContent content("harmless");
    vendor->ReadSignatures(signatures, problem_);
    vendor->HasNewerSignatures();
    vendor->ReadPositiveSample(sample, problem_);
    vendor->TestScan({.content = content, .cancelled = cancelled_, .budget = seconds(60)});
  }
  VendorTimes::Times Of(ControlCall call) const { return times_.Of(call, TimePoint()); }

  SteppingClock steps_;
};

TEST_F(VendorTimesTest, AreTakenOfEveryControlCall) {
  LiveALife();
  for (size_t i = 0; i < kControlCalls; ++i) {
    const auto call = static_cast<ControlCall>(i);
    EXPECT_GT(Of(call).calls, 0u) << NameOf(call);
    EXPECT_GE(Of(call).last, steps_.step) << NameOf(call);
    EXPECT_EQ(Of(call).running, Duration{}) << NameOf(call);
  }
  EXPECT_EQ(Of(ControlCall::kOpenSession).calls, 2u);
  EXPECT_EQ(Of(ControlCall::kCloseSession).calls, 2u);
  EXPECT_THAT(Events(), IsEmpty());
}

TEST_F(VendorTimesTest, AreThoseOfTheLastAndTheLongestOverAllInstances) {
  steps_.step = seconds(2);
  LiveALife();
  steps_.step = seconds(1);
  LiveALife();
  EXPECT_EQ(Of(ControlCall::kStop).calls, 2u);
  EXPECT_EQ(Of(ControlCall::kStop).last, seconds(1));
  EXPECT_EQ(Of(ControlCall::kStop).longest, seconds(2));
}

TEST_F(VendorTimesTest, LeaveScansAlone) {
  const auto vendor = Started("good");
  const uint64_t before = Of(ControlCall::kSelfTest).calls;
  ScanText(*vendor, "harmless");
  EXPECT_EQ(Of(ControlCall::kSelfTest).calls, before);
}

TEST_F(VendorTimesTest, ThatAreTooLongAreToldWithVendorAndCall) {
  steps_.step = seconds(6);
  LiveALife();
  std::map<std::string, std::string> slow;
  for (const auto& event : Events())
    if (event.id == EventId::kVendorSlow) slow[event.fields.at("call")] = event.text;
  EXPECT_EQ(slow.at("poll"),
            "GoodVendor took 6000 ms for poll, more than 5000 ms: changed settings and newer "
            "definitions waited meanwhile");
  EXPECT_TRUE(slow.contains("stop"));
  EXPECT_FALSE(slow.contains("start")) << "to load definitions may take as long";
}

TEST_F(VendorTimesTest, TellOfASlowStart) {
  steps_.step = seconds(121);
  LiveALife();
  EXPECT_THAT(
      Events(),
      Contains(AllOf(Field(&test::RecordedEvent::id, EventId::kVendorSlow),
                     Field(&test::RecordedEvent::text, HasSubstr("took 121000 ms for start")))));
}

TEST_F(VendorTimesTest, TellSinceWhenACallIsUnderWay) {
  const TimePoint begin(seconds(1000));
  times_.Begin(ControlCall::kStart, begin);
  EXPECT_EQ(times_.Of(ControlCall::kStart, begin + seconds(7)).running, seconds(7));
  EXPECT_EQ(times_.End(ControlCall::kStart, begin + seconds(8)), seconds(8));
  EXPECT_EQ(times_.Of(ControlCall::kStart, begin + seconds(9)).running, Duration{});
}

}  // namespace
}  // namespace vsapi::engine
