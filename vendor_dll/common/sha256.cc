// SPDX-License-Identifier: Apache-2.0
#include "sha256.h"

#include <vsapi/vendor.h>

#include <algorithm>
#include <fstream>

namespace vsapi {
namespace {

void Check(bool ok) {
  if (!ok) throw Failure(VSAPI_E_INTERNAL, "definitions: SHA-256 is not available from OpenSSL");
}

}  // namespace

Sha256::Sha256() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
  Check(context_ && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr));
}

void Sha256::Add(std::string_view piece) {
  AddSize(piece.size());
  Check(EVP_DigestUpdate(context_.get(), piece.data(), piece.size()));
}

void Sha256::AddFile(const std::string& path, uint64_t size) {
  AddSize(size);
  std::ifstream file(path, std::ios::binary);
  std::vector<char> block(1 << 16);
  for (uint64_t left = size; left > 0;) {
    file.read(block.data(), static_cast<std::streamsize>(std::min<uint64_t>(left, block.size())));
    const auto got = static_cast<size_t>(file.gcount());
    if (got == 0) throw Failure(VSAPI_E_BUSY, "definitions: can't read " + path + " to its end");
    Check(EVP_DigestUpdate(context_.get(), block.data(), got));
    left -= got;
  }
}

std::array<uint8_t, 32> Sha256::Finish() {
  std::array<uint8_t, 32> digest;
  Check(EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr));
  return digest;
}

void Sha256::AddSize(uint64_t size) { Check(EVP_DigestUpdate(context_.get(), &size, sizeof size)); }

}  // namespace vsapi
