// SPDX-License-Identifier: Apache-2.0
//
// What the engine and its worker processes say to each other. With `vsapi_worker`, the zygote, by
// messages: it loads the vendor and forks workers. With a worker by memory that both have: one
// request at a time, and a bell for each side.
//
//    engine                               worker
//    fills content and request, rings
//                                         scans
//                                         [asks for a property, rings]
//    [answers it, rings]
//                                         packs its answer, rings
//
// The engine trusts nothing that stands there: sizes are held against what there is, numbers
// against what they may be, and text is cleaned.
//
// Thread safety: whose turn it is by the bells, but for what is atomic.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "event_log.h"
#include "packed.h"
#include "platform.h"
#include "vendor.h"
#include "worker_crash.h"

namespace vsapi::engine {

// ---- Messages to the zygote, each with one answer -----------------------------------------------

enum class ZygoteCall : uint64_t { kLoad, kPoll, kReplace, kSymbolise };

// What the vendor said or broke meanwhile; at the end of each answer.
struct SaidEvent {
  EventId id;
  int32_t severity;
  std::string what;
};

// Takes what the vendor says to be packed, in a process that has no thread for events.
class SaidEvents final : public EventTaker {
 public:
  static constexpr size_t kMost = 64;

  void Log(EventId id, std::string what = {}, EventFields fields = {}) override;
  void Log(EventId id, int32_t severity, std::string what, EventFields fields) override;
  // Packs them, and forgets them.
  void PackInto(Packer& to);

 private:
  std::vector<SaidEvent> events_;
};
// Those that a worker may say of what it says; false if that is no list, or more than kMost.
bool UnpackSaid(Unpacker& from, std::vector<SaidEvent>& said);

// How a new worker is to be scheduled; nothing: as it comes.
void PackPriority(const std::optional<platform::Priority>& priority, Packer& to);
std::optional<platform::Priority> UnpackPriority(Unpacker& from);

// ---- Memory with a worker -----------------------------------------------------------------------

enum class Step : uint32_t { kIdle, kScans, kAsks, kAnswers };
const char* StepText(uint32_t step);

enum class Turn : uint32_t { kScan, kGiveProperty, kAnswer, kAskProperty };

struct Talk {
  static constexpr size_t kPackedSize = size_t{256} << 10;
  static constexpr size_t kReplacementAt = size_t{1} << 20;  // of the same memory
  static constexpr size_t kReserved = kReplacementAt + (size_t{1} << 30);
  static constexpr size_t kContentReserved = size_t{4} << 30;

  std::atomic<Turn> turn;  // this and the size are read once: they may change meanwhile
  // The request.
  uint64_t number, size;
  int64_t budget_ns;
  int32_t access, lane;
  std::atomic<bool> cancelled;  // by the engine at any time; publishes nothing
  // What the worker does, for who finds it dead; publishes nothing.
  std::atomic<uint32_t> step;
  // A property, asked for and given; text is in `packed`.
  uint32_t property, index;
  int32_t property_status, property_type;
  int64_t integer;
  // The answer: PackAnswer; a replacement stands behind this struct.
  std::atomic<uint64_t> packed_size;
  char packed[kPackedSize];
  CrashNote crash;  // by the worker's signal handler
};
static_assert(sizeof(Talk) <= Talk::kReplacementAt);

struct WorkerAnswer {
  ScanReport report;
  uint64_t replacement_size = 0;
  bool is_worn = false;  // the worker holds more memory or descriptors than it began with
  std::vector<SaidEvent> said;
};

std::string PackAnswer(const ScanReport& report, bool is_worn, SaidEvents& said);
// Nothing if it is none. The replacement is not in it.
std::optional<WorkerAnswer> UnpackAnswer(std::string_view bytes);

// The engine's hands in that memory, of which a worker may have made what it likes, and goes on to.
void PutRequest(Talk& talk, const ScanJob& job);
// What the worker asks for, of the content that it judges.
void GiveProperty(Talk& talk, ScanContent& content);
// Of all of the memory, which begins with a Talk. Nothing if it is no answer.
std::optional<WorkerAnswer> ReadAnswer(std::string_view shared);

}  // namespace vsapi::engine
