// SPDX-License-Identifier: Apache-2.0
//
// The texts that stand in for what was removed from a message, and under which name.
//
// Thread safety: pure functions.
#pragma once

#include <string>

#include "mdb_rows.h"

namespace store_sim {

// Where it stood: "mdb1/7", and what the part is.
struct Removed {
  std::string message;
  PartKind kind = PartKind::kAttachment;
  std::string path;
  std::string name;
};

std::string NoticeText(const Removed& removed, const Stamp& stamp);

// As VSAPI's vendors named it: "invoice.doc.virusinfo.txt". "" for what has no name.
std::string NoticeName(PartKind kind, const std::string& name);

// What became of it, for an administrator: "replaced by a notice".
const char* PastText(int32_t action);

}  // namespace store_sim
