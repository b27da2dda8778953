// SPDX-License-Identifier: Apache-2.0
//
// What a stranger writes to the control socket: lines of JSON, each made into the arguments of a
// command or refused, and what is echoed is a line of JSON again.
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/write.hpp>
#include <nlohmann/json.hpp>

#include "error.h"
#include "fuzz.h"
#include "host_json.h"
#include "host_requests.h"
#include "json_lines.h"

using nlohmann::json;
using store_sim::JsonLines;

namespace {

constexpr size_t kLongest = 1024;
constexpr size_t kFitsTheSocket = 64 * 1024;

void TakeArguments(const json& request) {
  using namespace store_sim;
  using Taker = void (*)(const json&);
  static const Taker takers[] = {
      [](const json& of) { OpenRequest(OpenArgumentsOf(of)); },
      [](const json& of) { ImportRequest(ImportArgumentsOf(of)); },
      [](const json& of) { MoveRequest(MoveArgumentsOf(of)); },
      [](const json& of) { ReplyRequest(ReplyArgumentsOf(of)); },
      [](const json& of) { ReplaceRequest(ReplaceArgumentsOf(of)); },
      [](const json& of) { QuarantineRequest(QuarantineArgumentsOf(of)); },
      [](const json& of) { TraceRequest(TraceArgumentsOf(of)); },
      [](const json& of) { SubmitRequest(SubmitArgumentsOf(of)); },
      [](const json& of) { QueueRequest(QueueArgumentsOf(of)); },
  };
  for (const Taker& take : takers) try {
      take(request);
    } catch (const Error&) {
      continue;  // it is told to who asked
    }
}

void Echo(const json& request, JsonLines& to, JsonLines& back) {
  if (request.dump(-1, ' ', false, json::error_handler_t::replace).size() >= kFitsTheSocket) return;
  vsapi::fuzz::Require(to.Write({{"done", request}}), "an answer is written");
  vsapi::fuzz::Require(back.Read().has_value(), "an answer is a line of JSON");
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > kFitsTheSocket) return 0;
  boost::asio::io_context context;
  JsonLines::Socket stranger(context), host(context);
  boost::asio::local::connect_pair(stranger, host);
  boost::asio::write(stranger, boost::asio::buffer(data, size));
  stranger.shutdown(JsonLines::Socket::shutdown_send);
  JsonLines lines(std::move(host), kLongest), back(std::move(stranger), JsonLines::kMostAnswer);
  while (!lines.is_broken()) try {
      const auto request = lines.Read();
      if (!request) break;
      TakeArguments(*request);
      Echo(*request, lines, back);
    } catch (const store_sim::Error&) {
      continue;  // it is told to who asked
    }
  return 0;
}
