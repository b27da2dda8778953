// SPDX-License-Identifier: GPL-2.0-only
#include "unpacking.h"

#include <memory>
#include <string_view>

namespace vsapi::clamav {
namespace {

// The zip holds one member, deflated.
constexpr std::string_view kMessage =
    "From: a@example.org\r\n"
    "MIME-Version: 1.0\r\n"
    "Content-Type: application/zip\r\n"
    "Content-Transfer-Encoding: base64\r\n\r\n"
    "UEsDBBQAAAAIAAAAIQA8z1FoRgAAAEQAAAABAAAAYYsw9VcMUHVwDIg2iQmIijA10QiI0zR3dtY0\r\n"
    "r1Vx9XR2DNINDnH0c3EMctF19AvxDPMMCg3WDXENDtF18/RxVVTx0PbQAgBQSwECFAMUAAAACAAA\r\n"
    "ACEAPM9RaEYAAABEAAAAAQAAAAAAAAAAAAAAgAEAAAAAYVBLBQYAAAAAAQABAC8AAABlAAAAAAA=\r\n";

}  // namespace

bool TakesMailApart(const cl_engine* engine) {
  const std::unique_ptr<cl_fmap_t, decltype(&cl_fmap_close)> map(
      cl_fmap_open_memory(kMessage.data(), kMessage.size()), cl_fmap_close);
  cl_scan_options options{};
  options.parse = CL_SCAN_PARSE_MAIL | CL_SCAN_PARSE_ARCHIVE;
  const char* name = nullptr;
  unsigned long scanned = 0;
  return map && cl_scanmap_callback(map.get(), nullptr, &name, &scanned, engine, &options,
                                    nullptr) == CL_VIRUS;
}

}  // namespace vsapi::clamav
