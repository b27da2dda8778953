// SPDX-License-Identifier: Apache-2.0
#include "clamd.h"

#include <filesystem>
#include <fstream>

#include "clamd_connection.h"
#include "way.h"

namespace vsapi::bench {

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

void Clamd::Start() {
  std::filesystem::remove(socket_);
  process_.emplace(std::vector<std::string>{"clamd", "--config-file=" + config_}, log_);
  process_->AwaitThat([this] { return Answers(); });
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
  process_->AwaitThat([&] { return Reloads() > before; });
}

void Clamd::Signal(int signal) const { process_->Signal(signal); }

void Clamd::Replace() {
  process_->AwaitEnd();
  Start();
}

// Only its log tells that new definitions are in use.
size_t Clamd::Reloads() const {
  const std::string text = process_->Log(), said = "Database correctly reloaded";
  size_t count = 0;
  for (size_t at = text.find(said); at != std::string::npos; at = text.find(said, at + 1)) ++count;
  return count;
}

}  // namespace vsapi::bench
