// SPDX-License-Identifier: Apache-2.0
//
// What was measured, one JSON object a line, appended to a file that others append to as well.
//
// Thread safety: one thread at a time.
#pragma once

#include <fstream>
#include <string>

namespace store_sim::ways {

enum class Better { kLess, kMore };

class Records {
 public:
  // Throws Error if the file can't be written.
  Records(const std::string& file, std::string way, unsigned round);

  // What follows is about this; at first about the store at work, "store".
  void About(std::string about) { case_ = std::move(about); }
  void Add(const char* metric, double value, const char* unit = "items",
           Better better = Better::kLess);

 private:
  std::ofstream file_;
  const std::string way_;
  const unsigned round_;
  std::string case_ = "store";
};

}  // namespace store_sim::ways
