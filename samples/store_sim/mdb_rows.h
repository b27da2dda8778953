// SPDX-License-Identifier: Apache-2.0
//
// What goes into an MDB and what comes back out of it, as plain values.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "digest.h"
#include "mime_parts.h"
#include "vsapi/host/vsapi_host.h"

namespace store_sim {

// Times are nanoseconds since 1970 UTC.

// Stored in databases: never renumber.
enum class MdbKind : int32_t {
  kPrivate = 0,  // holds mailboxes
  kPublic = 1,   // holds one tree of folders that all share
};

// Who is named as the mailbox of a public MDB's folders.
inline constexpr char kPublicFolders[] = "Public Folders";

struct Stamp {
  std::string vendor;
  uint64_t version = 0;
  Digest definitions{};
  uint64_t generation = 0;
  int32_t verdict = 0;  // VSAPI_VERDICT_...
  std::string finding;
  int64_t time_ns = 0;
  int32_t scope = VSAPI_SCOPE_CONTENT;
  int32_t action = VSAPI_ACTION_STAMP;  // what the engine ordered to be done to the item
  uint64_t since = 0;  // vsapi_outcome.since_generation: by this generation, or a later one

  bool operator==(const Stamp&) const = default;
};

// Does it hold by who judges now?
using IsCurrent = std::function<bool(const Stamp& stamp)>;

struct Attempt {
  uint32_t count = 0;
  int64_t not_before_ns = 0;
  Digest definitions{};

  bool operator==(const Attempt&) const = default;
};

struct ContentMark {
  std::optional<Stamp> stamp;
  std::optional<Attempt> attempt;
};

// One place that holds content: part `ordinal` (from 0) of a message.
struct ItemPlace {
  int64_t message = 0;
  int64_t ordinal = 0;
};

// A new stamp ends the attempts of a content; the count of a new attempt adds to what is there, and
// leaves the stamp as it was. With `item` it is made only if that still holds the content. A stamp
// for one item alone needs `item`; a stamp for the content takes the place of that item's own. What
// the stamp's action orders is done to the messages (mdb_outcomes.h).
struct MarkChange {
  Digest content{};
  ContentMark mark;
  std::optional<ItemPlace> item = std::nullopt;
  std::string replacement = {};  // of VSAPI_ACTION_REPLACE: the stamp is its
};

enum class MarkOutcome {
  kApplied,
  kGone,     // no such content or item any more
  kChanged,  // the item holds other content now
  kOutrun,   // a stamp of a later generation stands there and stays
  kFailed,   // what was ordered can't be done to the message; nothing has changed
};

struct Placement {
  std::string mailbox;
  std::string folder;
};

// What became of a part of a message, or of all of it.
struct PastOutcome {
  std::string path;
  std::string name;
  int32_t action = 0;  // VSAPI_ACTION_..., or kReleased
  std::string vendor;
  int32_t verdict = 0;
  std::string finding;
  int64_t time_ns = 0;
};

// Stored in databases: an administrator took it out of quarantine.
inline constexpr int32_t kReleased = 100;

struct MessageSummary {
  int64_t number = 0;
  uint64_t size = 0;
  int64_t received_ns = 0;
  int64_t date_ns = 0;
  std::string sender;
  std::string subject;
  std::string unclean_reason;
  bool covered = true;
  Placement place;  // one of them
  uint64_t places = 0;
  uint64_t parts = 0;
  uint64_t parts_unscanned = 0;
  Stamp worst;  // of its parts; verdict VSAPI_VERDICT_NONE if no part has one
  std::optional<PastOutcome> outcome;  // the last one
};

// Out of the reach of clients.
struct QuarantinedMessage {
  MessageSummary message;
  std::optional<int64_t> stands_in;  // what they see instead; none: it is gone
  int64_t time_ns = 0;
};

struct StoredPart {
  int64_t ordinal = 0;
  std::string path;
  PartKind kind = PartKind::kBody;
  std::string name;
  std::string content_type;
  Digest content{};
  uint64_t size = 0;  // of the decoded content
  ContentMark mark;
};

// Something that was found in a message; what it was when it was found first.
struct Detection {
  ItemPlace place;
  Digest content{};
  std::string path;
  std::string name;
  int32_t verdict = 0;
  std::string finding;
  std::string vendor;
  uint64_t version = 0;
  Digest definitions{};
  int64_t found_ns = 0;
};

// Who was given a message, by what client.
struct Opening {
  int64_t message = 0;
  std::string user;    // "" unknown
  std::string client;  // protocol; "" unknown
  int64_t first_ns = 0;
  int64_t last_ns = 0;
  uint64_t times = 0;
};

// What the record keeps of a message beside how it came in.
struct MessageRecord {
  std::vector<Opening> openings;
  std::vector<Detection> detections;
  std::vector<PastOutcome> outcomes;
};

struct StoredMessage {
  int64_t number = 0;
  Digest digest{};
  uint64_t size = 0;
  int64_t received_ns = 0;
  MessageDetails details;
  std::string came_in;  // how; "" unknown
  std::string unclean_reason;
  bool covered = true;  // false: never given out
  bool quarantined = false;
  bool stands_in = false;  // for one that is quarantined
  std::vector<Placement> placements;
  std::vector<PastOutcome> outcomes;
  std::vector<StoredPart> parts;
};

// A folder with what it holds, and what its last whole pass found current; no vendor: something has
// come into it since, or there was none.
struct FolderSummary {
  Placement place;
  uint64_t messages = 0;
  std::string swept_vendor;
  uint64_t swept_version = 0;
};

struct ContentIdentity {
  Digest digest{};
  uint64_t size = 0;
};

// A message on its way into the store, with all that takes time to compute already computed.
struct IncomingMessage {
  std::string raw;
  Digest digest{};
  TakenApart apart;
  std::vector<ContentIdentity> contents;  // one for each of apart.parts
  std::vector<Placement> placements;
  int64_t received_ns = 0;
  std::string came_in;                            // how: "import of mail.mbox"
  std::vector<std::optional<Stamp>> stamps = {};  // of the contents, where judged on its way
};

// The first item of a content that was not in the store before.
struct NewItem {
  ItemPlace place;
  PartKind kind = PartKind::kBody;
  ContentIdentity content;
};

// An item that is to be judged anew.
struct StaleItem {
  ItemPlace place;
  PartKind kind = PartKind::kBody;
  ContentIdentity content;
};

// Who judges now, as far as it makes stamps stale.
struct Level {
  std::string vendor;
  uint64_t version = 0;
  Digest definitions{};
  uint64_t since = 0;  // vsapi_level.since_generation
};

// Which of those a walk is for.
struct StaleWanted {
  // What is to be left alone until later, after an attempt by these definitions, is not.
  int64_t now_ns = 0;
  Digest definitions = {};
  bool unscanned = false;
  bool with_attachments = false;
  int64_t received_since_ns = 0;
  size_t room = 0;  // so many of them at most
};

// How far a walk over those has come: first by risk and content, downwards, then those with stamps
// of their own.
struct StalePlace {
  bool own_stamps = false;
  int64_t risk = INT64_MAX;
  int64_t content = INT64_MAX;
  ItemPlace item = {};
};

struct ImportCount {
  uint64_t stored = 0;
  uint64_t known = 0;    // were there already; placed, not stored again
  uint64_t unclean = 0;  // of the stored ones
  uint64_t bad = 0;      // of all: brought what was known to be bad, which was dealt with
};

struct MdbTotals {
  uint64_t messages = 0;  // within the reach of clients
  uint64_t bytes = 0;     // of these
  uint64_t quarantined = 0;
  uint64_t contents = 0;
};

}  // namespace store_sim
