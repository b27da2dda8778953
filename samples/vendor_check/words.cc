// SPDX-License-Identifier: Apache-2.0
#include "words.h"

#include <vsapi/abi/vsapi_vendor.h>

#include <cstdio>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>

namespace vendor_check {
namespace {

const std::map<int32_t, const char*>& Statuses() {
  static const std::map<int32_t, const char*> names = {{VSAPI_OK, "ok"},
                                                       {VSAPI_E_BUSY, "busy"},
                                                       {VSAPI_E_READ_FAILED, "read failed"},
                                                       {VSAPI_E_TIMEOUT, "timeout"},
                                                       {VSAPI_E_CANCELLED, "cancelled"},
                                                       {VSAPI_E_INTERNAL, "internal"},
                                                       {VSAPI_E_CONTRACT, "contract"},
                                                       {VSAPI_E_NO_MEMORY, "no memory"},
                                                       {VSAPI_E_ABSENT, "absent"},
                                                       {VSAPI_E_ARGUMENT, "argument"},
                                                       {VSAPI_E_CHANGED, "changed"},
                                                       {VSAPI_E_GONE, "gone"},
                                                       {VSAPI_E_STATE, "state"}};
  return names;
}

constexpr const char* kVerdicts[] = {"none",      "clean",      "clean-permanent", "cleaned",
                                     "infected",  "suspicious", "blocked",         "delete-message",
                                     "encrypted", "over-limit", "malformed",       "unsupported"};

}  // namespace

std::string StatusName(int32_t status) {
  return IsKnownStatus(status) ? Statuses().at(status) : std::to_string(status);
}

std::string VerdictName(int32_t verdict) {
  return IsKnownVerdict(verdict) ? kVerdicts[verdict] : std::to_string(verdict);
}

bool IsKnownStatus(int32_t status) { return Statuses().contains(status); }

bool IsKnownVerdict(int32_t verdict) {
  return verdict >= 0 && verdict < static_cast<int32_t>(std::size(kVerdicts));
}

bool IsClean(int32_t verdict) {
  return verdict == VSAPI_VERDICT_CLEAN || verdict == VSAPI_VERDICT_CLEAN_PERMANENT;
}

// The library refuses to write out what is no UTF-8: the strictest reader at hand.
bool IsUtf8(const std::string& text) try {
  nlohmann::json(text).dump();
  return true;
} catch (const nlohmann::json::type_error&) {
  return false;
}

std::string Quoted(std::string_view text) {
  constexpr size_t kLongest = 60;
  std::string quoted = "\"";
  for (const char c : text.substr(0, kLongest)) {
    const auto byte = static_cast<unsigned char>(c);
    char escaped[5];
    std::snprintf(escaped, sizeof escaped, "\\x%02x", unsigned{byte});
    quoted += byte >= ' ' && byte < 0x7f ? std::string(1, c) : escaped;
  }
  return quoted + (text.size() > kLongest ? "...\"" : "\"");
}

std::string InMebibytes(int64_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f MiB", static_cast<double>(bytes) / (1 << 20));
  return text;
}

std::string InMilliseconds(std::chrono::nanoseconds duration) {
  using std::chrono::milliseconds;
  return std::to_string(std::chrono::duration_cast<milliseconds>(duration).count()) + " ms";
}

}  // namespace vendor_check
