// SPDX-License-Identifier: Apache-2.0
#include "worker_process.h"

#include <algorithm>
#include <cstring>

#include "talked_content.h"

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
  TalkedContent content(talk(), content_->data(), [this] { Ask(); });
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

void WorkerProcess::Ask() {
  Note(Step::kAsks);
  answered_.Ring();
  asked_.Await();
  Note(Step::kScans);
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
