// SPDX-License-Identifier: Apache-2.0
//
// Takes the first read of a content for all of it.
#include "test_vendor.h"

namespace vsapi::test_vendor {

static int32_t ScanFirstRead(vsapi_vendor*, vsapi_session*, const vsapi_scan_request* request,
                             vsapi_scan_result* result) {
  std::string content(request->size, '\0');
  size_t got = 0;
  const int32_t status = request->calls->read(request, 0, content.data(), content.size(), &got);
  if (status != VSAPI_OK) return status;
  content.resize(got);
  return Judge(content, result);
}

constexpr vsapi_vendor_table kTable = [] {
  vsapi_vendor_table table = kGoodTable;
  table.scan = ScanFirstRead;
  return table;
}();

}  // namespace vsapi::test_vendor

VSAPI_TEST_VENDOR("BelievesShortReadsVendor", 0, vsapi::test_vendor::kTable);
