// SPDX-License-Identifier: Apache-2.0
#include "talked_content.h"

#include <algorithm>

namespace vsapi::engine {

int32_t TalkedContent::Read(uint64_t offset, void* buffer, size_t size, size_t* got) {
  *got = offset < size_ ? std::min<uint64_t>(size, size_ - offset) : 0;
  std::copy_n(bytes_ + std::min(offset, size_), *got, static_cast<char*>(buffer));
  return VSAPI_OK;
}

int32_t TalkedContent::Property(uint32_t id, uint32_t index, vsapi_value* value) {
  talk_.property = id;
  talk_.index = index;
  talk_.turn = Turn::kAskProperty;
  ask_();
  if (talk_.property_status != VSAPI_OK) return talk_.property_status;
  value->type = talk_.property_type;
  value->integer = talk_.integer;
  if (value->type != VSAPI_TYPE_TEXT) return VSAPI_OK;
  const std::string& text = texts_.emplace_back(talk_.packed, talk_.packed_size);
  value->text = text.c_str();
  value->text_size = text.size();
  return VSAPI_OK;
}

}  // namespace vsapi::engine
