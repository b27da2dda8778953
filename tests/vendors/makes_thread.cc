// SPDX-License-Identifier: Apache-2.0
//
// Leaves the reading of properties, for content with the word THREAD, to a thread that it makes: it
// makes one, and calls back on it.
#include <thread>

#include "test_vendor.h"

namespace vsapi::test_vendor {

static int32_t Misjudge(Instance& self, const vsapi_scan_request* request,
                        const std::string& content, vsapi_scan_result* result) {
  if (Has(content, "THREAD")) {
    int32_t ignored = 0;
    std::thread([&] { ignored = request->calls->is_cancelled(request); }).join();
  }
  return JudgeWell(self, request, content, result);
}

constexpr vsapi_vendor_table kTable = TableThatJudgesBy<Misjudge>();

}  // namespace vsapi::test_vendor

VSAPI_TEST_VENDOR("MakesThreadVendor", 0, vsapi::test_vendor::kTable);
