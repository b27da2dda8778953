// SPDX-License-Identifier: Apache-2.0
//
// One connection to clamd's socket, by its own protocol (clamd(8)): null-terminated commands and
// answers, an open file by SCM_RIGHTS, content as a stream.
//
// Thread safety: one thread's.
#pragma once

#include <chrono>
#include <stdexcept>
#include <string>

#include "platform_process.h"
#include "way.h"

namespace vsapi::bench {

// The daemon is not there, has hung up, or took too long.
class ClamdGone : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

class ClamdConnection {
 public:
  static constexpr auto kPatience = std::chrono::seconds(60);

  explicit ClamdConnection(const std::string& socket, std::chrono::seconds patience = kPatience);

  void Send(const std::string& command);
  // FILDES and INSTREAM.
  void SendFile(const std::string& path);
  void SendStream(const std::string& bytes);
  // Without the null.
  std::string Receive();

 private:
  void SendAll(const std::string& bytes);

  const engine::platform::Handle socket_;
  std::string received_;  // and not yet handed out
};

// Of "fd[10]: Bench.Marker.UNOFFICIAL FOUND" or "stream: OK".
Answer AnswerOf(const std::string& reply);

}  // namespace vsapi::bench
