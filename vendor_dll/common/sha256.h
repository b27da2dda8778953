// SPDX-License-Identifier: Apache-2.0
//
// The digest of a list of pieces: the digest of an instance's definitions.
#ifndef VSAPI_VENDOR_DLL_COMMON_SHA256_H_
#define VSAPI_VENDOR_DLL_COMMON_SHA256_H_

#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace vsapi {

// Throws Failure where OpenSSL fails.
class Sha256 {
 public:
  Sha256();
  // Each piece goes in with its size, so that no two lists of pieces look alike.
  void Add(std::string_view piece);
  // The first `size` bytes of a file; throws Failure if there are fewer.
  void AddFile(const std::string& path, uint64_t size);
  std::array<uint8_t, 32> Finish();

 private:
  void AddSize(uint64_t size);

  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

}  // namespace vsapi

#endif  // VSAPI_VENDOR_DLL_COMMON_SHA256_H_
