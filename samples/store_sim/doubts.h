// SPDX-License-Identifier: Apache-2.0
//
// What is doubtful about a message: whatever two mail programs could read in two ways. A doubt is
// *covered* if each reading is made of bytes that are scanned: those of the parts, or of part "0".
// One that is not covered (the other reading decodes bytes that nobody here decoded) keeps the
// message from clients.
//
// Thread safety: one thread at a time.
#pragma once

#include <string>
#include <vector>

namespace store_sim {

class Doubts {
 public:
  void Add(const std::string& reason);
  void AddNotCovered(const std::string& reason);

  bool covered() const { return not_covered_.empty(); }
  bool empty() const { return covered_.empty() && not_covered_.empty(); }
  // The first few reasons: those not covered, or else the covered ones.
  std::string Text() const;

 private:
  std::vector<std::string> covered_;
  std::vector<std::string> not_covered_;
};

}  // namespace store_sim
