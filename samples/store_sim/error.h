// SPDX-License-Identifier: Apache-2.0
//
// The one exception of the store simulator: a failure that the user can act on. Its text is one
// line that says what is wrong and what to do.
#pragma once

#include <stdexcept>
#include <string>

namespace store_sim {

class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The same from the database; `code` is SQLite's primary result code, or what it would be had
// SQLite looked at the system's error.
class DatabaseError : public Error {
 public:
  DatabaseError(const std::string& text, int code) : Error(text), code_(code) {}
  int code() const { return code_; }

 private:
  int code_;
};

}  // namespace store_sim
