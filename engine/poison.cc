// SPDX-License-Identifier: Apache-2.0
#include "poison.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "text.h"

namespace vsapi::engine {
namespace {

constexpr size_t kLongestFile = size_t{16} << 20;
constexpr size_t kMost = 100'000;  // contents; more of them are no mail's doing
constexpr size_t kDigestText = 2 * sizeof(vsapi_digest);

bool ParseDigest(std::string_view text, vsapi_digest& digest) {
  if (text.size() != kDigestText) return false;
  for (size_t i = 0; i < sizeof digest.bytes; ++i) {
    const char* const at = text.data() + 2 * i;
    if (std::from_chars(at, at + 2, digest.bytes[i], 16).ptr != at + 2) return false;
  }
  return true;
}

}  // namespace

Poison::Poison(const std::string& folder, EventLog& events)
    : path_(folder.empty() ? "" : folder + "/virusscan.poison"), events_(events) {
  if (path_.empty() || !platform::MarkOf(path_)) return;
  platform::Failure failure;
  const auto text = platform::ReadFile(path_, kLongestFile, failure);
  if (text)
    judges_ = Parse(*text);
  else
    events_.Log(EventId::kStateNotKept, failure.text);
  size_ = judges_.size();
}

// A line for each: the content's digest in hexadecimal, and who judged.
Poison::Judges Poison::Parse(std::string_view text) {
  Judges judges;
  while (!text.empty() && judges.size() < kMost) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    vsapi_digest content;
    uint64_t judge = 0;
    if (line.size() <= kDigestText || !ParseDigest(line.substr(0, kDigestText), content)) continue;
    std::from_chars(line.data() + kDigestText + 1, line.data() + line.size(), judge);
    judges[content] = judge;
  }
  return judges;
}

bool Poison::Has(const vsapi_digest& content, uint64_t judge) const {
  if (size_.load(std::memory_order_relaxed) == 0) return false;
  const MutexLock lock(mutex_);
  const auto found = judges_.find(content);
  return found != judges_.end() && found->second == judge;
}

bool Poison::Add(const vsapi_digest& content, uint64_t judge, const std::string& what) {
  const bool is_kept = Rewrite([&](Judges& judges) {
    if (judges.size() < kMost) judges[content] = judge;
  });
  events_.Log(EventId::kPoisoned, what, {{"digest", Hex(content.bytes, sizeof content.bytes)}});
  return is_kept;
}

void Poison::Keep(uint64_t judge) {
  if (size() == 0) return;
  Rewrite([&](Judges& judges) {
    std::erase_if(judges, [judge](const auto& each) { return each.second != judge; });
  });
}

// Other processes may add to the same file.
bool Poison::Rewrite(const std::function<void(Judges&)>& change) {
  {
    const MutexLock lock(mutex_);
    change(judges_);
    size_ = judges_.size();
  }
  if (path_.empty()) return true;
  const MutexLock lock(file_mutex_);  // scans ask meanwhile
  platform::Failure failure;
  const bool exists = platform::MarkOf(path_) || platform::WriteFileAtomically(path_, "", failure);
  const auto rewritten = [&](const std::string& content) {
    Judges judges = Parse(content);
    change(judges);
    std::string text;
    for (const auto& [digest, judge] : judges)
      text += Hex(digest.bytes, sizeof digest.bytes) + " " + std::to_string(judge) + "\n";
    return std::optional<std::string>(text);
  };
  if (exists && platform::RewriteFile(path_, kLongestFile, rewritten, failure)) return true;
  events_.Log(EventId::kStateNotKept, failure.text);
  return false;
}

}  // namespace vsapi::engine
