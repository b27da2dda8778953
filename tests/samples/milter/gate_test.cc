// SPDX-License-Identifier: Apache-2.0
//
// The specification of gate.
#include "gate.h"

#include <gtest/gtest.h>

#include <thread>

namespace store_milter {
namespace {

constexpr std::chrono::seconds kLong{60};

TEST(Gate, LetsNobodyInOnceItIsClosed) {
  Gate gate;
  EXPECT_TRUE(gate.Enter());
  gate.Leave();
  EXPECT_TRUE(gate.Close(kLong));
  EXPECT_FALSE(gate.Enter());
}

TEST(Gate, WaitsForWhoIsInside) {
  Gate gate;
  bool has_left = false;
  ASSERT_TRUE(gate.Enter());
  std::thread inside([&] {
    has_left = true;
    gate.Leave();
  });
  EXPECT_TRUE(gate.Close(kLong));
  EXPECT_TRUE(has_left);
  inside.join();
}

TEST(Gate, SaysWhenSomebodyStays) {
  Gate gate;
  ASSERT_TRUE(gate.Enter());
  EXPECT_FALSE(gate.Close(std::chrono::seconds(0)));
}

}  // namespace
}  // namespace store_milter
