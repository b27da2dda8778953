// SPDX-License-Identifier: Apache-2.0
//
// clamd as its users drive it: a command for each connection, or many in a session; the open file
// or its bytes; and a whole folder by clamdscan --multiscan.
#pragma once

#include <memory>

#include "clamd.h"
#include "clamd_connection.h"
#include "way.h"

namespace vsapi::bench {

enum class Transfer { kFile, kStream };  // FILDES, INSTREAM

// One command for each connection, as milters and mail filters do.
std::unique_ptr<Way> MakeClamdLone(Transfer transfer, const Clamd& clamd,
                                   std::chrono::seconds patience = ClamdConnection::kPatience);
// The same by FILDES with a daemon of its own, to be reloaded; named "clamd_blocking_reload" where
// scans wait for that.
std::unique_ptr<Way> MakeReloadingClamd(const std::string& definitions, Clamd::ReloadMode mode);
// IDSESSION, as those do that have much to ask for; each client has a session of its own.
std::unique_ptr<Way> MakeClamdSession(Transfer transfer, const Clamd& clamd);
// Its clients ask by one command for each connection.
std::unique_ptr<Way> MakeClamdscan(const Clamd& clamd);

}  // namespace vsapi::bench
