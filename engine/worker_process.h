// SPDX-License-Identifier: Apache-2.0
//
// One worker process: a forked copy of the zygote that judges one content after the other, with no
// right that it has no use for.
//
// Thread safety: its process has one thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "platform_worker.h"
#include "vendor_proxy.h"
#include "worker_talk.h"

namespace vsapi::engine {

class WorkerProcess {
 public:
  // The handles of content, talk, and the two bells, in this order.
  WorkerProcess(std::vector<platform::Handle> handles, VendorProxy& vendor, SaidEvents& said,
                const platform::Confinement& confinement);
  [[noreturn]] void Run();

 private:
  bool Prepare(const platform::Confinement& confinement, std::string& problem);
  ScanReport Scan();
  void Ask();  // for a property
  void Answer(const ScanReport& report);
  void PutReplacement(const std::string& replacement);
  bool IsWorn();
  Talk& talk() { return *reinterpret_cast<Talk*>(shared_->data()); }
  void Note(Step step) {
    talk().step.store(static_cast<uint32_t>(step), std::memory_order_relaxed);
  }

  VendorProxy& vendor_;
  SaidEvents& said_;
  std::optional<platform::SharedMemory> content_, shared_;
  platform::Bell asked_, answered_;
  std::string problem_;  // why it can judge nothing; "": it can
  uint64_t most_bytes_ = 0, held_at_start_ = 0;
  int descriptors_at_start_ = 0;
  uint64_t scans_ = 0;
};

}  // namespace vsapi::engine
