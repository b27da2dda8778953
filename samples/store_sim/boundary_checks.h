// SPDX-License-Identifier: Apache-2.0
//
// Boundaries of multiparts: does a Content-Type declare one boundary beyond doubt, and does any
// line look like a boundary to a mail program that reads less strictly than the parser here?
//
// Thread safety: a BoundaryLines is filled by one thread, then any may ask.
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace store_sim {

// What is wrong with the Content-Type of a multipart, or nullptr; `boundary` is what the parser
// took for its boundary.
const char* FlawOfMultipartType(std::string_view content_type, std::string_view boundary);

// The boundaries of one message.
class BoundaryLines {
 public:
  void Add(std::string_view boundary);
  // A line of `text` that begins with one of the boundaries.
  bool AnyIn(std::string_view text) const;
  // A line of `text` that begins with one of the boundaries and is none exactly.
  bool AnyInexactIn(std::string_view text) const;

 private:
  bool Begins(std::string_view line) const;
  bool Is(std::string_view line) const;

  std::set<std::string, std::less<>> boundaries_;
  std::set<size_t> lengths_;
};

}  // namespace store_sim
