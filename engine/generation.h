// SPDX-License-Identifier: Apache-2.0
//
// The engine's record of one started vendor instance: who it is, constant, and the instance itself.
// Reference-counted: a scan pins the generation that it was claimed under. Built by
// Generation::Build on the control thread, which also lets go of it last, so that no scan thread
// ever frees definitions.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "generation_record.h"
#include "settings.h"
#include "stamp.h"
#include "vendor.h"

namespace vsapi::engine {

class Generation {
 public:
  // Of a started vendor, which passes the self-test; null with `problem` filled: a generation that
  // fails never serves.
  static std::shared_ptr<Generation> Build(std::unique_ptr<Vendor> vendor, const Settings& settings,
                                           const GenerationRecord::Entry& entry,
                                           std::string& problem);

  const Identity& identity() const { return identity_; }
  uint64_t judge() const { return judge_; }  // JudgeOf it
  Vendor& vendor() { return *vendor_; }
  // The vendor in processes of its own, for what must not get at this one; null: not yet.
  Vendor* isolated() const { return isolated_.load(std::memory_order_acquire); }
  // By the control thread. Those before it stay: scans may be in them.
  void Isolate(std::unique_ptr<Vendor> vendor);

 private:
  explicit Generation(std::unique_ptr<Vendor> vendor) : vendor_(std::move(vendor)) {}
  bool Identify(const Settings& settings, const GenerationRecord::Entry& entry,
                std::string& problem);
  bool PassesSelfTest(std::string& problem);

  const std::unique_ptr<Vendor> vendor_;
  Identity identity_;
  uint64_t judge_ = 0;
  std::vector<std::unique_ptr<Vendor>> isolated_vendors_;  // of the control thread
  std::atomic<Vendor*> isolated_ = nullptr;                // publishes one
};

}  // namespace vsapi::engine
