// SPDX-License-Identifier: Apache-2.0
#include "transit_mail.h"

#include "engine_store.h"
#include "property_value.h"

namespace store_sim {
namespace {

bool HasWhole(const IncomingMessage& message) {
  const auto& parts = message.apart.parts;
  return !parts.empty() && parts.front().kind == PartKind::kWhole;
}

}  // namespace

// One content of it. The engine keeps the mail as long as this is open.
class TransitMail::Part final : public vsapi::Content {
 public:
  // `at` is the number of parts for the whole.
  Part(const TransitMail& mail, size_t at) : mail_(mail), at_(at) {
    const auto& parts = mail.incoming_.apart.parts;
    if (at < parts.size()) bytes_ = ContentOf(mail.incoming_.raw, parts, at);
  }

  uint64_t size() const override { return bytes().size(); }
  const void* data() const override { return bytes().data(); }
  int32_t Property(uint32_t id, uint32_t index, vsapi_value* value) override {
    const MessageDetails& details = mail_.incoming_.apart.details;
    const Envelope& envelope = mail_.envelope_;
    if (id == VSAPI_PROPERTY_RECIPIENT)
      return index < envelope.to.size() ? TextValue(envelope.to[index], *value) : VSAPI_E_ABSENT;
    if (index > 0) return VSAPI_E_ABSENT;
    switch (id) {
      case VSAPI_PROPERTY_SENDER:
        return TextValue(envelope.from.empty() ? details.sender : envelope.from, *value);
      case VSAPI_PROPERTY_SUBJECT:
        return TextValue(details.subject, *value);
      case VSAPI_PROPERTY_MESSAGE_ID:
        return TextValue(details.message_id, *value);
      case VSAPI_PROPERTY_ORIGIN:
        return TextValue(mail_.incoming_.came_in, *value);
      case VSAPI_PROPERTY_SUBMIT_TIME:
        return IntegerValue(mail_.incoming_.received_ns, *value);
      case VSAPI_PROPERTY_SIZE:
        return IntegerValue(static_cast<int64_t>(size()), *value);
      default:
        return OfPart(id, *value);
    }
  }

 private:
  const std::string& bytes() const {
    return at_ < mail_.incoming_.apart.parts.size() ? bytes_ : mail_.incoming_.raw;
  }
  int32_t OfPart(uint32_t id, vsapi_value& value) const {
    if (at_ >= mail_.incoming_.apart.parts.size()) return VSAPI_E_ABSENT;
    const store_sim::Part& part = mail_.incoming_.apart.parts[at_];
    switch (id) {
      case VSAPI_PROPERTY_ATTACHMENT_NAME:
        return TextValue(part.name, value);
      case VSAPI_PROPERTY_CONTENT_TYPE:
        return TextValue(part.content_type, value);
      case VSAPI_PROPERTY_PART_PATH:
        return TextValue(part.path, value);
      default:
        return VSAPI_E_ABSENT;
    }
  }

  const TransitMail& mail_;
  const size_t at_;
  std::string bytes_;  // decoded
};

TransitMail::TransitMail(Envelope envelope, int64_t received_ns, std::string raw)
    : envelope_(std::move(envelope)), incoming_([&] {
        IncomingMessage incoming = Prepare(std::move(raw), received_ns);
        incoming.came_in = "submission by " + (envelope_.from.empty() ? "nobody" : envelope_.from);
        return incoming;
      }()) {}

std::vector<vsapi::Item> TransitMail::Items(const std::optional<vsapi::Stamp>& trusted) const {
  std::vector<vsapi::Item> items;
  const auto& parts = incoming_.apart.parts;
  for (size_t at = 0; at < parts.size(); ++at) {
    items.push_back(EngineStore::ItemOf(
        0, NewItem{{0, static_cast<int64_t>(at)}, parts[at].kind, incoming_.contents[at]}));
    if (trusted) items.back().stamp = *trusted;
  }
  if (HasWhole(incoming_) || (trusted && incoming_.apart.unclean_reason.empty())) return items;
  const ContentIdentity whole{incoming_.digest, incoming_.raw.size()};
  items.push_back(EngineStore::ItemOf(
      0, NewItem{{0, static_cast<int64_t>(parts.size())}, PartKind::kWhole, whole}));
  return items;
}

std::string TransitMail::WhyItStays(const vsapi::MessageDecision& decision) const {
  const bool was_looked_at = decision.reason != VSAPI_REASON_DISABLED &&
                             decision.reason != VSAPI_REASON_EXEMPT &&
                             decision.reason != VSAPI_REASON_EXCLUDED;
  if (incoming_.apart.covered || !was_looked_at) return "";
  return "could not be taken apart: " + incoming_.apart.unclean_reason;
}

int32_t TransitMail::OpenContent(const vsapi::Item& item,
                                 std::unique_ptr<vsapi::Content>& content) {
  content = std::make_unique<Part>(*this, static_cast<size_t>(EngineStore::PlaceOf(item).ordinal));
  return VSAPI_OK;
}

}  // namespace store_sim
