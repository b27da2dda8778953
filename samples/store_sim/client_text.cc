// SPDX-License-Identifier: Apache-2.0
#include "client_text.h"

#include <nlohmann/json.hpp>

namespace store_sim {

std::streambuf::int_type ClientText::overflow(int_type character) {
  if (!traits_type::eq_int_type(character, traits_type::eof())) {
    text_ += traits_type::to_char_type(character);
  }
  return traits_type::not_eof(character);
}

// Cut at the end of a line, so that no character is.
std::streamsize ClientText::xsputn(const char* text, std::streamsize size) {
  text_.append(text, static_cast<size_t>(size));
  if (text_.size() >= kChunk && text_.back() == '\n') Send();
  return size;
}

int ClientText::sync() {
  Send();
  return 0;
}

void ClientText::Send() {
  if (!text_.empty() && !gone_) gone_ = !client_.Write({{name_, text_}});
  text_.clear();
}

}  // namespace store_sim
