// SPDX-License-Identifier: Apache-2.0
#include "conversation.h"

#include <exception>

namespace store_milter {
namespace {

std::string_view WithoutBrackets(std::string_view address) {
  if (address.starts_with('<')) address.remove_prefix(1);
  if (address.ends_with('>')) address.remove_suffix(1);
  return address;
}

// MTAs hand over folded fields with bare line feeds.
std::string WithLineEnds(std::string_view value) {
  std::string text;
  for (size_t at = 0; at < value.size(); ++at) {
    const bool is_bare = value[at] == '\n' && (at == 0 || value[at - 1] != '\r');
    if (is_bare) text += '\r';
    text += value[at];
  }
  return text;
}

}  // namespace

void Conversation::Begin(std::string_view from, std::string user, bool interactive) {
  message_.emplace(options_);
  Submission& submission = message_->submission;
  submission.envelope.from = WithoutBrackets(from);
  submission.envelope.hop = address_;
  submission.envelope.access = VSAPI_ACCESS_TRANSPORT;
  submission.user = std::move(user);
  submission.interactive = interactive;
}

void Conversation::AddRecipient(std::string_view to) {
  if (!message_ || !message_->problem.empty()) return;
  message_->recipient_bytes += sizeof(std::string) + to.size();
  if (message_->recipient_bytes > kMostRecipientBytes)
    message_->problem = "more recipients than can be kept";
  else
    message_->submission.envelope.to.emplace_back(WithoutBrackets(to));
}

void Conversation::AddField(std::string_view name, std::string_view value) {
  Append(std::string(name) + ":" + WithLineEnds(value) + "\r\n");
}

void Conversation::EndHeader() { Append("\r\n"); }

void Conversation::AddBody(std::string_view bytes) { Append(bytes); }

void Conversation::Append(std::string_view bytes) {
  if (!message_ || !message_->problem.empty()) return;
  try {
    message_->spool.Append(bytes);
  } catch (const std::exception& error) {
    message_->problem = error.what();
  }
}

Conversation::Taken Conversation::Take() {
  if (!message_) return {{}, Failed(), "the MTA sent no message"};
  if (message_->spool.is_too_large()) return {{}, TooLarge(), "larger than --max-message-size"};
  if (!message_->problem.empty()) return {{}, Failed(), message_->problem};
  message_->submission.raw = message_->spool.Take();
  Taken taken{std::move(message_->submission)};
  Forget();
  return taken;
}

}  // namespace store_milter
