// SPDX-License-Identifier: Apache-2.0
#include "generation.h"

#include <algorithm>
#include <cstring>

#include "text.h"
#include "words.h"

namespace vsapi::engine {
namespace {

class MemoryContent final : public ScanContent {
 public:
  explicit MemoryContent(std::string_view bytes) : bytes_(bytes) {}
  uint64_t size() const override { return bytes_.size(); }
  const void* data() const override { return bytes_.data(); }
  int32_t Read(uint64_t offset, void* buffer, size_t size, size_t* got) override {
    *got = std::min(size, bytes_.size() - std::min<size_t>(offset, bytes_.size()));
    std::memcpy(buffer, bytes_.data() + std::min<size_t>(offset, bytes_.size()), *got);
    return VSAPI_OK;
  }
  int32_t Property(uint32_t, uint32_t, vsapi_value*) override { return VSAPI_E_ABSENT; }

 private:
  const std::string_view bytes_;
};

constexpr std::string_view kHarmless =
    "Good morning! The meeting is at ten, in the usual room.\r\n";

ScanReport TestScan(Vendor& vendor, std::string_view bytes) {
  MemoryContent content(bytes);
  const std::atomic<bool> cancelled = false;
  return vendor.TestScan(
      {.content = content, .cancelled = cancelled, .budget = std::chrono::seconds(60)});
}

std::string WhatCameBack(const ScanReport& report) {
  return report.status == VSAPI_OK ? std::string("verdict \"") + VerdictText(report.verdict) + "\""
                                   : "a failure" + (report.text.empty() ? "" : ": " + report.text);
}

}  // namespace

std::shared_ptr<Generation> Generation::Build(std::unique_ptr<Vendor> vendor,
                                              const Settings& settings,
                                              const GenerationRecord::Entry& entry,
                                              std::string& problem) {
  std::shared_ptr<Generation> generation(new Generation(std::move(vendor)));
  if (settings.IsIsolated()) generation->isolated_ = generation->vendor_.get();
  if (!generation->Identify(settings, entry, problem)) return nullptr;
  if (!generation->PassesSelfTest(problem)) return nullptr;
  return generation;
}

void Generation::Isolate(std::unique_ptr<Vendor> vendor) {
  isolated_vendors_.push_back(std::move(vendor));
  isolated_.store(isolated_vendors_.back().get(), std::memory_order_release);
}

bool Generation::Identify(const Settings& settings, const GenerationRecord::Entry& entry,
                          std::string& problem) {
  Vendor::Signatures signatures;
  if (!vendor_->ReadSignatures(signatures, problem)) return false;
  identity_.enabled = true;
  identity_.serving = true;
  CopyText(settings.vendor.empty() ? vendor_->name() : settings.vendor, identity_.vendor,
           sizeof identity_.vendor);
  identity_.version = settings.version != 0 ? settings.version : signatures.version;
  identity_.definitions = signatures.digest;
  identity_.generation = entry.number;
  identity_.since_generation = entry.since;
  identity_.signatures = signatures.count;
  identity_.definitions_built_ns = signatures.built_ns;
  judge_ = JudgeOf(identity_);
  return true;
}

bool Generation::PassesSelfTest(std::string& problem) {
  const ScanReport harmless = TestScan(*vendor_, kHarmless);
  const bool clean =
      harmless.verdict == VSAPI_VERDICT_CLEAN || harmless.verdict == VSAPI_VERDICT_CLEAN_PERMANENT;
  if (!clean) {
    problem =
        vendor_->name() + " failed its self-test: a harmless text got " + WhatCameBack(harmless);
    return false;
  }
  std::string sample;
  if (!vendor_->ReadPositiveSample(sample, problem)) return false;
  if (sample.empty()) return true;
  const ScanReport positive = TestScan(*vendor_, sample);
  if (positive.verdict == VSAPI_VERDICT_INFECTED) return true;
  problem = vendor_->name() + " failed its self-test: its own sample got " + WhatCameBack(positive);
  return false;
}

}  // namespace vsapi::engine
