// SPDX-License-Identifier: Apache-2.0
//
// What the tests of taking messages apart share.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "mime_parts.h"

namespace store_sim {

inline std::vector<std::string> Paths(const TakenApart& message) {
  std::vector<std::string> paths;
  for (const Part& part : message.parts) paths.push_back(part.path);
  return paths;
}

// Such a message is scanned whole, as part 0.
inline void ExpectNotCovered(const std::string& raw, const std::string& reason) {
  const TakenApart message = TakeApart(raw);
  EXPECT_FALSE(message.covered) << raw.substr(0, 400);
  EXPECT_THAT(message.unclean_reason, ::testing::HasSubstr(reason));
  ASSERT_FALSE(message.parts.empty());
  EXPECT_EQ(message.parts.front().path, "0");
}

}  // namespace store_sim
