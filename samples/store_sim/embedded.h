// SPDX-License-Identifier: Apache-2.0
//
// What a mail program may find inside a text although no header declares it: uuencoded files, yEnc,
// BinHex, or a whole message in a file.
//
// Thread safety: free functions without state; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace store_sim {

// A uuencoded file that keeps the rules, from its line `begin` to its line `end`.
struct UuBlock {
  size_t offset = 0;
  size_t size = 0;
  size_t decoded_size = 0;
  std::string name;
};

struct Embedded {
  std::vector<UuBlock> files;
  const char* flaw = nullptr;  // what is there that can't be decoded beyond doubt
};

Embedded FindEmbedded(std::string_view text);

// Does it begin with a header of MIME fields?
bool LooksLikeMessage(std::string_view bytes);

// Has it a line that begins with `Content-Type:` or `Content-Transfer-Encoding:`?
bool HasMimeFields(std::string_view text);

// The same, with a blank line and something else after it: what it could declare.
bool HasMimeFieldsBeforeText(std::string_view text);

}  // namespace store_sim
