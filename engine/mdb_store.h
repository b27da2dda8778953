// SPDX-License-Identifier: Apache-2.0
//
// The host's store as an MDB holds it: for as long as somebody uses it, with a count of how often
// it has failed.
//
// Thread safety: all of it from any thread, once it is attached.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "mdb.h"

namespace vsapi::engine {

// The others are answers.
inline bool IsFailure(int32_t status) {
  return status != VSAPI_OK && status != VSAPI_E_GONE && status != VSAPI_E_CHANGED &&
         status != VSAPI_E_ABSENT;
}

// Calls `release` when the last user lets go; not before `attached`: until then the host owns it.
class Mdb::Store {
 public:
  Store(const vsapi_store_table& functions, void* store, std::string name, std::string of)
      : table(functions), self(store), mdb(std::move(name)), server(std::move(of)) {}
  ~Store() {
    if (attached && table.release != nullptr) table.release(self);
  }
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // What the store has answered; counts what is a failure.
  int32_t Heard(int32_t status) {
    if (!IsFailure(status)) return status;
    failures.fetch_add(1, std::memory_order_relaxed);
    if (on_failure) on_failure();
    return status;
  }

  const vsapi_store_table table;
  void* const self;
  const std::string mdb, server;  // their names, for vendors
  std::function<void()> on_failure;
  std::atomic<uint64_t> failures = 0;  // publishes nothing
  bool attached = false;
};

}  // namespace vsapi::engine
