// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/platform_process, what it says of shared memory, that who has it
// too can neither shrink it nor keep it from growing, and of temp folders.
#include "platform_process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "support/test_folder.h"

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

TEST(TempFolder, IsRemovedIfItsProcessMayHaveMadeItAndNothingElseIs) {
  namespace fs = std::filesystem;
  const test::TestFolder place;
  setenv("TMPDIR", place.path().c_str(), 1);
  const fs::path own = fs::path(place.path()) / "vsapi-worker-7-abcdef";
  const fs::path others = fs::path(place.path()) / "vsapi-worker-71-abcdef";
  const fs::path file = fs::path(place.path()) / "vsapi-worker-7-a_file";
  fs::create_directories(own);
  fs::create_directories(others);
  place.Write(file.filename(), "");
  for (const fs::path& path : {others, file, own / ".." / others.filename(), fs::path()})
    RemoveTempFolder(path, 7);
  EXPECT_TRUE(fs::exists(others));
  EXPECT_TRUE(fs::exists(file));
  RemoveTempFolder(own, 7);
  EXPECT_FALSE(fs::exists(own));
  unsetenv("TMPDIR");
}

}  // namespace
}  // namespace vsapi::engine::platform
