// SPDX-License-Identifier: Apache-2.0
//
// The socket in a store's folder by which its running host is asked. Only its owner may.
//
// Thread safety: any thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <filesystem>
#include <optional>

#include "store.h"

namespace store_sim {

inline constexpr char kHostSocketName[] = "host.sock";

// The socket file as long as this lives. It needs the store open for writing: who holds the lock of
// a store knows that a socket left there is a dead host's.
class HostSocket {
 public:
  HostSocket(boost::asio::io_context& context, const Store& store);
  ~HostSocket();
  HostSocket(const HostSocket&) = delete;
  HostSocket& operator=(const HostSocket&) = delete;

  boost::asio::local::stream_protocol::acceptor& acceptor() { return acceptor_; }

 private:
  const std::filesystem::path file_;
  boost::asio::local::stream_protocol::acceptor acceptor_;
};

// nullopt: no host of this store is running.
std::optional<boost::asio::local::stream_protocol::socket> ConnectToHost(
    boost::asio::io_context& context, const std::filesystem::path& folder);

}  // namespace store_sim
