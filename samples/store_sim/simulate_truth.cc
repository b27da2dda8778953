// SPDX-License-Identifier: Apache-2.0
#include "simulate_truth.h"

#include <openssl/evp.h>

#include "mail_mix_files.h"
#include "simulate_mail.h"

namespace store_sim {
namespace {

// How the beginning of a file stands in a message; short enough for any length of lines.
std::string BeginningInBase64(std::string_view bytes) {
  constexpr size_t kBytes = 42;
  std::string encoded(kBytes / 3 * 4 + 1, '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                  reinterpret_cast<const unsigned char*>(bytes.data()), kBytes);
  encoded.pop_back();
  return encoded;
}

}  // namespace

Truth::Truth() {
  const std::string eicar = EicarBytes();
  signs_ = {{eicar, "EICAR", 0},
            {BeginningInBase64(eicar), "EICAR", 0},
            {BeginningInBase64(MakeZip("eicar.com", eicar)), "EICAR in a zip", 0}};
  for (unsigned sleeper = 0; sleeper < kSleepers; ++sleeper)
    signs_.push_back({BeginningInBase64(SleeperMark(sleeper)), "sleeper " + std::to_string(sleeper),
                      1u << sleeper});
}

std::string Truth::BadIn(std::string_view raw, Known known) const {
  for (const Sign& sign : signs_) {
    const bool counts = sign.known_by == 0 || (known & sign.known_by) != 0;
    if (counts && raw.find(sign.bytes) != raw.npos) return sign.what;
  }
  return "";
}

}  // namespace store_sim
