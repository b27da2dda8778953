// SPDX-License-Identifier: Apache-2.0
//
// What the tests of `store_sim open` share: a store with given messages, and a look at the table.
#pragma once

#include "program.h"

namespace store_sim {

enum { kAllowed = 0, kFailed = 1, kUsage = 2, kInfected = 10, kInProgress = 11, kUnavailable = 12 };

inline std::string Text(const std::string& subject, const std::string& body) {
  return "From: a@example.org\nSubject: " + subject + "\n\n" + body + "\n";
}

inline std::string Vendor(const std::string& name) {
  return " --vendor '" VSAPI_TEST_VENDORS_DIR "/" + name + ".so'";
}

class OpenTest : public ProgramTest {
 protected:
  // A store `s` with these messages, in this order.
  void Make(const std::vector<std::string>& raws) {
    for (size_t i = 0; i < raws.size(); ++i) {
      const std::string digits = std::to_string(i);
      folder_.Write("mail/" + std::string(6 - digits.size(), '0') + digits, raws[i]);
    }
    ASSERT_EQ(Run("init s"), 0) << err_;
    ASSERT_EQ(Run("import s mail --no-scan"), 0) << err_;
  }

  int OpenBy(const std::string& vendor, const std::string& what) {
    return Run("open s " + what + Vendor(vendor));
  }

  // How often the output says it.
  size_t CountOf(const std::string& text) const {
    size_t count = 0;
    for (size_t at = out_.find(text); at != std::string::npos; at = out_.find(text, at + 1))
      ++count;
    return count;
  }

  // The first number of a row of the table.
  int Row(const std::string& title) const {
    const size_t at = out_.find("\n" + title + " ");
    if (at == std::string::npos) return -1;
    const size_t digits = out_.find_first_of("0123456789", at + title.size());
    return std::atoi(out_.c_str() + digits);
  }
};

}  // namespace store_sim
