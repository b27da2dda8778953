// SPDX-License-Identifier: Apache-2.0
//
// Ours: the engine with the libclamav vendor, over a store in memory.
#pragma once

#include <memory>

#include "way.h"

namespace vsapi::bench {

enum class Isolation { kNone, kProcess };
enum class Faults { kNone, kByContent };  // vendors/faulty.cc

// Named "engine", or "engine_isolated" with worker processes.
std::unique_ptr<Way> MakeEngine(Isolation isolation, const Mailboxes& mail,
                                const MarkerDefinitions& definitions,
                                Faults faults = Faults::kNone);

}  // namespace vsapi::bench
