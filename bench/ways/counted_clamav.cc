// SPDX-License-Identifier: Apache-2.0
//
// The libclamav vendor as it is, but that each scan leaves a line in a file: the one place where
// all ways to protect a store are counted alike. Everything else goes straight to the vendor's own
// table.
//
// Thread safety: as the vendor's.
#include <dlfcn.h>
#include <fcntl.h>
#include <openssl/sha.h>
#include <unistd.h>
#include <vsapi/abi/vsapi_vendor.h>

#include <chrono>
#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "call_log.h"

namespace {

// What an instance had before its scans were counted.
struct Counted {
  vsapi_vendor_table table;            // the vendor's, but for our own functions
  const vsapi_vendor_table* original;  // constant while the instance lives
  std::string level;                   // one instance is one level of definitions
};

std::mutex g_mutex;
std::map<const vsapi_vendor*, std::unique_ptr<Counted>> g_counted;  // by g_mutex

// The engine's own tests of a new instance have no number.
bool IsOfAStore(const vsapi_scan_request& request) { return request.number != 0; }

std::string WholeOf(const vsapi_scan_request& request) {
  if (request.data) return {static_cast<const char*>(request.data), request.size};
  std::string whole(request.size, '\0');
  for (size_t at = 0, got = 1; at < whole.size() && got > 0; at += got)
    if (request.calls->read(&request, at, whole.data() + at, whole.size() - at, &got) != VSAPI_OK)
      return {};
  return whole;
}

// One write: a line is whole whoever else writes.
void Note(const vsapi_scan_request& request, const std::string& level, bool clean) {
  static const int file =
      open(std::getenv(store_sim::ways::kCallLogVariable), O_WRONLY | O_APPEND | O_CLOEXEC);
  const std::string whole = WholeOf(request);
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(whole.data()), whole.size(), digest);
  std::string line;
  for (const unsigned char byte : digest) {
    constexpr char kHex[] = "0123456789abcdef";
    line += {kHex[byte >> 4], kHex[byte & 15]};
  }
  line += " " + level + " " + std::to_string(request.size) + (clean ? " 1\n" : " 0\n");
  if (write(file, line.data(), line.size()) != static_cast<ssize_t>(line.size())) std::abort();
}

const Counted& CountedOf(const vsapi_vendor* vendor) {
  const std::lock_guard lock(g_mutex);
  return *g_counted.at(vendor);
}

int32_t Scan(vsapi_vendor* vendor, vsapi_session* session, const vsapi_scan_request* request,
             vsapi_scan_result* result) {
  const Counted& counted = CountedOf(vendor);
  const int32_t status = counted.original->scan(vendor, session, request, result);
  const bool clean = status == VSAPI_OK && result->verdict == VSAPI_VERDICT_CLEAN;
  if (IsOfAStore(*request)) Note(*request, counted.level, clean);
  return status;
}

void Destroy(vsapi_vendor* vendor) {
  std::unique_ptr<Counted> counted;
  {
    const std::lock_guard lock(g_mutex);
    counted = std::move(g_counted.extract(vendor).mapped());
  }
  counted->original->destroy(vendor);
}

const vsapi_entry* ClamavEntry() {
  void* const library = dlopen(VSAPI_BENCH_CLAMAV, RTLD_NOW | RTLD_LOCAL);
  return library ? static_cast<const vsapi_entry*>(dlsym(library, VSAPI_ENTRY_SYMBOL)) : nullptr;
}

int32_t Create(const vsapi_create* how, vsapi_vendor** vendor) {
  static const vsapi_entry* const entry = ClamavEntry();
  if (!entry) return VSAPI_E_INTERNAL;
  if (const int32_t status = entry->create(how, vendor); status != VSAPI_OK) return status;
  auto counted = std::make_unique<Counted>();
  counted->original = (*vendor)->table;
  counted->table = *counted->original;
  counted->table.scan = Scan;
  counted->table.destroy = Destroy;
  // Each instance has a copy of this library to itself, so nothing can be counted here.
  counted->level = std::to_string(std::chrono::steady_clock::now().time_since_epoch().count());
  (*vendor)->table = &counted->table;
  const std::lock_guard lock(g_mutex);
  g_counted[*vendor] = std::move(counted);
  return VSAPI_OK;
}

constexpr vsapi_vendor_info kInfo = {sizeof(vsapi_vendor_info), VSAPI_VENDOR_KEEP_RESIDENT,
                                     "BenchCountedClamAV", "vsapi_clamav.so, its scans counted", 1};

}  // namespace

VSAPI_EXPORT_ENTRY = {sizeof(vsapi_entry), VSAPI_ABI_MAJOR, VSAPI_ABI_MINOR, &kInfo, Create};
