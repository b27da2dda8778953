// SPDX-License-Identifier: Apache-2.0
//
// What is measured of the ways: each function writes the records of one kind of case. Ways take
// turns; who begins changes from round to round.
#pragma once

#include "records.h"
#include "way.h"

namespace vsapi::bench {

struct Run {
  const SectionOptions& options;
  Records& records;
  Mailboxes& mail;
  std::string definitions;  // of the ways' scanners: "small" or "large"

  // The case's name: `what` with these definitions.
  std::string Case(const std::string& what) const { return what + ", " + definitions; }
  std::chrono::milliseconds Time(int full_ms, int short_ms) const {
    return std::chrono::milliseconds(options.is_short ? short_ms : full_ms);
  }
};

// `turn` with each way in turn.
template <class Turn>
void TakeTurns(const Run& run, const Ways& ways, Turn turn) {
  const auto first = static_cast<size_t>(run.options.round);
  for (size_t i = 0; i < ways.size(); ++i) turn(*ways[(first + i) % ways.size()]);
}

// Bulk alone: items, bytes and CPU, by size of the items.
void MeasureThroughput(Run& run, const Ways& ways);
// Clients by a timetable while bulk saturates the scanner.
void MeasureWaits(Run& run, const Ways& ways);
// One content for 1,000 recipients.
void MeasureRecipients(Run& run, const Ways& ways);
// Clients and bulk while definitions change, then the same for the memory that the way takes: what
// there is more of since `make` was called.
void MeasureReload(Run& run, const std::function<std::unique_ptr<Way>()>& make,
                   MarkerDefinitions& definitions);

// One item in a hundred brings the scanner down, or keeps it.
enum class Fault { kCrash, kHang };
// `inflict` is called on this thread for each faulty item that a client is about to ask for: what
// the item does to a scanner that it can't be made to do by content.
void MeasureFaults(Run& run, Way& way, Fault fault, const std::function<void()>& inflict = {});

}  // namespace vsapi::bench
