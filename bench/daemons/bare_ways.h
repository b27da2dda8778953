// SPDX-License-Identifier: Apache-2.0
//
// libclamav without a server: as the limit of all that is built on it, and as Cyrus' store scan
// uses it.
#pragma once

#include <memory>

#include "way.h"

namespace vsapi::bench {

// One thread per core, from memory, with the vendor DLL's options; no queue and no store.
std::unique_ptr<Way> MakeLimit(const MarkerDefinitions& definitions);
// cyr_virusscan: one thread that goes over a mailbox of files, libclamav as it comes. Nobody can
// ask it for an item: a client waits until it has left the mailbox, or gets what is not scanned.
std::unique_ptr<Way> MakeCyrusPass(const MarkerDefinitions& definitions);

}  // namespace vsapi::bench
