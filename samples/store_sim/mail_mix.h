// SPDX-License-Identifier: Apache-2.0
//
// Composes everyday mail: the same messages for the same seed, byte for byte. Of all of them about
// 90 % have 10 to 100 KB, 6 % 100 to 500 KB, 2 % 0.5 to 1 MB, 1 % 1 to 2 MB, and the rest is small.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mail_mix_random.h"

namespace store_sim {

struct MixFile {
  std::string name;
  std::string type;  // "application/pdf"
  std::string bytes;
};

// The EICAR test file; no file of ours holds it.
std::string EicarBytes();

class MailMix {
 public:
  explicit MailMix(uint64_t seed);

  // The next message.
  std::string Next();

  // A message that carries this file in base64.
  std::string Carry(const MixFile& file);

  // Messages with the EICAR test file: plain, in a zip, in a forwarded message.
  std::vector<std::string> Eicar();

 private:
  std::string Plain(size_t size);
  std::string Newsletter(size_t size);
  std::string WithFile(size_t size);
  std::string Forward(size_t size);
  size_t Size();
  MixFile File(size_t size);

  MixRandom random_;
  uint64_t number_ = 0;
  std::vector<MixFile> shared_files_;  // sent to many
};

}  // namespace store_sim
