// SPDX-License-Identifier: Apache-2.0
//
// The specification of spool.
#include "spool.h"

#include <gtest/gtest.h>

#include "error.h"
#include "samples/store_sim/temp_folder.h"

namespace store_milter {
namespace {

using store_sim::TempFolder;

TEST(Spool, GivesBackWhatWasPutIn) {
  const TempFolder folder;
  const Spool::Options options = {.folder = folder.path()};
  for (const size_t pieces : {0u, 1u, 15u, 16u, 17u, 100u}) {
    Spool spool(options);
    std::string all;
    for (size_t piece = 0; piece < pieces; ++piece) {
      const std::string bytes(Spool::kInMemory / 16, static_cast<char>(piece));
      spool.Append(bytes);
      all += bytes;
    }
    EXPECT_TRUE(spool.Take() == all) << pieces;
  }
}

TEST(Spool, LeavesNothingBehindThatAnybodySees) {
  const TempFolder folder;
  const Spool::Options options = {.folder = folder.path()};
  Spool spool(options);
  spool.Append(std::string(3 * Spool::kInMemory, 'x'));
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Spool, HoldsNoMoreThanTheLargestSize) {
  const Spool::Options options = {.folder = "/no/such/folder", .largest = 10};
  Spool spool(options);
  spool.Append("0123456789");
  EXPECT_FALSE(spool.is_too_large());
  spool.Append("0");
  EXPECT_TRUE(spool.is_too_large());
  spool.Append(std::string(2 * Spool::kInMemory, 'x'));  // and so needs no folder
  EXPECT_TRUE(spool.is_too_large());
}

TEST(Spool, SaysWhichFolderFails) {
  const Spool::Options options = {.folder = "/no/such/folder"};
  Spool spool(options);
  EXPECT_THROW(spool.Append(std::string(Spool::kInMemory + 1, 'x')), store_sim::Error);
}

}  // namespace
}  // namespace store_milter
