// SPDX-License-Identifier: Apache-2.0
//
// One content opened for a scan: its bytes in memory, and what a vendor may ask about the item that
// holds it. The message's own details are read only when they are asked for.
//
// Thread safety: one thread at a time.
#pragma once

#include <optional>
#include <string>

#include "mdb.h"
#include "vsapi/host/engine.h"

namespace store_sim {

class ItemContent final : public vsapi::Content {
 public:
  ItemContent(Mdb& mdb, int64_t message, StoredPart part, std::string bytes)
      : mdb_(mdb), number_(message), part_(std::move(part)), bytes_(std::move(bytes)) {}

  uint64_t size() const override { return bytes_.size(); }
  const void* data() const override { return bytes_.data(); }
  int32_t Property(uint32_t id, uint32_t index, vsapi_value* value) override;

 private:
  int32_t OfMessage(uint32_t id, uint32_t index, vsapi_value& value);

  Mdb& mdb_;
  const int64_t number_;
  const StoredPart part_;
  const std::string bytes_;
  std::optional<StoredMessage> message_;  // without parts
};

}  // namespace store_sim
