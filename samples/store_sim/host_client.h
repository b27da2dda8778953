// SPDX-License-Identifier: Apache-2.0
//
// Asks the running host of a store.
//
// Thread safety: one thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <memory>
#include <nlohmann/json_fwd.hpp>

#include "desk.h"
#include "json_lines.h"

namespace store_sim {

class HostClient {
 public:
  // Null: no host of this store is running.
  static std::unique_ptr<HostClient> Find(const std::filesystem::path& folder);
  // Throws Error then, which says how to start one.
  static std::unique_ptr<HostClient> Get(const std::filesystem::path& folder);

  // The result. Throws Error with what the host has to say against it.
  nlohmann::json Ask(const nlohmann::json& request);
  // The same; what the host says before goes to `desk`.
  nlohmann::json Ask(const nlohmann::json& request, const Desk& desk);

 private:
  using Context = boost::asio::io_context;

  HostClient(std::unique_ptr<Context> context, JsonLines::Socket socket)
      : context_(std::move(context)), lines_(std::move(socket), JsonLines::kMostAnswer) {}

  const std::unique_ptr<Context> context_;
  JsonLines lines_;
};

}  // namespace store_sim
