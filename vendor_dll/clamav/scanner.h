// SPDX-License-Identifier: GPL-2.0-only
//
// One scan, with the guards that libclamav needs. It fails open: a missing temp folder, a full
// disk, no descriptors, an exceeded limit all come back as "clean". So "clean" is believed only if
//
//   1. there were descriptors and room for temporary files before the scan,
//   2. every content of more than five bytes was seen by the layer callback at least once,
//   3. libclamav logged no error while it scanned,
//   4. its return code says clean, and no limit, encryption or time alert was raised,
//   5. nothing was met that libclamav passes over (unopenable.h), could not unpack (containers.h)
//      or cut off at a limit,
//   6. what starts like a message was taken apart as one.
//
// A scanner is what a session holds: one scan at a time, any thread.
#ifndef VSAPI_VENDOR_DLL_CLAMAV_SCANNER_H_
#define VSAPI_VENDOR_DLL_CLAMAV_SCANNER_H_

#include <clamav.h>
#include <vsapi/abi/scan.h>

#include <string_view>

#include "content_buffer.h"

namespace vsapi::clamav {

class Detector;

// libclamav's callbacks, for ClamEngine to set. Their context is the scan's.
cl_error_t OnLayer(int fd, const char* type, void* context);
cl_error_t OnLayerContent(int fd, const char* type, const char** ancestors, size_t parent_size,
                          const char* name, size_t size, const char* bytes, uint32_t depth,
                          uint32_t attributes, void* context);
cl_error_t OnMember(const char* type, unsigned long packed_size, const char* name,
                    unsigned long size, int encrypted, unsigned int position, void* context);
void OnFound(int fd, const char* name, void* context);

class Scanner {
 public:
  explicit Scanner(Detector& detector) : detector_(detector) {}

  // As vsapi_vendor_table::scan.
  int32_t Scan(const vsapi_scan_request& request, vsapi_scan_result& result);

 private:
  int32_t ScanContent(const vsapi_scan_request& request, vsapi_scan_result& result);

  Detector& detector_;
  ContentBuffer buffer_;
};

}  // namespace vsapi::clamav

#endif  // VSAPI_VENDOR_DLL_CLAMAV_SCANNER_H_
