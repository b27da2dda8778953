// SPDX-License-Identifier: Apache-2.0
#include "clamd.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "clamd_connection.h"
#include "way.h"

namespace vsapi::bench {
namespace {

constexpr auto kStartPatience = std::chrono::seconds(120);

// True once it holds; false when the patience is over first.
bool Await(const std::function<bool()>& holds) {
  const auto end = std::chrono::steady_clock::now() + kStartPatience;
  for (; !holds(); std::this_thread::sleep_for(std::chrono::milliseconds(2)))
    if (std::chrono::steady_clock::now() >= end) return false;
  return true;
}

[[noreturn]] void BecomeClamd(const std::string& config) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  setsid();  // as a service has: some kernels share processors out by session
  const int nowhere = open("/dev/null", O_RDWR);
  for (const int standard : {0, 1, 2}) dup2(nowhere, standard);
  const std::string option = "--config-file=" + config;
  execlp("clamd", "clamd", option.c_str(), nullptr);
  execl("/usr/sbin/clamd", "clamd", option.c_str(), nullptr);  // the user's PATH may lack sbin
  _exit(127);
}

}  // namespace

Clamd::Clamd(const std::string& definitions, ReloadMode mode)
    : folder_(MemoryFolder()),
      socket_(folder_.path() + "/socket"),
      config_(folder_.path() + "/clamd.conf"),
      log_(folder_.path() + "/log") {
  std::ofstream(config_) << "Foreground yes\nDatabaseDirectory " << definitions << "\nLocalSocket "
                         << socket_ << "\nLogFile " << log_ << "\nTemporaryDirectory "
                         << folder_.path() << "\nMaxThreads " << ThreadCount()
                         << "\nMaxQueue 400\nStreamMaxLength 64M\nMaxFileSize 64M\n"
                            "MaxScanSize 128M\nAlertExceedsMax yes\nAlertEncrypted yes\n"
                            "SelfCheck 0\nConcurrentDatabaseReload "
                         << (mode == ReloadMode::kConcurrent ? "yes\n" : "no\n");
  Start();
}

Clamd::~Clamd() {
  Signal(SIGKILL);
  AwaitEnd();
}

void Clamd::Start() {
  std::filesystem::remove(socket_);
  process_ = fork();
  if (process_ < 0) throw std::runtime_error("can't start clamd");
  if (process_ == 0) BecomeClamd(config_);
  const bool answers = Await([this] {
    if (waitpid(process_, nullptr, WNOHANG) == process_)
      throw std::runtime_error("clamd did not start (package clamav-daemon): " + Log());
    return Answers();
  });
  if (!answers) throw std::runtime_error("clamd does not answer: " + Log());
}

bool Clamd::Answers() const {
  try {
    ClamdConnection connection(socket_);
    connection.Send("PING");
    return connection.Receive() == "PONG";
  } catch (const ClamdGone&) {
    return false;
  }
}

void Clamd::Reload() {
  const size_t before = Reloads();
  ClamdConnection connection(socket_);
  connection.Send("RELOAD");
  connection.Receive();
  if (!Await([&] { return Reloads() > before; }))
    throw std::runtime_error("clamd does not reload: " + Log());
}

void Clamd::Signal(int signal) const { kill(process_, signal); }

void Clamd::Replace() {
  AwaitEnd();
  Start();
}

void Clamd::AwaitEnd() { waitpid(process_, nullptr, 0); }

size_t Clamd::Reloads() const {
  const std::string text = Log(), said = "Database correctly reloaded";
  size_t count = 0;
  for (size_t at = text.find(said); at != std::string::npos; at = text.find(said, at + 1)) ++count;
  return count;
}

std::string Clamd::Log() const {
  std::ostringstream text;
  text << std::ifstream(log_).rdbuf();
  return text.str();
}

}  // namespace vsapi::bench
