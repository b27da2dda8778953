// SPDX-License-Identifier: Apache-2.0
//
// Leaves a file descriptor open for each content with the word DESCRIPTOR, up to as many as no
// process needs to have left.
#include <fcntl.h>

#include <atomic>

#include "test_vendor.h"

namespace vsapi::test_vendor {

static std::atomic<int> leaks_left = 5000;

static int32_t Misjudge(Instance& self, const vsapi_scan_request* request,
                        const std::string& content, vsapi_scan_result* result) {
  if (Has(content, "DESCRIPTOR") && leaks_left-- > 0 && open("/dev/null", O_RDONLY | O_CLOEXEC) < 0)
    return VSAPI_E_BUSY;
  return JudgeWell(self, request, content, result);
}

constexpr vsapi_vendor_table kTable = TableThatJudgesBy<Misjudge>();

}  // namespace vsapi::test_vendor

VSAPI_TEST_VENDOR("LeaksDescriptorVendor", 0, vsapi::test_vendor::kTable);
