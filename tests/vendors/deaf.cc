// SPDX-License-Identifier: Apache-2.0
//
// Takes two seconds for content with the word DEAF, and never asks whether it should stop.
#include "test_vendor.h"

namespace vsapi::test_vendor {

static int32_t ReadHeedlessly(const vsapi_scan_request* request, std::string* content) {
  if (request->data != nullptr) return ReadAll(request, content);
  content->resize(request->size);
  for (size_t done = 0, got = 1; done < content->size(); done += got) {
    const int32_t status =
        request->calls->read(request, done, content->data() + done, content->size() - done, &got);
    if (status != VSAPI_OK) return status;
    if (got == 0) return VSAPI_E_READ_FAILED;
  }
  return VSAPI_OK;
}

static int32_t ScanHeedlessly(vsapi_vendor*, vsapi_session*, const vsapi_scan_request* request,
                              vsapi_scan_result* result) {
  std::string content;
  if (const int32_t status = ReadHeedlessly(request, &content); status != VSAPI_OK) return status;
  if (Has(content, "DEAF")) usleep(2'000'000);
  return Judge(content, result);
}

constexpr vsapi_vendor_table kTable = [] {
  vsapi_vendor_table table = kGoodTable;
  table.scan = ScanHeedlessly;
  return table;
}();

}  // namespace vsapi::test_vendor

VSAPI_TEST_VENDOR("DeafVendor", 0, vsapi::test_vendor::kTable);
