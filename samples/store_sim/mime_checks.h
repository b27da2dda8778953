// SPDX-License-Identifier: Apache-2.0
//
// Looks at the bytes of a message without parsing it: is it safe to hand to the parser, and can
// what lies between the parts be read in two ways?
#pragma once

#include <string>
#include <string_view>

#include "doubts.h"

namespace store_sim {

// The reason why the message must not be taken apart (the parser would need memory many times its
// size), or nullptr.
const char* WhyNotTakeApart(std::string_view raw);

// The header of the message with its blank line; all of it if there is no blank line.
std::string_view HeaderOf(std::string_view raw);

// Before the first boundary mail programs write a hint for those that know no MIME.
bool IsHarmlessPrologue(std::string_view prologue);

// What the structure of a message is made of: everything that is no part's content. Fed piece by
// piece; afterwards Report() says what could be read in two ways.
class StructureCheck {
 public:
  void Add(std::string_view between_parts);
  void Report(Doubts& doubts) const;

 private:
  bool nul_ = false;
  bool bare_cr_ = false;
  bool bare_lf_ = false;
  bool crlf_ = false;
  bool large_ = false;
};

}  // namespace store_sim
