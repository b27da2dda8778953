// SPDX-License-Identifier: Apache-2.0
//
// The one exception of the store simulator: a failure that the user can act on. Its text is one
// line that says what is wrong and what to do.
#pragma once

#include <stdexcept>

namespace store_sim {

class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace store_sim
