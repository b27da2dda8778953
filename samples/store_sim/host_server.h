// SPDX-License-Identifier: Apache-2.0
//
// Serves the clients of a running host until SIGTERM or SIGINT: a thread for each of them, and so
// many at most. What they ask is answered elsewhere; what goes wrong with it is told to the client
// and never ends the server.
//
// Thread safety: one thread makes and runs it; the answers come on others.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <set>

#include "host_socket.h"
#include "json_lines.h"

namespace store_sim {

class HostServer {
 public:
  static constexpr size_t kMostClients = 32;

  // Returns the result of a request, or throws Error; may write {"out"} and {"err"} before.
  using Answer = std::function<nlohmann::json(const nlohmann::json& request, JsonLines& client)>;

  HostServer(const Store& store, Answer answer);

  // Until a signal comes; then calls `stopping`, which must make long answers end, and waits for
  // them.
  void Run(const std::function<void()>& stopping);

  // As a signal would. Any thread.
  void Stop() { context_.stop(); }

 private:
  using Client = std::shared_ptr<JsonLines>;

  void Accept();
  void AcceptLater();
  void Begin(JsonLines::Socket socket);
  void Serve(JsonLines& client) const;
  bool ServeOne(JsonLines& client) const;
  void CloseAll();

  boost::asio::io_context context_;
  boost::asio::signal_set signals_;
  boost::asio::steady_timer pause_;
  HostSocket socket_;
  const Answer answer_;

  std::mutex mutex_;
  std::set<Client> clients_;  // by mutex_

  boost::asio::thread_pool threads_;
};

}  // namespace store_sim
