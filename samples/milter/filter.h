// SPDX-License-Identifier: Apache-2.0
//
// The milter: what Postfix or Sendmail tell by libmilter goes into Conversations, and what the
// Judge says of a message goes back. There is one of it in a process, as libmilter has it.
//
// Thread safety: libmilter calls from threads of its own, one at a time for a connection.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "conversation.h"

struct smfi_str;  // libmilter's connection

namespace store_milter {

class Filter {
 public:
  struct Options {
    std::string listen;  // as libmilter has it: "unix:/run/x", "inet:8899@127.0.0.1"
    Spool::Options spool;
    // What the MTA calls the daemons that people send their mail to.
    std::vector<std::string> submission_daemons;
    bool tells_all = false;  // of what is delivered too
  };
  using Tell = std::function<void(const std::string& line)>;

  // Any thread may call `tell`.
  Filter(Options options, vsapi::Engine& engine, Tell tell);

  // Opens the socket. Throws Error.
  void Listen();
  // Serves until SIGTERM, SIGINT or SIGHUP; every thread must have blocked these. What is being
  // judged then has some time for its answer. False: libmilter gave up.
  bool Run();
  // Waits for who still has no answer; for when the engine has ended, and gives one to all.
  static void AwaitAnswered();

 private:
  class Calls;

  Reply Answer(smfi_str* context, Conversation& talk);
  void TellOf(const std::string& queue_id, const Judgement& judgement) const;
  bool IsInteractive(const std::string& daemon, const std::string& auth_type) const;

  const Options options_;
  const Tell tell_;
  Judge judge_;
};

}  // namespace store_milter
