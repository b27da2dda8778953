// SPDX-License-Identifier: Apache-2.0
#include "shim_way.h"

#include "shim_faults.h"
#include "shim_vfs.h"

namespace store_sim::ways {
namespace {

// The shim is there as long as the process, and so is who is asked by it.
Judge g_judge;  // set while nobody writes

}  // namespace

void ShimWay::Install() {
  Load();
  g_judge = [this](std::string_view bytes, std::string&) { return Look(bytes); };
  InstallShim([](std::string_view bytes, std::string& instead) { return g_judge(bytes, instead); });
}

// Nothing is written meanwhile.
void ShimWay::Load() {
  const std::lock_guard lock(mutex_);
  clamav_ = std::make_unique<vsapi::bench::DirectCall>(VSAPI_WAYS_VENDOR, places_.parameters());
}

// The store holds its own lock meanwhile, since it is writing.
int ShimWay::Look(std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  ++looked_at_;
  if (clamav_->Judge(bytes) == VSAPI_VERDICT_CLEAN) return SQLITE_OK;
  ++refused_;
  return SQLITE_IOERR_WRITE;
}

void ShimWay::Report(Records& records) {
  records.Add("writes_looked_at", static_cast<double>(looked_at_));
  records.Add("writes_refused", static_cast<double>(refused_));
  RecordShimFaults(places_, g_judge, records);
}

}  // namespace store_sim::ways
