// SPDX-License-Identifier: Apache-2.0
//
// Which messages of a store something was found in, whose they are, how they came in, and who had
// them before it was known. From the record of each MDB; nothing is scanned for it.
//
// Thread safety: any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "mdb.h"

namespace store_sim {

struct AffectedMessage {
  std::string mdb;
  int64_t number = 0;
  std::optional<StoredMessage> message;  // nullopt: no longer in the store, and nobody knows more
  bool is_deleted = false;               // by an outcome; `message` is what it was
  std::vector<Detection> detections;     // at least one, by part
  std::vector<Opening> openings;

  // When something was first found in it.
  int64_t found_ns() const;
  bool WasTooEarly(const Opening& opening) const { return opening.first_ns < found_ns(); }
};

// By number.
std::vector<AffectedMessage> AffectedMessages(Mdb& mdb);

nlohmann::json ReportJson(const std::vector<AffectedMessage>& messages);
void PrintReport(const std::vector<AffectedMessage>& messages, std::ostream& out);

}  // namespace store_sim
