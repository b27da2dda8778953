// SPDX-License-Identifier: Apache-2.0
//
// Takes a raw message apart into its leaf parts by GMime. A part is a span of the raw bytes and the
// way to decode it, so that nothing is kept twice; the bytes are decoded when somebody asks. A
// message that is attached as a file or encoded as a whole is a part, and taken apart as well.
//
// What one MIME parser misses another mail program may find. So everything here that could be read
// in two ways makes the message *unclean*, and an unclean message gets one more part: path "0", the
// raw message as a whole. Where even that covers not all readings (a boundary or a transfer
// encoding that contradicts another, a message in pieces) the message is *not covered*:
// nobody may get it. doubts.h draws the line.
//
// Thread safety: free functions without state; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "message_details.h"
#include "transfer_encoding.h"

namespace store_sim {

// A message with more is not covered.
inline constexpr size_t kMostParts = 10'000;

// Stored in databases: never renumber.
enum class PartKind : int32_t {
  kWhole = 0,       // the raw message, path "0"
  kBody = 1,        // text that a mail program shows
  kAttachment = 2,  // everything else
  kRtfBody = 3,     // text that a mail program shows, in rich text: "text/rtf"
};

inline bool IsBody(PartKind kind) { return kind == PartKind::kBody || kind == PartKind::kRtfBody; }

struct Part {
  std::string path;  // as in IMAP: "1", "2.1"
  PartKind kind = PartKind::kBody;
  std::string content_type;  // as declared: "application/zip"
  std::string name;          // file name, UTF-8, may be empty; show it by ForDisplay() only
  TransferEncoding encoding = TransferEncoding::kIdentity;
  uint64_t offset = 0;  // of the encoded bytes in the raw message, or in the container's content
  uint64_t size = 0;    // of the encoded bytes
  // The part that holds this one: a message that is encoded as a whole. An index into the parts.
  std::optional<size_t> container = std::nullopt;
};

struct TakenApart {
  MessageDetails details;
  std::vector<Part> parts;     // in the order of the message; the part "0", if any, is the first
  std::string unclean_reason;  // empty: it parsed cleanly
  bool covered = true;         // do the parts cover each reading of it?
};

// Never fails: what can't be taken apart is one part "0". Memory and time are bounded by the size.
TakenApart TakeApart(std::string_view raw);

// The decoded content of a part whose span lies in `raw`.
std::string Decode(std::string_view raw, const Part& part);

// The decoded content of any part of the raw message.
std::string ContentOf(std::string_view raw, const std::vector<Part>& parts, size_t index);

}  // namespace store_sim
