// SPDX-License-Identifier: Apache-2.0
//
// clamd as a child of this process: a configuration, a socket and temp files of its own on tmpfs,
// the same limits as the engine's vendor DLL has, everything else as it comes.
//
// Thread safety: one thread's, which must live as long as the daemon is to: the kernel ends it with
// that thread, so that none is left behind whatever happens to this process.
#pragma once

#include <sys/types.h>

#include <string>

#include "definitions.h"

namespace vsapi::bench {

class Clamd {
 public:
  enum class ReloadMode { kConcurrent, kBlocking };  // ConcurrentDatabaseReload

  // Answers when it returns; throws std::runtime_error, with the daemon's log, where it does not.
  Clamd(const std::string& definitions, ReloadMode mode);
  ~Clamd();
  Clamd(const Clamd&) = delete;
  Clamd& operator=(const Clamd&) = delete;

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
  void AwaitEnd();
  size_t Reloads() const;
  std::string Log() const;

  const TempFolder folder_;
  const std::string socket_, config_, log_;
  pid_t process_ = 0;
};

}  // namespace vsapi::bench
