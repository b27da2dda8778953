// SPDX-License-Identifier: Apache-2.0
#include "scan_slots.h"

#include <cstring>
#include <stdexcept>

namespace vsapi::engine {
namespace {

constexpr auto kUnordered = std::memory_order_relaxed;
constexpr size_t kSize = ScanSlots::kSlots * sizeof(ScanSlot);
constexpr size_t kFiles = 16;  // processes that may have one folder

}  // namespace

void ScanSlot::Enter(const Call& call) {
  std::array<uint64_t, std::tuple_size_v<decltype(content_)>> words;
  std::memcpy(words.data(), call.content.bytes, sizeof words);
  for (size_t i = 0; i < words.size(); ++i) content_[i].store(words[i], kUnordered);
  number_.store(call.number, kUnordered);
  began_.store(call.began.time_since_epoch().count(), kUnordered);
  deadline_.store(call.deadline.time_since_epoch().count(), kUnordered);
  judge_.store(call.judge, std::memory_order_release);
}

// What it began tells two calls apart.
bool ScanSlot::Read(Call& call) const {
  call.judge = judge_.load(std::memory_order_acquire);
  if (call.judge == 0) return false;
  std::array<uint64_t, std::tuple_size_v<decltype(content_)>> words;
  for (size_t i = 0; i < words.size(); ++i) words[i] = content_[i].load(kUnordered);
  std::memcpy(call.content.bytes, words.data(), sizeof words);
  call.number = number_.load(kUnordered);
  call.began = TimePoint(Duration(began_.load(kUnordered)));
  call.deadline = TimePoint(Duration(deadline_.load(kUnordered)));
  std::atomic_thread_fence(std::memory_order_acquire);
  return judge_.load(kUnordered) == call.judge &&
         began_.load(kUnordered) == call.began.time_since_epoch().count();
}

ScanSlots::ScanSlots(const std::string& folder, std::string& problem) {
  if (!folder.empty()) OpenFiles(folder, problem);
  platform::Failure failure;
  if (!memory_) memory_ = platform::MappedFile::Anonymous(kSize, failure);
  if (!memory_) throw std::runtime_error(failure.text);
  slots_ = SlotsOf(memory_);
}

// Takes the first file that nobody has, and looks into all of them: each is of a process that
// lives, or of one that is gone.
void ScanSlots::OpenFiles(const std::string& folder, std::string& problem) {
  for (size_t number = 0; number < kFiles; ++number) {
    const std::string path = folder + "/virusscan.slots." + std::to_string(number);
    if (memory_ && !platform::MarkOf(path)) continue;
    platform::Failure failure;
    Memory file = platform::MappedFile::Open(path, kSize, failure);
    if (!failure.text.empty()) problem = failure.text;
    if (!file) continue;
    (memory_ ? old_.emplace_back() : memory_) = std::move(file);
  }
}

// From the slots of sessions that there will be to the last ones. What has no place there either is
// lost: no pool is that large.
void ScanSlots::KeepLeftBehind() {
  const auto threads = slots_.first(kSlots / 2), rest = slots_.last(kSlots / 2);
  auto free = rest.rbegin();
  ScanSlot::Call call, other;
  for (ScanSlot& slot : threads) {
    if (!slot.Read(call)) continue;
    while (free != rest.rend() && free->Read(other)) ++free;
    if (free != rest.rend()) free->Enter(call);
    slot.Leave();
  }
  old_.clear();  // their files stay as they are
}

std::span<ScanSlot> ScanSlots::SlotsOf(const Memory& memory) {
  return {static_cast<ScanSlot*>(memory->data()), kSlots};
}

std::vector<ScanSlot::Call> ScanSlots::left_behind() const {
  std::vector<ScanSlot::Call> left;
  ScanSlot::Call call;
  const auto look = [&](const Memory& memory) {
    for (const ScanSlot& slot : SlotsOf(memory))
      if (slot.Read(call)) left.push_back(call);
  };
  look(memory_);
  for (const Memory& old : old_) look(old);
  return left;
}

void ScanSlots::ForgetLeftBehind() {
  for (ScanSlot& slot : slots_) slot.Leave();
  for (const Memory& old : old_)
    for (ScanSlot& slot : SlotsOf(old)) slot.Leave();
  old_.clear();
}

ScanSlot* ScanSlots::of(size_t session) {
  if (session >= slots_.size()) return nullptr;
  size_t used = used_.load(kUnordered);
  while (used <= session && !used_.compare_exchange_weak(used, session + 1, kUnordered)) continue;
  return &slots_[session];
}

std::vector<ScanSlots::Overdue> ScanSlots::FindOverdue(TimePoint now, Duration grace) const {
  std::vector<Overdue> overdue;
  ScanSlot::Call call;
  for (size_t session = 0; session < used_.load(kUnordered); ++session)
    if (slots_[session].Read(call) && now - call.deadline >= grace)
      overdue.push_back({session, call});
  return overdue;
}

}  // namespace vsapi::engine
