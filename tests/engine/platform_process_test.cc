// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/platform_process, what it says of shared memory: who has it too can
// neither shrink it nor keep it from growing.
#include "platform_process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace vsapi::engine::platform {
namespace {

TEST(SharedMemory, IsSealedByNobodyElse) {
  Failure failure;
  auto memory = SharedMemory::Create("test", 1 << 20, failure);
  ASSERT_TRUE(memory) << failure.text;
  ASSERT_TRUE(memory->GrowTo(4096, failure));
  for (const int seal : {F_SEAL_GROW, F_SEAL_FUTURE_WRITE})
    EXPECT_NE(fcntl(memory->handle(), F_ADD_SEALS, seal), 0) << seal;
  EXPECT_NE(ftruncate(memory->handle(), 0), 0);
  EXPECT_TRUE(memory->GrowTo(8192, failure)) << failure.text;
}

}  // namespace
}  // namespace vsapi::engine::platform
