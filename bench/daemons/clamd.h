// SPDX-License-Identifier: Apache-2.0
//
// clamd as a child of this process: a configuration, a socket and temp files of its own on tmpfs,
// the same limits as the engine's vendor DLL has, everything else as it comes.
//
// Thread safety: as DaemonProcess.
#pragma once

#include <optional>
#include <string>

#include "daemon_process.h"
#include "definitions.h"

namespace vsapi::bench {

class Clamd {
 public:
  enum class ReloadMode { kConcurrent, kBlocking };  // ConcurrentDatabaseReload

  // Answers when it returns; throws std::runtime_error, with the daemon's log, where it does not.
  Clamd(const std::string& definitions, ReloadMode mode);

  const std::string& socket() const { return socket_; }
  const std::string& config() const { return config_; }

  // Returns once the new definitions are in use.
  void Reload();
  void Signal(int signal) const;
  // Waits for the end of one that has been brought down, and starts another in its place.
  void Replace();

 private:
  void Start();
  bool Answers() const;
  size_t Reloads() const;

  const TempFolder folder_;
  const std::string socket_, config_, log_;
  std::optional<DaemonProcess> process_;
};

}  // namespace vsapi::bench
