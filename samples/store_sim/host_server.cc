// SPDX-License-Identifier: Apache-2.0
#include "host_server.h"

#include <boost/asio/post.hpp>
#include <csignal>
#include <nlohmann/json.hpp>

#include "error.h"

namespace store_sim {

using nlohmann::json;

namespace {
constexpr std::chrono::milliseconds kPause{100};
}  // namespace

HostServer::HostServer(const Store& store, Answer answer)
    : signals_(context_, SIGTERM, SIGINT),
      pause_(context_),
      socket_(context_, store),
      answer_(std::move(answer)),
      threads_(kMostClients) {}

void HostServer::Run(const std::function<void()>& stopping) {
  signals_.async_wait([this](const boost::system::error_code&, int) { context_.stop(); });
  Accept();
  context_.run();
  socket_.acceptor().close();
  CloseAll();
  stopping();
  threads_.join();
}

void HostServer::Accept() {
  socket_.acceptor().async_accept(
      [this](const boost::system::error_code& error, JsonLines::Socket socket) {
        if (error) return AcceptLater();
        Begin(std::move(socket));
        Accept();
      });
}

// There is no descriptor left, say.
void HostServer::AcceptLater() {
  pause_.expires_after(kPause);
  pause_.async_wait([this](const boost::system::error_code&) { Accept(); });
}

void HostServer::Begin(JsonLines::Socket socket) {
  auto client = std::make_shared<JsonLines>(std::move(socket), JsonLines::kMostRequest);
  const std::lock_guard lock(mutex_);
  if (clients_.size() >= kMostClients) {
    client->Write({{"error", "too many clients at once; ask again"}});
    return;
  }
  clients_.insert(client);
  boost::asio::post(threads_, [this, client] {
    Serve(*client);
    const std::lock_guard ended(mutex_);
    clients_.erase(client);
  });
}

void HostServer::Serve(JsonLines& client) const {
  while (ServeOne(client)) {
  }
}

// False: there is no use in reading on.
bool HostServer::ServeOne(JsonLines& client) const try {
  const std::optional<json> request = client.Read();
  if (!request) return false;
  // By itself: what is thrown amid an initializer list, gcc 12 destroys twice.
  const json answer = answer_(*request, client);
  return client.Write({{"done", answer}});
} catch (const std::exception& error) {
  return client.Write({{"error", error.what()}}) && !client.is_broken();
}

void HostServer::CloseAll() {
  const std::lock_guard lock(mutex_);
  for (const Client& client : clients_) client->Close();
}

}  // namespace store_sim
