// SPDX-License-Identifier: Apache-2.0
#include "counters.h"

namespace vsapi::engine {
namespace {

constexpr const char* kNames[kCounters] = {
    "Virus Scan Messages Processed",
    "Virus Scan Messages Cleaned",
    "Virus Scan Messages Quarantined",
    "Virus Scan Messages Deleted",
    "Virus Scan Files Scanned",
    "Virus Scan Files Cleaned",
    "Virus Scan Files Quarantined",
    "Virus Scan Bytes Scanned",
    "Files Infected",
    "Scans Failed",
    "Stamp Hits",
    "Joins",
    "Promotions",
    "Proactive Queued",
    "Proactive Left Unscanned",
    "Proactive Displaced",
    "Time-outs",
    "Too Many Waiters",
    "Released Unscanned Disabled",
    "Released Unscanned Exempt",
    "Released Unscanned Encrypted",
    "Released Unscanned Unsupported",
    "Released Unscanned Grace",
    "Outcomes Not Written",
    "Second Scans",
    "Virus Scan Folders Scanned in Background",
    "Virus Scan Messages Scanned in Background",
    "Released Unscanned Excluded",
    "Released Unscanned Not In Profile",
    "Released Unscanned Old Stamp",
    "Released Unscanned Old Item",
    "Released Unscanned RTF Body",
    "Transport Messages Submitted",
    "Transport Messages Delivered",
    "Transport Messages Deferred",
    "Transport Messages Rejected",
    "Transport Messages Given Up",
};
static_assert(kNames[kCounters - 1] != nullptr, "a name for each counter");

}  // namespace

const char* NameOf(Counter counter) { return kNames[static_cast<size_t>(counter)]; }

}  // namespace vsapi::engine
