// SPDX-License-Identifier: Apache-2.0
#include "transport_delivery.h"

#include <algorithm>

#include "av_stamp.h"
#include "display.h"
#include "engine_store.h"
#include "error.h"
#include "header_fields.h"
#include "message_edit.h"
#include "notice.h"
#include "save_file.h"

namespace store_sim {
namespace {

// The message is taken apart anew for each.
constexpr ptrdiff_t kMostReplaced = 64;

std::vector<Placement> PlacesFor(const Mdb& mdb, const Envelope& envelope) {
  std::vector<Placement> places;
  if (mdb.kind() == MdbKind::kPublic) return {{kPublicFolders, "Inbox"}};
  for (const std::string& address : envelope.to) places.push_back({MailboxOf(address), "Inbox"});
  return places;
}

// Those who let it out keep their say in the store. What denies does not get this far.
bool IsToBeKept(const vsapi::Stamp& stamp) {
  return stamp.verdict != VSAPI_VERDICT_NONE && stamp.verdict != VSAPI_VERDICT_CLEANED &&
         stamp.scope == VSAPI_SCOPE_CONTENT;
}

// One for each of `contents` of the message.
std::vector<std::optional<Stamp>> StampsToKeep(size_t contents, uint64_t since,
                                               const vsapi::MessageDecision& decision) {
  std::vector<std::optional<Stamp>> stamps(contents);
  for (size_t at = 0; at < contents; ++at) {
    const vsapi::Stamp& stamp = decision.parts.at(at).stamp;
    if (IsToBeKept(stamp)) stamps[at] = EngineStore::StampOf(stamp, since);
  }
  return stamps;
}

void SubmitUnstamped(const Mdb& mdb, int64_t number, Scanning& scanning,
                     const IncomingMessage& incoming) {
  for (size_t at = 0; at < incoming.contents.size(); ++at) {
    if (incoming.stamps[at]) continue;
    const NewItem item{
        {number, static_cast<int64_t>(at)}, incoming.apart.parts[at].kind, incoming.contents[at]};
    scanning.engine().Submitted(scanning.ItemOf(mdb, item));
  }
}

// Where it stands in the message now; none: a part that held it was replaced.
std::optional<size_t> PartAt(const TakenApart& apart, const std::string& path) {
  const auto found = std::find_if(apart.parts.begin(), apart.parts.end(),
                                  [&](const Part& part) { return part.path == path; });
  if (found == apart.parts.end()) return std::nullopt;
  return static_cast<size_t>(found - apart.parts.begin());
}

Substitute SubstituteFor(const Part& part, int64_t number, const vsapi::PartDecision& decision) {
  if (decision.action == VSAPI_ACTION_REPLACE) return {decision.replacement};
  Stamp stamp = EngineStore::StampOf(decision.stamp, 0);
  stamp.verdict = decision.verdict;
  stamp.finding = decision.finding;
  const Removed removed{"transport/" + std::to_string(number), part.kind, part.path, part.name};
  return {NoticeText(removed, stamp), "text/plain", NoticeName(part.kind, part.name)};
}

}  // namespace

std::string MailboxOf(const std::string& address) {
  const std::string mailbox = address.substr(0, address.rfind('@'));
  const bool is_good =
      !mailbox.empty() && mailbox != kPublicFolders && mailbox == ForDisplay(mailbox);
  if (is_good) return mailbox;
  throw Error("'" + ForDisplay(address) + "' names no mailbox; write NAME or NAME@DOMAIN");
}

void DeliverInto(const Store& store, Scanning& scanning, const TransitMail& mail,
                 const vsapi::MessageDecision& decision) {
  Mdb& mdb = store.mdb(mail.envelope().mdb);
  IncomingMessage incoming = mail.incoming();
  incoming.placements = PlacesFor(mdb, mail.envelope());
  incoming.stamps =
      StampsToKeep(incoming.contents.size(), scanning.engine().Status().since_generation, decision);
  mdb.Import({&incoming, 1});
  if (const auto number = mdb.FindNumber(incoming.digest))
    SubmitUnstamped(mdb, *number, scanning, incoming);
}

void RelayTo(const TransitMail& mail, int64_t number, const vsapi::MessageDecision& decision,
             const std::optional<std::string>& key) {
  const IncomingMessage& incoming = mail.incoming();
  const auto stamp = CommonStamp(decision.parts);
  std::string header;
  if (key && stamp)
    header = std::string(kAvStampField) + ": " + AvStampValue(*stamp, incoming.contents, *key) +
             std::string(LineEndOf(incoming.raw));
  const std::string name =
      std::to_string(number) + "-" + ToHex(incoming.digest).substr(0, 16) + ".eml";
  SaveFile(std::filesystem::path(mail.envelope().relay) / name, header + incoming.raw);
}

// From the last part to the first, so that a part goes before what holds it.
std::optional<std::string> WithPartsReplaced(const TransitMail& mail, int64_t number,
                                             const vsapi::MessageDecision& decision) {
  const auto changes = std::ranges::count_if(
      decision.parts, [](const auto& of_part) { return of_part.action != VSAPI_ACTION_STAMP; });
  if (changes > kMostReplaced) return std::nullopt;
  std::string raw = mail.incoming().raw;
  const auto& parts = mail.incoming().apart.parts;
  for (size_t at = decision.parts.size(); at-- > 0;) {
    const vsapi::PartDecision& of_part = decision.parts[at];
    if (of_part.action == VSAPI_ACTION_STAMP) continue;
    if (at >= parts.size() || parts[at].kind == PartKind::kWhole) return of_part.replacement;
    const TakenApart apart = TakeApart(raw);
    const auto index = PartAt(apart, parts[at].path);
    if (!index) return std::nullopt;
    auto edited =
        WithPartReplaced(raw, apart, *index, SubstituteFor(apart.parts[*index], number, of_part));
    if (!edited) return std::nullopt;
    raw = std::move(*edited);
  }
  return raw;
}

std::optional<QueuedMessage> BounceOf(const QueuedMessage& message, const TransitMail& mail,
                                      const std::string& why) {
  if (message.envelope.from.empty()) return std::nullopt;  // it is a bounce itself
  MessageDetails details = mail.incoming().apart.details;
  details.subject = "Undeliverable: " + details.subject;
  details.recipients = {{RecipientField::kTo, message.envelope.from}};
  details.sender = "postmaster";
  details.message_id = "bounce-" + ToHex(mail.incoming().digest).substr(0, 16);
  QueuedMessage bounce;
  bounce.envelope.to = {message.envelope.from};
  bounce.envelope.mdb = message.envelope.mdb;
  bounce.envelope.access = VSAPI_ACCESS_TRANSPORT;
  bounce.received_ns = message.received_ns;
  bounce.raw = MessageWithText(details, "Your message was not delivered: " + why + "\n");
  return bounce;
}

}  // namespace store_sim
