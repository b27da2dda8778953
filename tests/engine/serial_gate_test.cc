// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/serial_gate, with vendors behind it that notice.
#include "serial_gate.h"

#include <optional>
#include <thread>

#include "vendor_proxy_fixture.h"

namespace vsapi::engine {
namespace {

class SerialGateTest : public VendorProxyTest {};

TEST(SerialGate, LetsTheHighLaneInFirstWhoeverCameFirst) {
  SerialGate gate;
  const std::atomic<bool> cancelled = false;
  std::vector<Lane> order;  // written inside the gate alone
  std::vector<std::thread> threads;
  std::optional<SerialGate::Pass> inside(std::in_place, &gate, Lane::kLow, cancelled);
  for (const Lane lane : {Lane::kLow, Lane::kLow, Lane::kHigh, Lane::kHigh}) {
    const size_t before = gate.waiting(lane);
    threads.emplace_back([&, lane] {
      const SerialGate::Pass pass(&gate, lane, cancelled);
      order.push_back(lane);
    });
    EXPECT_TRUE(test::Eventually([&] { return gate.waiting(lane) > before; }));
  }
  inside.reset();
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(order, ElementsAre(Lane::kHigh, Lane::kHigh, Lane::kLow, Lane::kLow));
}

TEST(SerialGate, StaysOpenForOthersWhenOneThatWaitsIsCancelled) {
  SerialGate gate;
  const std::atomic<bool> never = false;
  std::atomic<bool> cancelled = false;
  std::optional<SerialGate::Pass> inside(std::in_place, &gate, Lane::kHigh, never);
  std::thread leaves([&] {
    const SerialGate::Pass pass(&gate, Lane::kHigh, cancelled);
    EXPECT_FALSE(pass.is_in());
  });
  EXPECT_TRUE(test::Eventually([&] { return gate.waiting(Lane::kHigh) == 1; }));
  std::thread stays([&] { EXPECT_TRUE(SerialGate::Pass(&gate, Lane::kLow, never).is_in()); });
  EXPECT_TRUE(test::Eventually([&] { return gate.waiting(Lane::kLow) == 1; }));
  cancelled = true;
  inside.reset();
  leaves.join();
  stays.join();
}

TEST_F(SerialGateTest, LetsTheScansOfASerialVendorInOneByOne) {
  const auto vendor = Started("serial");
  std::vector<std::thread> threads;
  for (size_t session = 0; session < 2; ++session)
    threads.emplace_back([&, session] {
      for (int i = 0; i < 50; ++i) {
        ScriptedContent content("SERIAL");
        EXPECT_STREQ(Scan(*vendor, content, session, i % 2 == 0 ? Lane::kLow : Lane::kHigh).name(),
                     "Serial.Alone");
      }
    });
  for (std::thread& thread : threads) thread.join();
}

TEST_F(SerialGateTest, SendsAwayWhoIsCancelledBeforeASerialVendorLetsItIn) {
  test::VendorGate gate;
  const auto vendor = Started("serial", gate.parameters());
  std::thread inside([&] {
    ScriptedContent content("GATE");
    EXPECT_EQ(Scan(*vendor, content, 0).verdict, VSAPI_VERDICT_CLEAN);
  });
  gate.AwaitScan();
  ScriptedContent content("SERIAL");
  const std::atomic<bool> cancelled = true;
  EXPECT_EQ(vendor->Scan(1, {.content = content, .cancelled = cancelled}).status,
            VSAPI_E_CANCELLED);
  EXPECT_EQ(content.reads, 0);
  gate.Let();
  inside.join();
  EXPECT_STREQ(Scan(*vendor, content, 1).name(), "Serial.Alone");
}

TEST_F(SerialGateTest, LetsTheScansOfAParallelVendorInAtOnce) {
  test::VendorGate gate;
  const auto vendor = Started("good", gate.parameters());
  std::vector<std::thread> threads;
  for (size_t session = 0; session < 2; ++session)
    threads.emplace_back([&, session] {
      ScriptedContent content("GATE");
      EXPECT_EQ(Scan(*vendor, content, session).verdict, VSAPI_VERDICT_CLEAN);
    });
  gate.AwaitScan();
  gate.AwaitScan();  // both are inside
  gate.Let(2);
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace vsapi::engine
