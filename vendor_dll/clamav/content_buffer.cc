// SPDX-License-Identifier: GPL-2.0-only
#include "content_buffer.h"

#include <algorithm>
#include <bit>

#include "may_go_on.h"

namespace vsapi::clamav {
namespace {

constexpr size_t kSmallest = size_t{64} << 10;
constexpr size_t kKept = size_t{4} << 20;

// A content that ends before its size did not come whole, and is not judged.
int32_t ReadOnce(const vsapi_scan_request& request, char* buffer, size_t offset, size_t* got) {
  if (const int32_t status = MayGoOn(request); status != VSAPI_OK) return status;
  const size_t wanted = static_cast<size_t>(request.size) - offset;
  *got = 0;
  const int32_t status = request.calls->read(&request, offset, buffer + offset, wanted, got);
  if (status == VSAPI_E_CANCELLED) return status;
  if (status != VSAPI_OK || *got == 0) return VSAPI_E_READ_FAILED;
  return *got > wanted ? VSAPI_E_CONTRACT : VSAPI_OK;
}

}  // namespace

int32_t ContentBuffer::Fetch(const vsapi_scan_request& request, std::string_view* content) {
  const auto size = static_cast<size_t>(request.size);
  if (request.data) {
    *content = {static_cast<const char*>(request.data), size};
    return VSAPI_OK;
  }
  Reserve(size);
  for (size_t offset = 0, got = 0; offset < size; offset += got) {
    if (const int32_t status = ReadOnce(request, bytes_.get(), offset, &got); status != VSAPI_OK)
      return status;
  }
  *content = {bytes_.get(), size};
  return VSAPI_OK;
}

void ContentBuffer::Reserve(size_t size) {
  if (size <= capacity_) return;
  const size_t larger = std::max(kSmallest, std::bit_ceil(size));
  bytes_.reset();
  capacity_ = 0;
  bytes_ = std::make_unique_for_overwrite<char[]>(larger);
  capacity_ = larger;
}

void ContentBuffer::Trim() {
  if (capacity_ <= kKept) return;
  bytes_.reset();
  capacity_ = 0;
}

}  // namespace vsapi::clamav
