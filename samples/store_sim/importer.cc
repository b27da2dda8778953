// SPDX-License-Identifier: Apache-2.0
#include "importer.h"

namespace store_sim {
namespace {

ContentIdentity IdentityOf(std::string_view raw, const std::vector<Part>& parts, size_t index) {
  const Part& part = parts[index];
  if (part.encoding == TransferEncoding::kIdentity && !part.container) {
    const std::string_view span = raw.substr(part.offset, part.size);
    return {Sha256(span), span.size()};
  }
  const std::string content = ContentOf(raw, parts, index);
  return {Sha256(content), content.size()};
}

}  // namespace

IncomingMessage Prepare(std::string raw, int64_t received_ns) {
  IncomingMessage message;
  message.raw = std::move(raw);
  message.digest = Sha256(message.raw);
  message.apart = TakeApart(message.raw);
  const std::vector<Part>& parts = message.apart.parts;
  for (size_t i = 0; i < parts.size(); ++i)
    message.contents.push_back(IdentityOf(message.raw, parts, i));
  message.received_ns = received_ns;
  return message;
}

IncomingMessage Prepare(std::string raw, Placement placement, int64_t received_ns) {
  IncomingMessage message = Prepare(std::move(raw), received_ns);
  message.placements.push_back(std::move(placement));
  return message;
}

void Importer::Add(IncomingMessage message) {
  batch_bytes_ += message.raw.size();
  batch_.push_back(std::move(message));
  if (batch_.size() >= kBatchMessages || batch_bytes_ >= kBatchBytes) Flush();
}

void Importer::Flush() {
  std::vector<NewItem> new_items;
  const ImportCount added = mdb_.Import(batch_, &new_items, is_current_);
  count_.stored += added.stored;
  count_.known += added.known;
  count_.unclean += added.unclean;
  count_.bad += added.bad;
  batch_.clear();
  batch_bytes_ = 0;
  if (on_stored_) on_stored_(new_items);
}

}  // namespace store_sim
