// SPDX-License-Identifier: Apache-2.0
//
// rspamd with nothing but its antivirus module, in front of clamd: what it adds is taking the
// message apart and handing its parts on. An item is sent as the only part of a message, one HTTP
// request for each connection, as an MTA does.
#pragma once

#include <memory>

#include "clamd.h"
#include "way.h"

namespace vsapi::bench {

// Starts rspamd; to be called and destroyed as DaemonProcess.
std::unique_ptr<Way> MakeRspamd(const Clamd& clamd);

}  // namespace vsapi::bench
