// SPDX-License-Identifier: Apache-2.0
//
// Ours: the engine with the libclamav vendor, over a store in memory.
#pragma once

#include <memory>

#include "way.h"

namespace vsapi::bench {

enum class Isolation { kNone, kProcess };
// Named "engine", or "engine_isolated" with worker processes.
std::unique_ptr<Way> MakeEngine(Isolation isolation, const Mailboxes& mail,
                                const MarkerDefinitions& definitions);
// In worker processes, with vendors/faulty.cc, and so much patience with a scan.
std::unique_ptr<Way> MakeFaultyEngine(const Mailboxes& mail, const MarkerDefinitions& definitions,
                                      std::chrono::seconds patience);

}  // namespace vsapi::bench
