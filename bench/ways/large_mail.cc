// SPDX-License-Identifier: Apache-2.0
#include "large_mail.h"

#include "digest.h"
#include "mail_mix.h"
#include "save_file.h"

namespace store_sim::ways {

std::vector<LargeMail> LargeMails() {
  constexpr int kMails = 10;
  constexpr uint64_t kLeast = 20'000, kMost = 200'000;  // a page has 16 KiB (mdb_schema.cc)
  MixRandom random(1);
  MailMix mix(1);
  std::vector<LargeMail> mails;
  for (int i = 0; i < kMails; ++i) {
    const MixFile file{"letter.doc", "application/msword",
                       random.Prose(random.Between(kLeast, kMost))};
    mails.push_back({mix.Carry(file), ToHex(Sha256(file.bytes)) + ":" +
                                          std::to_string(file.bytes.size()) +
                                          ":Simulated.Known\n"});
  }
  return mails;
}

void WriteDefinitions(const std::filesystem::path& folder, const std::vector<LargeMail>& mails) {
  std::string signatures;
  for (const LargeMail& mail : mails) signatures += mail.signature;
  std::filesystem::create_directories(folder);
  SaveFile(folder / "known.hsb", signatures);
}

}  // namespace store_sim::ways
