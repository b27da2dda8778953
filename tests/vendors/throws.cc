// SPDX-License-Identifier: Apache-2.0
//
// Lets an exception out of scan on content with the word THROW.
#include <stdexcept>

#include "test_vendor.h"

namespace vsapi::test_vendor {

static int32_t Misjudge(Instance& self, const vsapi_scan_request* request,
                        const std::string& content, vsapi_scan_result* result) {
  if (Has(content, "THROW")) throw std::runtime_error("nobody catches this");
  return JudgeWell(self, request, content, result);
}

// Not ScanBy: the session must be free again for the next scan.
static int32_t ScanAndThrow(vsapi_vendor* vendor, vsapi_session*, const vsapi_scan_request* request,
                            vsapi_scan_result* result) {
  std::string content;
  const int32_t status = ReadAll(request, &content);
  return status == VSAPI_OK ? Misjudge(Self(vendor), request, content, result) : status;
}

constexpr vsapi_vendor_table kTable = [] {
  vsapi_vendor_table table = kGoodTable;
  table.scan = ScanAndThrow;
  return table;
}();

}  // namespace vsapi::test_vendor

VSAPI_TEST_VENDOR("ThrowsVendor", 0, vsapi::test_vendor::kTable);
