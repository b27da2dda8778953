// SPDX-License-Identifier: Apache-2.0
#include "av_stamp.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <charconv>
#include <cstring>
#include <sstream>

#include "error.h"
#include "header_fields.h"

namespace store_sim {
namespace {

namespace ip = boost::asio::ip;

constexpr size_t kLeastKey = 32, kMostKey = 4096;
constexpr size_t kMostFields = 16;  // of one message; more are nobody's of ours
constexpr int32_t kVerdicts[] = {VSAPI_VERDICT_CLEAN, VSAPI_VERDICT_CLEAN_PERMANENT};

// Together what a MAC of ours is over, so that no other use of the key gives one.
constexpr char kPurpose[] = "X-OpenVSAPI-AVStamp 1;";

std::string Mac(std::string_view text, const std::string& key) {
  const std::string bytes = kPurpose + std::string(text);
  Digest mac{};
  unsigned size = mac.size();
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), mac.data(),
           &size) == nullptr)
    throw std::runtime_error("OpenSSL gives no HMAC");
  return ToHex(mac);
}

std::string ContentsDigest(std::span<const ContentIdentity> contents) {
  std::string digests;
  for (const ContentIdentity& content : contents)
    digests.append(reinterpret_cast<const char*>(content.digest.data()), content.digest.size());
  return ToHex(Sha256(digests));
}

// A vendor's name without what has a meaning here.
std::string Escaped(std::string_view name) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string text;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > ' ' && byte < 0x7f && c != ';' && c != '%')
      text += c;
    else
      text.append({'%', kDigits[byte >> 4], kDigits[byte & 15]});
  }
  return text;
}

template <class Number>
bool ToNumber(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

// Takes what stands before `end` off the text; nothing without an `end`.
std::string_view TakeUntil(char end, std::string_view& text) {
  const size_t at = text.find(end);
  if (at == text.npos) return {};
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(at + 1);
  return taken;
}

bool SameText(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

// What a field says, when the MAC is right. `level` gives the vendor's name.
std::optional<vsapi::Stamp> StampOf(std::string_view value, const std::string& contents,
                                    const std::string& key, const vsapi::Level& level) {
  const size_t last = value.rfind(' ');
  if (last == value.npos) return std::nullopt;
  const std::string_view signed_text = value.substr(0, last);
  if (!SameText(value.substr(last + 1), Mac(signed_text, key))) return std::nullopt;
  std::string_view rest = signed_text;
  vsapi::Stamp stamp = {};
  size_t status = 0;
  const std::string_view vendor = TakeUntil(';', rest);
  const bool is_ours = vendor == Escaped(level.vendor) &&
                       ToNumber(TakeUntil(';', rest), stamp.version) &&
                       ToNumber(TakeUntil(';', rest), status) && status < std::size(kVerdicts) &&
                       ToNumber(TakeUntil(' ', rest), stamp.time_ns) && rest == contents;
  if (!is_ours) return std::nullopt;
  stamp.verdict = kVerdicts[status];
  stamp.scope = VSAPI_SCOPE_CONTENT;
  std::memcpy(stamp.vendor, level.vendor, sizeof stamp.vendor);
  return stamp;
}

struct CloseAtEnd {
  int descriptor;
  ~CloseAtEnd() { close(descriptor); }
};

// Not one that somebody else could have written or read.
void CheckIsOwners(const std::filesystem::path& file, const struct stat& status) {
  if (S_ISREG(status.st_mode) && status.st_uid == geteuid() && (status.st_mode & 077) == 0) return;
  throw Error(file.string() +
              ": the key of AVStampKeyFile must be a file of its owner's alone; use "
              "`chmod 600`, and give it to who runs the host");
}

}  // namespace

std::string ReadAvStampKey(const std::filesystem::path& file) {
  const int descriptor = open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (descriptor < 0)
    throw Error(file.string() + ": " + std::strerror(errno) +
                "; AVStampKeyFile names the key of the stamps in headers");
  const CloseAtEnd close_it{descriptor};
  struct stat status = {};
  if (fstat(descriptor, &status) != 0) throw Error(file.string() + ": " + std::strerror(errno));
  CheckIsOwners(file, status);
  std::string key(kMostKey, '\0');
  const ssize_t size = read(descriptor, key.data(), key.size());
  if (size < static_cast<ssize_t>(kLeastKey))
    throw Error(file.string() + ": has less than 32 bytes; make a key by `openssl rand -hex 32`");
  key.resize(static_cast<size_t>(size));
  return key;
}

bool IsTrustedHop(const std::string& hops, const std::string& address) {
  boost::system::error_code error;
  const ip::address from = ip::make_address(address, error);
  if (error) return false;
  std::istringstream each(hops);
  for (std::string hop; each >> hop;) {
    const char* const all_of_it = hop.find(':') != hop.npos ? "/128" : "/32";
    const std::string network = hop.find('/') != hop.npos ? hop : hop + all_of_it;
    boost::system::error_code wrong4, wrong6;
    const auto v4 = ip::make_network_v4(network, wrong4);
    const auto v6 = ip::make_network_v6(network, wrong6);
    if (wrong4 && wrong6)
      throw Error("AVStampTrustedHops: \"" + hop + "\" is no address and no network");
    if (!wrong4 && from.is_v4() &&
        (from.to_v4().to_uint() & v4.netmask().to_uint()) == v4.network().to_uint())
      return true;
    if (!wrong6 && from.is_v6() && v6.hosts().find(from.to_v6()) != v6.hosts().end()) return true;
  }
  return false;
}

std::string AvStampValue(const vsapi::Stamp& stamp, std::span<const ContentIdentity> contents,
                         const std::string& key) {
  const int status = stamp.verdict == VSAPI_VERDICT_CLEAN_PERMANENT ? 1 : 0;
  const std::string text = Escaped(stamp.vendor) + ";" + std::to_string(stamp.version) + ";" +
                           std::to_string(status) + ";" + std::to_string(stamp.time_ns) + " " +
                           ContentsDigest(contents);
  return text + " " + Mac(text, key);
}

std::optional<vsapi::Stamp> CommonStamp(std::span<const vsapi::PartDecision> parts) {
  std::optional<vsapi::Stamp> common;
  for (const vsapi::PartDecision& part : parts) {
    const bool is_clean = part.stamp.verdict == VSAPI_VERDICT_CLEAN ||
                          part.stamp.verdict == VSAPI_VERDICT_CLEAN_PERMANENT;
    if (!is_clean || part.stamp.scope != VSAPI_SCOPE_CONTENT) return std::nullopt;
    if (!common) common = part.stamp;
    if (std::strcmp(common->vendor, part.stamp.vendor) != 0) return std::nullopt;
    common->version = std::min(common->version, part.stamp.version);
    // Clean for ever is only what all of them are.
    if (part.stamp.verdict == VSAPI_VERDICT_CLEAN) common->verdict = VSAPI_VERDICT_CLEAN;
  }
  return common;
}

std::optional<vsapi::Stamp> TrustedStamp(std::string_view raw,
                                         std::span<const ContentIdentity> contents,
                                         const std::string& key, const vsapi::Level& level) {
  const std::vector<std::string> fields = FieldsOf(raw, kAvStampField);
  const std::string digest = ContentsDigest(contents);
  std::optional<vsapi::Stamp> best;
  for (size_t at = 0; at < std::min(fields.size(), kMostFields); ++at) {
    const auto stamp = StampOf(fields[at], digest, key, level);
    if (!stamp || vsapi_stamp_is_current(&*stamp, &level) == 0) continue;
    if (!best || best->version < stamp->version) best = stamp;
  }
  return best;
}

}  // namespace store_sim
