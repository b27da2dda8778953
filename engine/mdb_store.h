// SPDX-License-Identifier: Apache-2.0
//
// The host's store as an MDB holds it: for as long as somebody uses it. What it fails to read is
// counted here; what it fails to write, by the writer.
//
// Thread safety: all of it from any thread, once it is attached.
#pragma once

#include <memory>
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
  Store(const vsapi_store_table& functions, void* store, std::string name, std::string of,
        std::shared_ptr<Failures> failures)
      : table(functions),
        self(store),
        mdb(std::move(name)),
        server(std::move(of)),
        failures_(std::move(failures)) {}
  ~Store() {
    if (attached && table.release != nullptr) table.release(self);
  }
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // What the store has answered; counts what is a failure.
  int32_t Heard(int32_t status) {
    if (IsFailure(status)) failures_->Add();
    return status;
  }

  const vsapi_store_table table;
  void* const self;
  const std::string mdb, server;  // their names, for vendors
  bool attached = false;

 private:
  const std::shared_ptr<Failures> failures_;
};

}  // namespace vsapi::engine
