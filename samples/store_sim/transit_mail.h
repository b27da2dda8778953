// SPDX-License-Identifier: Apache-2.0
//
// A message on its way, as the engine reads it: its parts as the store would hold them, and the
// whole of it, from memory.
//
// Thread safety: constant; any thread.
#pragma once

#include <memory>
#include <optional>

#include "importer.h"
#include "transport_queue.h"
#include "vsapi/host/engine.h"

namespace store_sim {

class TransitMail final : public vsapi::Reader {
 public:
  // Takes it apart. Its bytes are held once, however long it is asked about.
  TransitMail(Envelope envelope, int64_t received_ns, std::string raw);

  const IncomingMessage& incoming() const { return incoming_; }
  const Envelope& envelope() const { return envelope_; }

  // In the order of the parts, the whole last unless it is one of them already. With `trusted`, a
  // stamp for each part; and then the whole is left out where there is one reading of it alone.
  std::vector<vsapi::Item> Items(const std::optional<vsapi::Stamp>& trusted) const;

  // Why it may not leave for where somebody might decode what nobody here could, although it was
  // decided to deliver it; "": it may, as may what was let through unscanned by a rule.
  std::string WhyItStays(const vsapi::MessageDecision& decision) const;

  int32_t OpenContent(const vsapi::Item& item, std::unique_ptr<vsapi::Content>& content) override;

 private:
  class Part;

  const Envelope envelope_;
  const IncomingMessage incoming_;
};

}  // namespace store_sim
