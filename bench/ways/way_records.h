// SPDX-License-Identifier: Apache-2.0
//
// The records of one way: bench/records.h with the way, and what they are about, said once.
//
// Thread safety: one thread at a time.
#pragma once

#include <string>
#include <utility>

#include "records.h"

namespace store_sim::ways {

using vsapi::bench::Better;

class Records {
 public:
  // Throws std::runtime_error if the file can't be written.
  Records(const vsapi::bench::SectionOptions& options, std::string way)
      : records_(options, "ways"), subject_{"store", std::move(way)} {}

  // What follows is about this; at first about the store at work, "store".
  void About(std::string about) { subject_.test_case = std::move(about); }
  void Add(const char* metric, double value, const char* unit = "items",
           Better better = Better::kLess) {
    records_.Add(subject_, metric, unit, value, better);
  }

 private:
  vsapi::bench::Records records_;
  vsapi::bench::Subject subject_;
};

}  // namespace store_sim::ways
