// SPDX-License-Identifier: Apache-2.0
//
// The host's store as an MDB holds it: for as long as somebody uses it. What it fails to read, or
// has no more, is counted here; what it fails to write, or changes, by the writer.
//
// Thread safety: all of it from any thread, once it is attached.
#pragma once

#include <memory>
#include <string>

#include "mdb.h"
#include "policy.h"

namespace vsapi::engine {

// VSAPI_E_ABSENT is an answer too.
inline bool IsFailure(int32_t status) {
  return status != VSAPI_OK && status != VSAPI_E_ABSENT && !IsNotThere(status);
}

// Calls `release` when the last user lets go; not before `attached`: until then the host owns it.
class Mdb::Store {
 public:
  Store(const vsapi_store_table& functions, void* store, std::string name, std::string of,
        std::shared_ptr<Reasons> reasons)
      : table(functions),
        self(store),
        mdb(std::move(name)),
        server(std::move(of)),
        reasons_(std::move(reasons)) {}
  ~Store() {
    if (attached && table.release != nullptr) table.release(self);
  }
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // What the store has answered; counts what is a failure.
  int32_t Heard(int32_t status) {
    if (IsFailure(status)) reasons_->AddFailure();
    return status;
  }
  // The same of an item that was to be scanned, which then may be elsewhere.
  int32_t HeardOfContent(int32_t status) {
    if (IsNotThere(status)) reasons_->AddChange();
    return Heard(status);
  }

  const vsapi_store_table table;
  void* const self;
  const std::string mdb, server;  // their names, for vendors
  bool attached = false;

 private:
  const std::shared_ptr<Reasons> reasons_;
};

}  // namespace vsapi::engine
