// SPDX-License-Identifier: Apache-2.0
#include "desk.h"

#include <unistd.h>

#include <iostream>

namespace store_sim {

Desk Terminal() { return {std::cout, std::cerr, isatty(STDERR_FILENO) == 1}; }

}  // namespace store_sim
