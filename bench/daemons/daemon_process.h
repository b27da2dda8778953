// SPDX-License-Identifier: Apache-2.0
//
// A daemon as a child of this process, in a session of its own as a service has: some kernels share
// processors out by session. It and what it has started end with this object.
//
// Thread safety: one thread's, which must live as long as the daemon is to: the kernel ends it with
// that thread, so that none is left behind whatever happens to this process.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

namespace vsapi::bench {

class DaemonProcess {
 public:
  // Found by the PATH or in sbin, which a user's PATH may lack. `log` is shown when it fails.
  DaemonProcess(std::vector<std::string> command, std::string log);
  ~DaemonProcess();
  DaemonProcess(const DaemonProcess&) = delete;
  DaemonProcess& operator=(const DaemonProcess&) = delete;

  void Signal(int signal) const;
  void AwaitEnd();
  // Throws std::runtime_error, with the log, when it has ended or patience has before it `answers`.
  void AwaitThat(const std::function<bool()>& answers) const;
  std::string Log() const;

 private:
  [[noreturn]] void Become() const;

  const std::vector<std::string> command_;
  const std::string log_;
  pid_t process_ = 0;  // 0: it has ended
};

}  // namespace vsapi::bench
