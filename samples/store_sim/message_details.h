// SPDX-License-Identifier: Apache-2.0
//
// What the header of a message says about it, decoded to UTF-8.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gmime.h"

namespace store_sim {

// Stored in databases: never renumber.
enum class RecipientField : int32_t { kTo = 0, kCc = 1, kBcc = 2 };

struct Recipient {
  RecipientField field;
  std::string address;
};

struct MessageDetails {
  std::string sender;                 // address of the first author
  std::vector<Recipient> recipients;  // To, Cc and Bcc in turn
  std::string subject;
  std::string message_id;  // without angle brackets
  int64_t date_ns = 0;     // since 1970 UTC; 0: none or unreadable
};

MessageDetails ReadDetails(GMimeMessage* message);

// `text` as valid UTF-8; "" for nullptr.
std::string ValidUtf8(const char* text);

}  // namespace store_sim
