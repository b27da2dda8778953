// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/message_tally: each message once.
#include "message_tally.h"

#include <gtest/gtest.h>

namespace vsapi::engine {
namespace {

class MessageTallyTest : public ::testing::Test {
 protected:
  void Count(uint64_t message, uint32_t mdb = 1, uint64_t generation = 1,
             Counter counter = Counter::kMessagesProcessed) {
    vsapi_item item = {};
    item.mdb = mdb;
    item.message = message;
    tally_.Count(counter, item, generation);
  }
  uint64_t counted(Counter counter = Counter::kMessagesProcessed) const {
    return counters_.Sum(counter);
  }

  Counters counters_;
  MessageTally tally_{counters_};
};

TEST_F(MessageTallyTest, CountsAMessageOnce) {
  for (int part = 0; part < 3; ++part) Count(7);
  EXPECT_EQ(counted(), 1u);
}

TEST_F(MessageTallyTest, CountsAMessageOnceAlthoughOthersCameBetween) {
  for (int part = 0; part < 3; ++part)
    for (const uint64_t message : {7, 8, 9}) Count(message);
  EXPECT_EQ(counted(), 3u);
}

TEST_F(MessageTallyTest, KeepsMessagesOfOtherMdbsApart) {
  Count(7, 1);
  Count(7, 2);
  EXPECT_EQ(counted(), 2u);
}

TEST_F(MessageTallyTest, CountsAMessageAgainThatALaterGenerationScans) {
  Count(7, 1, 1);
  Count(7, 1, 2);
  EXPECT_EQ(counted(), 2u);
}

TEST_F(MessageTallyTest, KeepsCountersApart) {
  Count(7);
  Count(7, 1, 1, Counter::kMessagesCleaned);
  EXPECT_EQ(counted(), 1u);
  EXPECT_EQ(counted(Counter::kMessagesCleaned), 1u);
}

TEST_F(MessageTallyTest, CountsNothingForWhoeverTellsNoMessage) {
  Count(0);
  EXPECT_EQ(counted(), 0u);
}

}  // namespace
}  // namespace vsapi::engine
