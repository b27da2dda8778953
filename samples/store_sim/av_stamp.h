// SPDX-License-Identifier: Apache-2.0
//
// The stamp that travels with a message from host to host, as VSAPI 2.6's did:
//
//   X-OpenVSAPI-AVStamp: VENDOR;VERSION;STATUS;TIME CONTENTS MAC
//
// STATUS is 0 clean, 1 clean for ever: nothing else travels. TIME is in nanoseconds since 1970,
// CONTENTS the SHA-256 of the digests of all parts in order, MAC the HMAC-SHA256 of all before it
// with the key that hosts of one organization share. So it holds for these contents alone, whatever
// headers are added on the way, and for nobody who has not the key.
//
// Thread safety: pure functions.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "mdb_rows.h"
#include "vsapi/host/engine.h"

namespace store_sim {

inline constexpr char kAvStampField[] = "X-OpenVSAPI-AVStamp";

// The key of a file that is its owner's alone, and ours; throws Error otherwise.
std::string ReadAvStampKey(const std::filesystem::path& file);

// Is `address` one of the addresses and networks that `hops` names ("10.1.0.0/16 ::1")? Throws
// Error on what is none.
bool IsTrustedHop(const std::string& hops, const std::string& address);

// The value of the field. `stamp` is one of a clean verdict.
std::string AvStampValue(const vsapi::Stamp& stamp, std::span<const ContentIdentity> contents,
                         const std::string& key);

// The one that all parts of a clean message may be given together: that of the lowest version.
// nullopt: one of them carries none, or one that does not travel.
std::optional<vsapi::Stamp> CommonStamp(std::span<const vsapi::PartDecision> parts);

// What the message says about these contents and the key confirms, of the fields that hold under
// `level` the one of the highest version. What is forged, cut off, of other contents, of another
// vendor or older than `level` counts as none, whatever stands beside it.
std::optional<vsapi::Stamp> TrustedStamp(std::string_view raw,
                                         std::span<const ContentIdentity> contents,
                                         const std::string& key, const vsapi::Level& level);

}  // namespace store_sim
