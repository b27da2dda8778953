// SPDX-License-Identifier: Apache-2.0
#include "queue_alone.h"

namespace vsapi::bench {

struct QueueAlone::QueuedJob final : Job, engine::ScanRequest {};

QueueAlone::QueueAlone(size_t threads, const Work& work, size_t low_limit)
    : work_(work),
      low_limit_(low_limit),
      pool_(queue_, [this](const engine::Taken& taken, engine::Worker&) { Run(*taken.request); }) {
  pool_.Start(threads);
}

QueueAlone::~QueueAlone() {
  queue_.Close();
  pool_.Join(clock_, engine::TimePoint::max());
  while (queue_.TakeLeft().request != nullptr) {
  }
}

std::unique_ptr<Job> QueueAlone::NewJob() { return std::make_unique<QueuedJob>(); }

bool QueueAlone::Submit(Job& job) {
  auto& request = static_cast<QueuedJob&>(job);
  job.Begin();
  const auto now = clock_.Now();
  const auto pushed = job.lane == Lane::kHigh ? queue_.PushHigh(request, now)
                                              : queue_.PushLow(request, now, low_limit_);
  if (pushed == engine::ScanQueue::Pushed::kQueued) return true;
  job.Finish();  // nobody else will
  return false;
}

void QueueAlone::Promote(Job& job) { queue_.Promote(static_cast<QueuedJob&>(job)); }

void QueueAlone::RunNext() { Run(*queue_.Take(engine::Role::kLone).request); }

void QueueAlone::Run(engine::ScanRequest& request) {
  auto& job = static_cast<QueuedJob&>(request);
  BeBusy(work_, static_cast<Job&>(job).lane);
  request.state.End();
  job.Finish();
}

}  // namespace vsapi::bench
