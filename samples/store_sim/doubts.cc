// SPDX-License-Identifier: Apache-2.0
#include "doubts.h"

#include <algorithm>

namespace store_sim {
namespace {

constexpr size_t kMost = 3;

void AddOnce(std::vector<std::string>& reasons, const std::string& reason) {
  if (reasons.size() >= kMost) return;
  if (std::find(reasons.begin(), reasons.end(), reason) == reasons.end()) reasons.push_back(reason);
}

}  // namespace

void Doubts::Add(const std::string& reason) { AddOnce(covered_, reason); }

void Doubts::AddNotCovered(const std::string& reason) { AddOnce(not_covered_, reason); }

std::string Doubts::Text() const {
  std::string text;
  for (const std::string& reason : covered() ? covered_ : not_covered_) {
    text += (text.empty() ? "" : "; ") + reason;
  }
  return text;
}

}  // namespace store_sim
