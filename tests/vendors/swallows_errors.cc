// SPDX-License-Identifier: Apache-2.0
//
// Judges what it got to read, whether or not that was all.
#include "test_vendor.h"

namespace vsapi::test_vendor {

static int32_t ScanWhatComes(vsapi_vendor*, vsapi_session*, const vsapi_scan_request* request,
                             vsapi_scan_result* result) {
  std::string content;
  ReadAll(request, &content);
  return Judge(content, result);
}

constexpr vsapi_vendor_table kTable = [] {
  vsapi_vendor_table table = kGoodTable;
  table.scan = ScanWhatComes;
  return table;
}();

}  // namespace vsapi::test_vendor

VSAPI_TEST_VENDOR("SwallowsErrorsVendor", 0, vsapi::test_vendor::kTable);
