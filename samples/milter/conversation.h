// SPDX-License-Identifier: Apache-2.0
//
// What one connection of the MTA has told: who is at its other end, and the message that is coming.
// The message is put together byte for byte as it came, with the header as the MTA has it.
//
// Nothing here fails at once: the MTA is answered at the end of the message only, so what went
// wrong before that is kept until then.
//
// Thread safety: one thread at a time.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "judge.h"
#include "spool.h"

namespace store_milter {

class Conversation {
 public:
  // `spool` outlives it.
  explicit Conversation(const Spool::Options& spool) : options_(spool) {}

  // Of the MTA's client; "" where it is not told.
  void Connected(std::string address) { address_ = std::move(address); }

  // Of the addresses of a message's recipients, each with what it takes besides.
  static constexpr size_t kMostRecipientBytes = size_t{8} << 20;

  // A new message; one that was there before is forgotten.
  void Begin(std::string_view from, std::string user, bool interactive);
  void AddRecipient(std::string_view to);
  // The value begins right after the colon.
  void AddField(std::string_view name, std::string_view value);
  void EndHeader();
  void AddBody(std::string_view bytes);
  void Forget() { message_.reset(); }

  // The message, once; or none, and what is to be answered at once.
  struct Taken {
    std::optional<Submission> submission;
    Reply instead = {};
    std::string problem = {};  // for the administrator
  };
  Taken Take();

 private:
  struct Message {
    explicit Message(const Spool::Options& options) : spool(options) {}
    Submission submission;
    Spool spool;
    size_t recipient_bytes = 0;
    std::string problem;  // what went wrong first
  };

  void Append(std::string_view bytes);

  const Spool::Options& options_;
  std::string address_;
  std::optional<Message> message_;
};

}  // namespace store_milter
