// SPDX-License-Identifier: Apache-2.0
#include "worker_process.h"

#include <algorithm>
#include <cstring>
#include <list>

namespace vsapi::engine {
namespace {

// So often a worker looks at what it holds.
constexpr uint64_t kScansToALook = 16;
constexpr int kDescriptorsToLose = 32;

std::optional<platform::SharedMemory> Attach(platform::Handle handle, size_t reserved,
                                             bool read_only) {
  platform::Failure failure;
  return platform::SharedMemory::Attach(std::move(handle), reserved, read_only, failure);
}

}  // namespace

// The content in shared memory; properties are the engine's to know.
class WorkerProcess::TalkedContent final : public ScanContent {
 public:
  explicit TalkedContent(WorkerProcess& worker) : worker_(worker), size_(worker.talk().size) {}

  uint64_t size() const override { return size_; }
  const void* data() const override { return worker_.content_->data(); }
  int32_t Read(uint64_t offset, void* buffer, size_t size, size_t* got) override {
    *got = offset < size_ ? std::min<uint64_t>(size, size_ - offset) : 0;
    std::memcpy(buffer, worker_.content_->data() + offset, *got);
    return VSAPI_OK;
  }
  int32_t Property(uint32_t id, uint32_t index, vsapi_value* value) override;

 private:
  WorkerProcess& worker_;
  const uint64_t size_;
  std::list<std::string> texts_;  // valid until the scan returns
};

int32_t WorkerProcess::TalkedContent::Property(uint32_t id, uint32_t index, vsapi_value* value) {
  Talk& talk = worker_.talk();
  talk.property = id;
  talk.index = index;
  talk.turn = Turn::kAskProperty;
  worker_.Note(Step::kAsks);
  worker_.answered_.Ring();
  worker_.asked_.Await();
  worker_.Note(Step::kScans);
  if (talk.property_status != VSAPI_OK) return talk.property_status;
  value->type = talk.property_type;
  value->integer = talk.integer;
  if (value->type != VSAPI_TYPE_TEXT) return VSAPI_OK;
  const std::string& text = texts_.emplace_back(talk.packed, talk.packed_size);
  value->text = text.c_str();
  value->text_size = text.size();
  return VSAPI_OK;
}

WorkerProcess::WorkerProcess(std::vector<platform::Handle> handles, VendorProxy& vendor,
                             SaidEvents& said, const platform::Confinement& confinement)
    : vendor_(vendor),
      said_(said),
      content_(Attach(std::move(handles[0]), Talk::kContentReserved, true)),
      shared_(Attach(std::move(handles[1]), Talk::kReserved, false)),
      asked_(std::move(handles[2])),
      answered_(std::move(handles[3])) {
  if (!content_ || !shared_) platform::EndAtOnce(1);
  if (!Prepare(confinement, problem_) && problem_.empty()) problem_ = "a worker can't be prepared";
}

bool WorkerProcess::Prepare(const platform::Confinement& confinement, std::string& problem) {
  platform::NoteCrashes(talk().crash);
  platform::Failure failure;
  const bool confined =
      platform::EnterFolder(confinement.folder) && platform::Confine(confinement, failure);
  problem = failure.text;
  if (!confined || !vendor_.GoOnAfterFork(confinement.folder, problem)) return false;
  held_at_start_ = platform::HeldBytes();
  most_bytes_ = held_at_start_ + confinement.memory_bytes / 2;
  descriptors_at_start_ = platform::NextDescriptor();
  return true;
}

void WorkerProcess::Run() {
  for (;;) {
    Note(Step::kIdle);
    asked_.Await();
    Answer(Scan());
  }
}

ScanReport WorkerProcess::Scan() {
  ScanReport report;
  report.text = problem_;
  if (!problem_.empty()) return report;
  const Talk& request = talk();
  TalkedContent content(*this);
  Note(Step::kScans);
  report = vendor_.Scan(0, {.content = content,
                            .cancelled = request.cancelled,
                            .number = request.number,
                            .access = request.access,
                            .lane = static_cast<Lane>(request.lane),
                            .budget = Duration(request.budget_ns)});
  Note(Step::kAnswers);
  ++scans_;
  return report;
}

void WorkerProcess::Answer(const ScanReport& report) {
  PutReplacement(report.replacement);
  const std::string packed = PackAnswer(report, IsWorn(), said_);
  std::memcpy(talk().packed, packed.data(), std::min(packed.size(), Talk::kPackedSize));
  talk().packed_size = packed.size();
  talk().turn = Turn::kAnswer;
  answered_.Ring();
}

// Where there is no room for it the engine finds no replacement, and so no answer.
void WorkerProcess::PutReplacement(const std::string& replacement) {
  platform::Failure failure;
  if (replacement.empty() || !shared_->GrowTo(Talk::kReplacementAt + replacement.size(), failure))
    return;
  std::memcpy(shared_->data() + Talk::kReplacementAt, replacement.data(), replacement.size());
}

bool WorkerProcess::IsWorn() {
  if (!problem_.empty()) return true;
  if (scans_ % kScansToALook != 1) return false;
  return (most_bytes_ > held_at_start_ && platform::HeldBytes() > most_bytes_) ||
         platform::NextDescriptor() > descriptors_at_start_ + kDescriptorsToLose;
}

}  // namespace vsapi::engine
