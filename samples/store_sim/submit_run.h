// SPDX-License-Identifier: Apache-2.0
//
// Hands a message to transport, and looks after the queue: the work of `store_sim submit` and
// `store_sim queue`, whoever holds the store.
//
// Thread safety: any thread.
#pragma once

#include <string>
#include <vector>

#include "desk.h"
#include "transport_worker.h"

namespace store_sim {

struct SubmitArguments {
  std::string file;
  std::string from;
  std::vector<std::string> to;
  std::string mdb;
  std::string relay;
  std::string hop;
  bool outgoing = false;
  std::string as = "client";  // of access_names.h: an exempt one is delivered unscanned
};

// "" if they go together.
std::string WrongWith(const SubmitArguments& arguments);

// Returns the exit status. What can't be judged yet stays in the queue.
int RunSubmit(const SubmitArguments& arguments, TransportWorker& worker, const Desk& desk);

struct QueueArguments {
  std::string action;            // "retry" or "remove"
  std::vector<int64_t> numbers;  // none: all of them
};

std::string WrongWith(const QueueArguments& arguments);

int RunQueue(const QueueArguments& arguments, TransportQueue& queue, const Desk& desk);

void PrintQueue(const std::vector<QueuedMessage>& messages, int64_t now_ns, std::ostream& out);

}  // namespace store_sim
