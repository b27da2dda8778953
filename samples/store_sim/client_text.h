// SPDX-License-Identifier: Apache-2.0
//
// A stream's buffer whose text goes to a client of the running host, as {NAME: TEXT}: whenever it
// is flushed, and at the latest when a few kilobytes are together. When the client has gone, the
// text goes nowhere.
//
// Thread safety: one thread.
#pragma once

#include <streambuf>
#include <string>

#include "json_lines.h"

namespace store_sim {

class ClientText : public std::streambuf {
 public:
  ClientText(JsonLines& client, std::string name) : client_(client), name_(std::move(name)) {}
  ~ClientText() override { Send(); }

  bool is_gone() const { return gone_; }

 private:
  static constexpr size_t kChunk = 8192;

  int_type overflow(int_type character) override;
  std::streamsize xsputn(const char* text, std::streamsize size) override;
  int sync() override;
  void Send();

  JsonLines& client_;
  const std::string name_;
  std::string text_;
  bool gone_ = false;
};

}  // namespace store_sim
