// SPDX-License-Identifier: Apache-2.0
//
// The settings of a store by its file, for who asks often for what the engine does not tell. The
// file is looked at each time, and read when it is another one; one that can't be read changes
// nothing here, and the engine tells of it.
//
// Thread safety: one thread.
#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <tuple>

#include "settings.h"

namespace store_sim {

class StoreSettings {
 public:
  explicit StoreSettings(std::filesystem::path file) : file_(std::move(file)) {}

  // Valid until the next call.
  const vsapi::engine::Settings& Now();
  // How often the file was read.
  size_t reads() const { return reads_; }

 private:
  using Mark = std::tuple<ino_t, off_t, time_t, long>;  // another one when the file is

  Mark MarkNow() const;

  const std::filesystem::path file_;
  Mark mark_ = {};
  vsapi::engine::Settings settings_;
  size_t reads_ = 0;
};

}  // namespace store_sim
