// SPDX-License-Identifier: Apache-2.0
//
// The one table of all events: stable numbers, how grave each is, what it says with which fields,
// and what the administrator should do. Texts and events.md come from it.
//
// Thread safety: constants and pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "vsapi/host/vsapi_host.h"

namespace vsapi::engine {

enum class EventId : uint32_t {
  kTransportFailed = 348,  // Exchange's number
  kEngineStarted = 1000,
  kEngineStopped = 1001,
  kSettingWrong = 1002,
  kSettingsMalformed = 1003,
  kStateNotKept = 1004,
  kSettingsChanged = 1005,
  kReloadNowStays = 1006,
  kVendorLoaded = 1010,
  kVendorRefused = 1011,
  kVendorRetired = 1012,
  kNoVendor = 1013,
  kVendorSays = 1014,
  kReloadWaits = 1015,
  kVirusFound = 1020,
  kItemScanned = 1021,
  kNotJudged = 1022,
  kContractBroken = 1030,
  kVendorSlow = 1031,
  kOutcomeNotWritten = 1032,
  kThreadsAbandoned = 1033,
  kEventsDropped = 1034,
  kEventFileFails = 1035,
  kStoreWritesAgain = 1036,
  kBackgroundBegun = 1040,
  kBackgroundEnded = 1041,
  kBackgroundFails = 1042,
  kBackgroundIdle = 1043,
  kTransportGivenUp = 1050,
  kTransportStopped = 1051,
  kScanHangs = 1060,
  kControlHangs = 1061,
  kTooManyHang = 1062,
  kHangIsOver = 1063,
  kPoisoned = 1064,
  kWorkerFault = 1065,
  kSandboxLost = 1066,
  kSandboxHasGaps = 1067,
  kScanFailed = 9874,  // Exchange's number for an unexpected error while a queued item is processed
};

using EventFields = std::vector<std::pair<std::string, std::string>>;

struct EventKind {
  EventId id;
  int32_t severity;
  const char* category;
  const char* when;       // what it means, for readers of the table
  const char* text;       // {name} stands for that field, {what} for what the caller says
  const char* fields;     // their names; those that are not known are absent
  const char* action;     // for the administrator; "" if nothing is to be done
  bool is_folded = true;  // repeats are counted; false: each one counts
};

std::span<const EventKind> EventKinds();
const EventKind& KindOf(EventId id);

// The text of `kind` filled in; a field that is not known is "unknown" there.
std::string TextOf(const EventKind& kind, const std::string& what, const EventFields& fields);

// "error", "warning", "info", "debug".
const char* SeverityName(int32_t severity);

std::string EventsMarkdown();

}  // namespace vsapi::engine
