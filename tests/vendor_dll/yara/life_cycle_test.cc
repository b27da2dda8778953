// SPDX-License-Identifier: Apache-2.0
//
// The libyara vendor is unmapped when nobody needs it any more; the rest of its life cycle is in
// ../life_cycle_test.cc.
#include <dlfcn.h>

#include <thread>

#include "yara_support.h"

namespace vsapi::test {
namespace {

bool IsMapped(const std::string& path) {
  void* handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_NOLOAD);
  if (handle) ::dlclose(handle);
  return handle != nullptr;
}

// A copy, since the other tests keep the DLL itself.
TEST(YaraVendor, CanBeLoadedAndUnloadedAgainAndAgain) {
  TestFolder folder;
  const std::string copy = folder.path() + "/copy.so";
  fs::copy_file(VSAPI_YARA_DLL, copy);
  for (int round = 0; round < 50; ++round) {
    {
      const LoadedVendor library(copy);
      VendorInstance vendor(library);
      ASSERT_EQ(vendor.Start(), VSAPI_OK) << vendor.LogText();
      std::jthread([&] { EXPECT_THAT(VendorSession(vendor).Scan(Eicar()), IsEicar()); }).join();
      EXPECT_TRUE(IsMapped(copy));
    }
    ASSERT_FALSE(IsMapped(copy)) << "round " << round;
  }
}

}  // namespace
}  // namespace vsapi::test
