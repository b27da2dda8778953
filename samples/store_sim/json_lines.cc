// SPDX-License-Identifier: Apache-2.0
#include "json_lines.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <nlohmann/json.hpp>

#include "error.h"

namespace store_sim {
namespace {

using nlohmann::json;

json Parse(std::string_view line) {
  const json object = json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (object.is_object()) return object;
  throw Error("this is no JSON object: write one per line");
}

}  // namespace

std::optional<json> JsonLines::Read() {
  boost::system::error_code error;
  const size_t size = boost::asio::read_until(
      socket_, boost::asio::dynamic_buffer(received_, longest_), '\n', error);
  if (error == boost::asio::error::not_found) {
    broken_ = true;
    throw Error("a line is longer than " + std::to_string(longest_) + " bytes");
  }
  if (error) return std::nullopt;
  const std::string line = received_.substr(0, size);
  received_.erase(0, size);
  return Parse(line);
}

bool JsonLines::Write(const json& object) {
  // Mail is full of what is no UTF-8.
  const std::string line = object.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
  boost::system::error_code error;
  boost::asio::write(socket_, boost::asio::buffer(line), error);
  return !error;
}

void JsonLines::Close() {
  boost::system::error_code ignored;
  socket_.shutdown(Socket::shutdown_both, ignored);
}

}  // namespace store_sim
