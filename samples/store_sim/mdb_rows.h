// SPDX-License-Identifier: Apache-2.0
//
// What goes into an MDB and what comes back out of it, as plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "digest.h"
#include "mime_parts.h"

namespace store_sim {

// Times are nanoseconds since 1970 UTC.

struct Stamp {
  std::string vendor;
  uint64_t version = 0;
  Digest definitions{};
  uint64_t generation = 0;
  int32_t verdict = 0;  // VSAPI_VERDICT_...
  std::string finding;
  int64_t time_ns = 0;

  bool operator==(const Stamp&) const = default;
};

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

// A new stamp ends the attempts of a content; a new attempt leaves the stamp as it was.
struct MarkChange {
  Digest content{};
  ContentMark mark;
};

enum class MarkOutcome {
  kApplied,
  kGone,    // no such content any more
  kOutrun,  // a stamp of a later generation stands there and stays
};

struct MessageSummary {
  int64_t number = 0;
  uint64_t size = 0;
  int64_t received_ns = 0;
  int64_t date_ns = 0;
  std::string sender;
  std::string subject;
  std::string unclean_reason;
  uint64_t parts = 0;
};

struct StoredPart {
  std::string path;
  PartKind kind = PartKind::kBody;
  std::string name;
  std::string content_type;
  Digest content{};
  uint64_t size = 0;  // of the decoded content
  ContentMark mark;
};

struct Placement {
  std::string mailbox;
  std::string folder;
};

struct StoredMessage {
  int64_t number = 0;
  Digest digest{};
  uint64_t size = 0;
  int64_t received_ns = 0;
  MessageDetails details;
  std::string unclean_reason;
  std::vector<Placement> placements;
  std::vector<StoredPart> parts;
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
  Placement placement;
  int64_t received_ns = 0;
};

struct ImportCount {
  uint64_t stored = 0;
  uint64_t known = 0;    // were there already; placed, not stored again
  uint64_t unclean = 0;  // of the stored ones
};

struct MdbTotals {
  uint64_t messages = 0;
  uint64_t bytes = 0;
  uint64_t contents = 0;
};

}  // namespace store_sim
