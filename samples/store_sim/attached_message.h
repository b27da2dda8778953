// SPDX-License-Identifier: Apache-2.0
//
// Is a leaf part a message for somebody? A forwarded message comes as a file `x.eml`, or encoded
// as a whole: mail programs open it as a message, so it must be taken apart like one.
//
// Thread safety: free functions without state; any thread.
#pragma once

#include <string>
#include <string_view>

#include "mime_parts.h"

namespace store_sim {

enum class Attached {
  kNothing,  // a file or a text
  kReport,   // fields of text, never a message or a file
  kMessage,  // a message that can be taken apart
  kOpaque,   // what others may join, fetch or split, and nobody here does
};

// `declared` is the part's Content-Type as it stands there, `beginning` its first decoded bytes.
Attached KindOfAttached(const Part& part, std::string_view declared, std::string_view beginning);

// Some programs save a message with the line `From ...` of an mbox before it: the bytes after it.
// Of a whole mbox, or after blank lines, nothing.
std::string_view MessageOf(std::string_view file);

}  // namespace store_sim
