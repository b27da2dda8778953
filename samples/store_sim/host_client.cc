// SPDX-License-Identifier: Apache-2.0
#include "host_client.h"

#include <nlohmann/json.hpp>
#include <sstream>

#include "error.h"
#include "host_socket.h"

namespace store_sim {

using nlohmann::json;

std::unique_ptr<HostClient> HostClient::Find(const std::filesystem::path& folder) {
  auto context = std::make_unique<Context>();
  auto socket = ConnectToHost(*context, folder);
  if (!socket) return nullptr;
  return std::unique_ptr<HostClient>(new HostClient(std::move(context), std::move(*socket)));
}

std::unique_ptr<HostClient> HostClient::Get(const std::filesystem::path& folder) {
  if (auto host = Find(folder)) return host;
  throw Error(folder.string() +
              ": no host of this store is running; start one by `store_sim serve " +
              folder.string() + "`");
}

json HostClient::Ask(const json& request) {
  std::ostringstream unexpected;
  return Ask(request, {unexpected, unexpected});
}

json HostClient::Ask(const json& request, const Desk& desk) {
  if (!lines_.Write(request)) throw Error("the host has ended");
  while (std::optional<json> answer = lines_.Read()) {
    if (answer->contains("done")) return (*answer)["done"];
    if (answer->contains("error")) throw Error(answer->value("error", ""));
    desk.out << answer->value("out", "") << std::flush;
    desk.err << answer->value("err", "") << std::flush;
  }
  throw Error("the host ended before it had answered");
}

}  // namespace store_sim
