// SPDX-License-Identifier: Apache-2.0
//
// What a vendor asks about an item, as the contract's values.
//
// Thread safety: pure functions.
#pragma once

#include <string>

#include "vsapi/host/vsapi_host.h"

namespace store_sim {

// Nothing to say is absent. `text` outlives the content.
inline int32_t TextValue(const std::string& text, vsapi_value& value) {
  if (text.empty()) return VSAPI_E_ABSENT;
  value.type = VSAPI_TYPE_TEXT;
  value.text = text.c_str();
  value.text_size = text.size();
  return VSAPI_OK;
}

inline int32_t IntegerValue(int64_t number, vsapi_value& value) {
  value.type = VSAPI_TYPE_INTEGER;
  value.integer = number;
  return VSAPI_OK;
}

}  // namespace store_sim
