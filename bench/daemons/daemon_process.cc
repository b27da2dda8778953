// SPDX-License-Identifier: Apache-2.0
#include "daemon_process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace vsapi::bench {
namespace {

constexpr auto kStartPatience = std::chrono::seconds(120);

std::vector<char*> Pointers(const std::vector<std::string>& command) {
  std::vector<char*> pointers;
  for (const std::string& word : command) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

DaemonProcess::DaemonProcess(std::vector<std::string> command, std::string log)
    : command_(std::move(command)), log_(std::move(log)) {
  process_ = fork();
  if (process_ < 0) throw std::runtime_error("can't start " + command_[0]);
  if (process_ == 0) Become();
}

DaemonProcess::~DaemonProcess() {
  if (process_ == 0) return;
  kill(-process_, SIGKILL);  // the whole session
  AwaitEnd();
}

void DaemonProcess::Become() const {
  setsid();
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  const int nowhere = open("/dev/null", O_RDWR);
  for (const int standard : {0, 1, 2}) dup2(nowhere, standard);
  const std::vector<char*> arguments = Pointers(command_);
  execvp(arguments[0], arguments.data());
  execv(("/usr/sbin/" + command_[0]).c_str(), arguments.data());
  _exit(127);
}

void DaemonProcess::Signal(int signal) const { kill(process_, signal); }

void DaemonProcess::AwaitEnd() {
  waitpid(process_, nullptr, 0);
  process_ = 0;
}

void DaemonProcess::AwaitThat(const std::function<bool()>& answers) const {
  const auto end = std::chrono::steady_clock::now() + kStartPatience;
  for (; !answers(); std::this_thread::sleep_for(std::chrono::milliseconds(2))) {
    siginfo_t ended = {};
    waitid(P_PID, static_cast<id_t>(process_), &ended, WEXITED | WNOHANG | WNOWAIT);
    if (ended.si_pid == process_)
      throw std::runtime_error(command_[0] + " has ended, or is not installed: " + Log());
    if (std::chrono::steady_clock::now() >= end)
      throw std::runtime_error(command_[0] + " does not answer: " + Log());
  }
}

std::string DaemonProcess::Log() const {
  std::ostringstream text;
  text << std::ifstream(log_).rdbuf();
  return text.str();
}

}  // namespace vsapi::bench
