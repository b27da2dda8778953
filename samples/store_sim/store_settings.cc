// SPDX-License-Identifier: Apache-2.0
#include "store_settings.h"

#include "registry.h"

namespace store_sim {

// The mark is of before the reading: what is written meanwhile is read the next time, and what
// could not be read is tried again.
const vsapi::engine::Settings& StoreSettings::Now() {
  const Mark now = MarkNow();
  if (now == mark_) return settings_;
  ++reads_;
  std::vector<vsapi::engine::SettingValue> values;
  std::vector<std::string> problems;
  std::string problem;
  if (!vsapi::engine::ReadRegistry(file_.string(), values, problem)) return settings_;
  settings_ = vsapi::engine::MakeSettings(values, problems);
  mark_ = now;
  return settings_;
}

StoreSettings::Mark StoreSettings::MarkNow() const {
  struct stat now = {};
  if (stat(file_.c_str(), &now) != 0) return {};
  return {now.st_ino, now.st_size, now.st_mtim.tv_sec, now.st_mtim.tv_nsec};
}

}  // namespace store_sim
