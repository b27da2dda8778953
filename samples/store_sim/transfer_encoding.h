// SPDX-License-Identifier: Apache-2.0
//
// Content-Transfer-Encoding: which one a header declares, decoding, and whether encoded bytes keep
// its rules. Bytes that break them may be decoded differently by different mail programs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace store_sim {

// Stored in databases: never renumber.
enum class TransferEncoding : int32_t {
  kIdentity = 0,  // 7bit, 8bit, binary
  kBase64 = 1,
  kQuotedPrintable = 2,
  kUuencode = 3,
};

struct DeclaredEncoding {
  TransferEncoding encoding;
  bool known;  // an unknown encoding is taken as identity
};

// `declared` is the header's value; empty when there is none.
DeclaredEncoding ParseTransferEncoding(std::string_view declared);

std::string Decode(std::string_view encoded, TransferEncoding encoding);

struct EncodingFlaw {
  const char* text = nullptr;  // in a few words; null: there is none
  bool covered = true;  // every mail program decodes what Decode() does, or a beginning of it
  bool covered_in_text = true;  // does the whole message cover the other reading of a text?
};

// What is wrong with the encoded bytes.
EncodingFlaw FlawOf(std::string_view encoded, TransferEncoding encoding);

const char* NameOf(TransferEncoding encoding);

}  // namespace store_sim
