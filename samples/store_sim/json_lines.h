// SPDX-License-Identifier: Apache-2.0
//
// A connection of the running host and a client: one JSON object per line each way.
//
// A client sends a request, {"command": NAME, ...}. The host answers with any number of
// {"out": TEXT} and {"err": TEXT}, which go to the client's terminal as they are, and ends with
// {"done": RESULT} or {"error": TEXT}. Then the client may send the next request.
//
// Thread safety: one thread; Close from any.
#pragma once

#include <boost/asio/local/stream_protocol.hpp>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

namespace store_sim {

class JsonLines {
 public:
  using Socket = boost::asio::local::stream_protocol::socket;

  // Bytes of a line: a request may be refused without being kept in memory.
  static constexpr size_t kMostRequest = size_t{1} << 20;
  static constexpr size_t kMostAnswer = size_t{64} << 20;

  JsonLines(Socket socket, size_t longest) : socket_(std::move(socket)), longest_(longest) {}

  // nullopt: the other side has gone. Throws Error if the line is too long (the connection is of no
  // use then) or no JSON object (the next line may be one).
  std::optional<nlohmann::json> Read();

  // False: the other side has gone.
  bool Write(const nlohmann::json& object);

  // Wakes who reads or writes: for them the other side has gone.
  void Close();

  // After a line that was too long.
  bool is_broken() const { return broken_; }

 private:
  Socket socket_;
  const size_t longest_;
  std::string received_;
  bool broken_ = false;
};

}  // namespace store_sim
