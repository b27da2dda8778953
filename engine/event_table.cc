// SPDX-License-Identifier: Apache-2.0
#include "event_table.h"

#include <algorithm>

namespace vsapi::engine {
namespace {

constexpr int32_t kInfo = VSAPI_SEVERITY_INFO;
constexpr int32_t kWarning = VSAPI_SEVERITY_WARNING;
constexpr int32_t kError = VSAPI_SEVERITY_ERROR;

constexpr char kItemFields[] =
    "sender subject message_id mailbox folder part name content_type came_in recipients places "
    "submitted delivered mdb digest access asked_by vendor version definitions generation verdict "
    "finding";

constexpr EventKind kKinds[] = {
    {.id = EventId::kTransportFailed,
     .severity = kError,
     .category = "transport",
     .when = "a message on its way could not be scanned",
     .text = "the message {message_id} could not be scanned (error {code}) and is tried again",
     .fields = "message_id code reason tries retry_after_ms",
     .action =
         "Exchange's MSExchangeTransport, Exchange Store Driver. See why by the events of the "
         "vendor before it"},
    {.id = EventId::kEngineStarted,
     .severity = kInfo,
     .category = "load",
     .when = "the engine has started",
     .text = "the engine has started with {threads} scanning threads",
     .fields = "threads",
     .action = "",
     .is_folded = false},
    {.id = EventId::kEngineStopped,
     .severity = kInfo,
     .category = "load",
     .when = "the engine has stopped",
     .text = "the engine has stopped",
     .fields = "",
     .action = "",
     .is_folded = false},
    {.id = EventId::kSettingWrong,
     .severity = kWarning,
     .category = "load",
     .when = "a setting is wrong or its name is not known: where, and what is right",
     .text = "{what}",
     .fields = "",
     .action = "correct the setting; settings.md has its name and range"},
    {.id = EventId::kSettingsMalformed,
     .severity = kError,
     .category = "load",
     .when = "the settings file can't be read: which line, and why",
     .text = "{what}; the last good settings stay in force",
     .fields = "",
     .action = "correct that line of the settings file; it is read again at once"},
    {.id = EventId::kStateNotKept,
     .severity = kWarning,
     .category = "load",
     .when = "the engine's state could not be kept",
     .text =
         "{what}; after a restart generation numbers may repeat, and what brought the host down "
         "may not be known",
     .fields = "",
     .action = "let the engine write into its state folder; see that its disk is not full"},
    {.id = EventId::kSettingsChanged,
     .severity = kInfo,
     .category = "load",
     .when = "settings have changed: which, from what to what",
     .text = "{what}",
     .fields = "",
     .action = "",
     .is_folded = false},
    {.id = EventId::kReloadNowStays,
     .severity = kWarning,
     .category = "load",
     .when = "ReloadNow could not be set back to 0",
     .text = "ReloadNow was obeyed but stays 1 in the settings file: {what}",
     .fields = "",
     .action = "set it to 0, and let the engine write the settings file and its folder"},
    {.id = EventId::kVendorLoaded,
     .severity = kInfo,
     .category = "load",
     .when = "a vendor generation serves",
     .text = "{vendor} serves: version {version}, {signatures} signatures, generation {generation}",
     .fields = "vendor version signatures generation definitions",
     .action = "",
     .is_folded = false},
    {.id = EventId::kVendorRefused,
     .severity = kError,
     .category = "load",
     .when = "a vendor was refused, and why",
     .text = "{what}",
     .fields = "library",
     .action = "correct Library or Parameters, or what the vendor misses; it is tried again every "
               "minute"},
    {.id = EventId::kVendorRetired,
     .severity = kInfo,
     .category = "load",
     .when = "old generations are gone",
     .text = "{gone} generation(s) retired, {left} still in use",
     .fields = "gone left",
     .action = "",
     .is_folded = false},
    {.id = EventId::kNoVendor,
     .severity = kError,
     .category = "load",
     .when = "there is no vendor",
     .text = "no vendor: nothing is released without a scan until one can be loaded, tried again "
             "every minute",
     .fields = "",
     .action = "see the event 1011 before it"},
    {.id = EventId::kVendorSays,
     .severity = kInfo,
     .category = "load",
     .when = "a line of the vendor",
     .text = "{what}",
     .fields = "",
     .action = "the severity is the vendor's; see its manual"},
    {.id = EventId::kReloadWaits,
     .severity = kWarning,
     .category = "load",
     .when = "a reload waits for memory",
     .text = "a new generation needs about {needed} MiB beside the running one, {missing} MiB more "
             "than there are: the running one serves on, tried again in a minute",
     .fields = "needed missing",
     .action = "give the host more memory, or restart it at a quiet hour"},
    {.id = EventId::kVirusFound,
     .severity = kWarning,
     .category = "virus found",
     .when = "something was found: what, where, in whose mail",
     .text = "{what}",
     .fields = kItemFields,
     .action = "",
     .is_folded = false},
    {.id = EventId::kItemScanned,
     .severity = VSAPI_SEVERITY_DEBUG,
     .category = "scan",
     .when = "an item was scanned: clean",
     .text = "{what}",
     .fields = kItemFields,
     .action = "",
     .is_folded = false},
    {.id = EventId::kNotJudged,
     .severity = kWarning,
     .category = "scan",
     .when = "an item is encrypted, over limit, malformed or unsupported",
     .text = "{what}",
     .fields = kItemFields,
     .action = "what is encrypted or unsupported was let through: look at it if you must know",
     .is_folded = false},
    {.id = EventId::kContractBroken,
     .severity = kError,
     .category = "unexpected",
     .when = "the vendor broke the contract: which rule",
     .text = "{what}",
     .fields = "",
     .action = "tell the vendor; samples/vendor_check shows it the rule"},
    {.id = EventId::kVendorSlow,
     .severity = kWarning,
     .category = "unexpected",
     .when = "the vendor took long for a call of the control thread: which, and how long",
     .text = "{vendor} took {milliseconds} ms for {call}, more than {bound} ms: changed settings "
             "and newer definitions waited meanwhile",
     .fields = "vendor call milliseconds bound",
     .action = "see whether the machine is short of memory or its disk is slow; else tell the "
               "vendor",
     .is_folded = false},
    {.id = EventId::kOutcomeNotWritten,
     .severity = kError,
     .category = "unexpected",
     .when = "the store could not write outcomes: how many at once, and why",
     .text = "the store {what}: {outcomes} item(s) stay as they were and are scanned again",
     .fields = "mdb outcomes finding",
     .action = "check the disk and the database of the store; background tries again by itself"},
    {.id = EventId::kThreadsAbandoned,
     .severity = kError,
     .category = "unexpected",
     .when = "threads hang in the vendor or a store at shutdown and were left behind",
     .text = "{what}",
     .fields = "",
     .action = "tell the vendor; the memory comes back when the host ends",
     .is_folded = false},
    {.id = EventId::kEventsDropped,
     .severity = kWarning,
     .category = "unexpected",
     .when = "events were dropped: how many, and why",
     .text = "{count} events were dropped: {what}",
     .fields = "count",
     .action = "raise EventLevel, or see what keeps those who take the events"},
    {.id = EventId::kEventFileFails,
     .severity = kError,
     .category = "unexpected",
     .when = "the event file can't be written",
     .text = "the event file can't be written, its events are dropped and counted: {what}",
     .fields = "file",
     .action = "make room, or correct EventFile",
     .is_folded = false},
    {.id = EventId::kStoreWritesAgain,
     .severity = kInfo,
     .category = "unexpected",
     .when = "a store that could not write outcomes does so again",
     .text = "the store \"{mdb}\" writes outcomes again",
     .fields = "mdb",
     .action = "",
     .is_folded = false},
    {.id = EventId::kBackgroundBegun,
     .severity = VSAPI_SEVERITY_DEBUG,
     .category = "background",
     .when = "a pass of background scanning over an MDB has begun",
     .text = "background scanning of {mdb} has begun",
     .fields = "mdb",
     .action = "",
     .is_folded = false},
    {.id = EventId::kBackgroundEnded,
     .severity = kInfo,
     .category = "background",
     .when = "a pass is over that has scanned something, or a pass was stopped on its way",
     .text = "background scanning of {mdb} has {how}: {scanned} items scanned, {found} found in "
             "{seconds} s",
     .fields = "mdb how scanned found seconds",
     .action = "",
     .is_folded = false},
    {.id = EventId::kBackgroundFails,
     .severity = kWarning,
     .category = "background",
     .when = "an MDB could not be scanned in the background, or not to its end: why",
     .text = "background scanning of {mdb} could not go on: {what}; the rest is scanned when it is "
             "opened, or by the next pass",
     .fields = "mdb",
     .action =
         "see what keeps it; where the store has failed another pass comes by itself, after a "
         "minute to an hour, else a reload begins one"},
    {.id = EventId::kBackgroundIdle,
     .severity = VSAPI_SEVERITY_DEBUG,
     .category = "background",
     .when = "a pass is over, and there was nothing to scan",
     .text = "background scanning of {mdb} has ended: there was nothing to scan",
     .fields = "mdb",
     .action = "",
     .is_folded = false},
    {.id = EventId::kTransportGivenUp,
     .severity = kError,
     .category = "transport",
     .when = "a message on its way could not be scanned as often as the settings allow",
     .text =
         "the message {message_id} could not be scanned in {tries} tries (error {code}): {answer}",
     .fields = "message_id code reason tries answer",
     .action = "TransportFailedAction decided; see why by the events of the vendor before it, then "
               "look after what is in quarantine",
     .is_folded = false},
    {.id = EventId::kTransportStopped,
     .severity = kWarning,
     .category = "transport",
     .when = "a message on its way does not go on as it is: what was found, and what becomes of it",
     .text = "the message {message_id}: {answer}, {verdict} {finding}",
     .fields = "message_id answer verdict finding",
     .action = "TransportInfectedAction decided; event 1020 tells more of what was found"},
    {.id = EventId::kScanHangs,
     .severity = kError,
     .category = "unexpected",
     .when = "the vendor has not come back from a scan, although its time is over",
     .text = "{vendor} hangs in scan {number}, of content {digest}: since {milliseconds} ms, where "
             "it has {bound} ms. Another thread takes the place of this one, up to MaxHungThreads",
     .fields = "vendor number digest milliseconds bound",
     .action = "tell the vendor; should it come back after all, what it found is still applied",
     .is_folded = false},
    {.id = EventId::kControlHangs,
     .severity = kError,
     .category = "unexpected",
     .when = "the vendor has not come back from a call of the control thread: which",
     .text = "{library} hangs in {call} since {milliseconds} ms, more than {bound} ms: changed "
             "settings and newer definitions wait",
     .fields = "library call milliseconds bound",
     .action = "scans go on; should it never come back, restart the host, and tell the vendor",
     .is_folded = false},
    {.id = EventId::kTooManyHang,
     .severity = kError,
     .category = "unexpected",
     .when = "more threads hang in the vendor than may be replaced",
     .text =
         "{hung} threads hang in {vendor}, and no more are replaced: who would have to wait for "
         "a scan gets \"in progress\" at once, until one comes back",
     .fields = "vendor hung",
     .action = "restart the host, or have another vendor scan; see MaxHungThreads",
     .is_folded = false},
    {.id = EventId::kHangIsOver,
     .severity = kInfo,
     .category = "unexpected",
     .when = "so many no longer hang",
     .text = "clients wait for scans of {vendor} again; {hung} threads still hang in it",
     .fields = "vendor hung",
     .action = "",
     .is_folded = false},
    {.id = EventId::kPoisoned,
     .severity = kError,
     .category = "unexpected",
     .when = "a content has brought down or kept who scanned it: it is poison",
     .text = "content {digest} {what}: the vendor does not get it in this process again before it "
             "has other definitions",
     .fields = "digest",
     .action = "tell the vendor, with the content; newer definitions make it scanned again",
     .is_folded = false},
    {.id = EventId::kWorkerFault,
     .severity = kError,
     .category = "unexpected",
     .when = "a worker process was lost over a scan: how, what it did last, and where",
     .text = "a worker process of {vendor} {how} {step}, over content {digest} of {mdb}: it is "
             "replaced",
     .fields = "vendor how step backtrace number digest mdb",
     .action = "tell the vendor, with the backtrace; WorkerCores has core files made"},
    {.id = EventId::kSandboxLost,
     .severity = kError,
     .category = "unexpected",
     .when = "the process that worker processes are forked from is lost",
     .text = "the worker processes of {vendor} are lost: the vendor is loaded anew, and content "
             "stays unscanned meanwhile",
     .fields = "vendor",
     .action = "see who ended vsapi_worker: an administrator, or the system for want of memory",
     .is_folded = false},
    {.id = EventId::kSandboxHasGaps,
     .severity = kWarning,
     .category = "load",
     .when = "worker processes have more rights than they should: which, and why",
     .text = "{what}",
     .fields = "",
     .action = "run a kernel that has it"},
    {.id = EventId::kScanFailed,
     .severity = kWarning,
     .category = "unexpected",
     .when = "an item could not be scanned, and why",
     .text = "{what} (EcProcessVirusScanQueueItem, database {mdb}, folder {folder}, message "
             "{message_id})",
     .fields = kItemFields,
     .action = "Exchange's MSExchangeIS, Virus Scanning. See the vendor's own events; the item is "
               "tried again when it is opened"},
};

constexpr char kEventsPageHead[] = R"(<!-- SPDX-License-Identifier: Apache-2.0 -->
<!-- Made from engine/event_table.cc by `cmake --build build/release --target docs`. -->
# The events

Handed to the host's `on_event` one at a time, and written where the settings `EventFile`, `EventSyslog` and `EventTerminal` say, from the
severity `EventLevel` on. Numbers are stable. 348 and 9874 are Exchange's; the others are ours. There, of an event that is *counted* the
first is written, then for each minute how often it came again; the host gets each one.

| id | severity | category | when | text | fields | repeated | what to do |
|---|---|---|---|---|---|---|---|
)";

// What is all the caller's is no text to show.
std::string TextFor(const EventKind& kind) {
  const std::string text = kind.text;
  return text == "{what}" ? "" : text;
}

std::string MarkdownRow(const EventKind& kind) {
  std::string fields = kind.fields;
  for (size_t at = 0; (at = fields.find(' ', at)) != std::string::npos; at += 2)
    fields.replace(at, 1, ", ");
  return "| " + std::to_string(static_cast<uint32_t>(kind.id)) + " | " +
         SeverityName(kind.severity) + " | " + kind.category + " | " + kind.when + " | " +
         TextFor(kind) + " | " + fields + " | " + (kind.is_folded ? "counted" : "each") + " | " +
         kind.action + " |\n";
}

std::string ValueOf(const std::string& name, const std::string& what, const EventFields& fields) {
  if (name == "what") return what;
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [&](const auto& field) { return field.first == name; });
  return found == fields.end() ? "unknown" : found->second;
}

}  // namespace

std::span<const EventKind> EventKinds() { return kKinds; }

const EventKind& KindOf(EventId id) {
  return *std::find_if(std::begin(kKinds), std::end(kKinds) - 1,
                       [id](const EventKind& kind) { return kind.id == id; });
}

std::string TextOf(const EventKind& kind, const std::string& what, const EventFields& fields) {
  std::string text;
  std::string_view rest = kind.text;
  for (size_t open; (open = rest.find('{')) != std::string_view::npos;) {
    const size_t close = rest.find('}', open);
    text += rest.substr(0, open);
    text += ValueOf(std::string(rest.substr(open + 1, close - open - 1)), what, fields);
    rest.remove_prefix(close + 1);
  }
  return text.append(rest);
}

const char* SeverityName(int32_t severity) {
  if (severity >= VSAPI_SEVERITY_ERROR) return "error";
  if (severity == VSAPI_SEVERITY_WARNING) return "warning";
  return severity == VSAPI_SEVERITY_INFO ? "info" : "debug";
}

std::string EventsMarkdown() {
  std::string text = kEventsPageHead;
  for (const EventKind& kind : kKinds) text += MarkdownRow(kind);
  return text;
}

}  // namespace vsapi::engine
