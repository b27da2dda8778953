// SPDX-License-Identifier: Apache-2.0
//
// The header of a message that says it was scanned elsewhere. Who has not the key makes no stamp
// that counts; one of ours counts, whatever stands behind it; and what somebody with the key has
// signed is read as it is written, or not at all. The bytes are the vendor's name, a zero, and the
// header, or what is signed.
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cstring>

#include "av_stamp.h"
#include "digest.h"
#include "fuzz.h"
#include "text.h"

using namespace store_sim;
using vsapi::fuzz::Require;

namespace {

const std::string kKey(32, 'k');
constexpr uint64_t kVersion = 7;

const std::vector<ContentIdentity>& Contents() {
  static const std::vector<ContentIdentity> contents = {{Sha256("one"), 3}, {Sha256("two"), 3}};
  return contents;
}

vsapi::Level LevelOf(std::string_view vendor) {
  vsapi::Level level = {};
  level.struct_size = sizeof level;
  level.version = kVersion;
  vsapi::engine::CopyText(vendor, level.vendor, sizeof level.vendor);
  return level;
}

std::string FieldOf(const std::string& value) {
  return std::string(kAvStampField) + ": " + value + "\n";
}

std::string OwnField(const vsapi::Level& level, uint64_t version) {
  vsapi::Stamp stamp = {};
  stamp.verdict = VSAPI_VERDICT_CLEAN;
  stamp.scope = VSAPI_SCOPE_CONTENT;
  stamp.version = version;
  std::memcpy(stamp.vendor, level.vendor, sizeof stamp.vendor);
  return FieldOf(AvStampValue(stamp, Contents(), kKey));
}

std::string SignedField(std::string_view text) {
  const std::string bytes = "X-OpenVSAPI-AVStamp 1;" + std::string(text);
  Digest mac{};
  unsigned size = mac.size();
  HMAC(EVP_sha256(), kKey.data(), static_cast<int>(kKey.size()),
       reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), mac.data(), &size);
  return FieldOf(std::string(text) + " " + ToHex(mac));
}

void RequireNoForgery(std::string_view header, const vsapi::Level& level) {
  Require(!TrustedStamp(header, Contents(), kKey, level), "nobody guesses a MAC");
}

void RequireOwnCounts(const std::string& own, std::string_view header, const vsapi::Level& level) {
  if (!header.empty() && (header[0] == ' ' || header[0] == '\t')) return;  // goes on with ours
  const auto stamp = TrustedStamp(own + std::string(header), Contents(), kKey, level);
  Require(stamp && stamp->version == kVersion + 1, "what is ours counts beside anything");
  Require(std::strcmp(stamp->vendor, level.vendor) == 0, "and names the vendor that rules");
}

void RequireReadAsWritten(std::string_view text, const vsapi::Level& level) {
  const auto stamp = TrustedStamp(SignedField(text), Contents(), kKey, level);
  if (!stamp) return;
  const std::string again = FieldOf(AvStampValue(*stamp, Contents(), kKey));
  const auto second = TrustedStamp(again, Contents(), kKey, level);
  Require(second && second->version == stamp->version && second->verdict == stamp->verdict &&
              second->time_ns == stamp->time_ns,
          "what is read and written again says the same");
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view header = vsapi::fuzz::Bytes(data, size);
  const std::string_view vendor = header.substr(0, header.find('\0'));
  const vsapi::Level level = LevelOf(vendor);
  header.remove_prefix(std::min(header.size(), vendor.size() + 1));
  if (vendor.empty()) return 0;
  RequireNoForgery(header, level);
  RequireOwnCounts(OwnField(level, kVersion + 1), header, level);
  RequireReadAsWritten(header, level);
  Require(!TrustedStamp(OwnField(level, kVersion - 1), Contents(), kKey, level),
          "what is older than the level does not count");
  return 0;
}
