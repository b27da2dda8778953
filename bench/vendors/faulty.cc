// SPDX-License-Identifier: Apache-2.0
//
// The libclamav vendor with two faults that content can trigger, as a bug in one of its parsers
// would: the word VSAPI-BENCH-CRASH is a write to nowhere, VSAPI-BENCH-HANG never comes back and
// heeds no cancellation. It loads the other DLL and hands everything else on to it.
#include <dlfcn.h>
#include <unistd.h>
#include <vsapi/abi/vsapi_vendor.h>

#include <string_view>

namespace {

// Of the other DLL; set by Create, which the engine calls before anything else and on one thread.
const vsapi_vendor_table* theirs = nullptr;
vsapi_vendor_table ours = {};

bool Has(const vsapi_scan_request* request, std::string_view word) {
  if (request->data == nullptr) return false;
  const std::string_view content(static_cast<const char*>(request->data), request->size);
  return content.find(word) != std::string_view::npos;
}

int32_t VSAPI_CALL Scan(vsapi_vendor* vendor, vsapi_session* session,
                        const vsapi_scan_request* request, vsapi_scan_result* result) {
  if (Has(request, "VSAPI-BENCH-CRASH")) *static_cast<volatile int*>(nullptr) = 1;
  while (Has(request, "VSAPI-BENCH-HANG")) pause();
  return theirs->scan(vendor, session, request, result);
}

int32_t VSAPI_CALL Create(const vsapi_create* how, vsapi_vendor** vendor) {
  // Never closed: its code must stay while this one's does.
  void* const library = dlopen(VSAPI_BENCH_CLAMAV, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return VSAPI_E_INTERNAL;
  const auto* entry = static_cast<const vsapi_entry*>(dlsym(library, VSAPI_ENTRY_SYMBOL));
  const int32_t status = entry->create(how, vendor);
  if (status != VSAPI_OK) return status;
  theirs = (*vendor)->table;
  ours = *theirs;
  ours.scan = Scan;
  (*vendor)->table = &ours;
  return VSAPI_OK;
}

constexpr vsapi_vendor_info kInfo = {sizeof(vsapi_vendor_info), VSAPI_VENDOR_KEEP_RESIDENT,
                                     "BenchFaulty", "libclamav with faults, for benchmarks", 1};

}  // namespace

VSAPI_EXPORT_ENTRY = {sizeof(vsapi_entry), VSAPI_ABI_MAJOR, VSAPI_ABI_MINOR, &kInfo, Create};
