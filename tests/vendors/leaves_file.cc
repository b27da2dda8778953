// SPDX-License-Identifier: Apache-2.0
//
// Leaves a file in the temp folder.
#include <fcntl.h>

#include "test_vendor.h"

namespace vsapi::test_vendor {

static int32_t StartWithAFile(vsapi_vendor*) {
  const char* folder = std::getenv("TMPDIR");
  const std::string path = std::string(folder ? folder : "/tmp") + "/vsapi_left_behind";
  const int file = open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  if (file < 0) return VSAPI_E_INTERNAL;
  close(file);
  return VSAPI_OK;
}

constexpr vsapi_vendor_table kTable = [] {
  vsapi_vendor_table table = kGoodTable;
  table.start = StartWithAFile;
  return table;
}();

}  // namespace vsapi::test_vendor

VSAPI_TEST_VENDOR("LeavesFileVendor", 0, vsapi::test_vendor::kTable);
