// SPDX-License-Identifier: Apache-2.0
//
// Mail whose attachment does not fit into one page of the store's database, and is known by its
// hash: who does not put it together from its pages and decode it can't know it.
//
// Thread safety: pure functions.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace store_sim::ways {

struct LargeMail {
  std::string raw;
  std::string signature;  // a line of ClamAV's format .hsb
};

std::vector<LargeMail> LargeMails();

// Makes the folder, for libclamav to load.
void WriteDefinitions(const std::filesystem::path& folder, const std::vector<LargeMail>& mails);

}  // namespace store_sim::ways
