// SPDX-License-Identifier: Apache-2.0
//
// Where a command says what it has to say, and learns that nobody wants the rest of it: the
// terminal, or a client of the running host.
#pragma once

#include <functional>
#include <ostream>

namespace store_sim {

struct Desk {
  std::ostream& out;
  std::ostream& err;
  bool terminal = false;  // is `err` one?
  std::function<bool()> stopped = [] { return false; };
};

// This process's own.
Desk Terminal();

}  // namespace store_sim
