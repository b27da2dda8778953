// SPDX-License-Identifier: Apache-2.0
//
// Never gives back a mebibyte for each content with the word LEAK. Mapped, not allocated, so that
// the leak checker of the test itself stays quiet.
#include <sys/mman.h>

#include "test_vendor.h"

namespace vsapi::test_vendor {

static int32_t Misjudge(Instance& self, const vsapi_scan_request* request,
                        const std::string& content, vsapi_scan_result* result) {
  constexpr size_t kLeakBytes = size_t{1} << 20;
  if (Has(content, "LEAK")) {
    void* leaked =
        mmap(nullptr, kLeakBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (leaked == MAP_FAILED) return VSAPI_E_NO_MEMORY;
    std::memset(leaked, 1, kLeakBytes);
  }
  return JudgeWell(self, request, content, result);
}

constexpr vsapi_vendor_table kTable = TableThatJudgesBy<Misjudge>();

}  // namespace vsapi::test_vendor

VSAPI_TEST_VENDOR("LeakVendor", 0, vsapi::test_vendor::kTable);
