// SPDX-License-Identifier: Apache-2.0
#include "message_details.h"

namespace store_sim {
namespace {

// Groups may hold groups; GMime's parser bounds how deep.
void Append(InternetAddressList* list, RecipientField field, std::vector<Recipient>& recipients) {
  const int length = list ? internet_address_list_length(list) : 0;
  for (int i = 0; i < length; ++i) {
    InternetAddress* address = internet_address_list_get_address(list, i);
    if (INTERNET_ADDRESS_IS_MAILBOX(address)) {
      const char* text = internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(address));
      recipients.push_back({field, ValidUtf8(text)});
    } else if (INTERNET_ADDRESS_IS_GROUP(address)) {
      Append(internet_address_group_get_members(INTERNET_ADDRESS_GROUP(address)), field,
             recipients);
    }
  }
}

std::string FirstAddress(InternetAddressList* list) {
  std::vector<Recipient> addresses;
  Append(list, RecipientField::kTo, addresses);
  return addresses.empty() ? std::string() : addresses.front().address;
}

int64_t DateOf(GMimeMessage* message) {
  GDateTime* date = g_mime_message_get_date(message);
  if (!date) return 0;
  constexpr int64_t kLastSecond = INT64_MAX / 1'000'000'000;
  const int64_t seconds = g_date_time_to_unix(date);
  return seconds < -kLastSecond || seconds > kLastSecond ? 0 : seconds * 1'000'000'000;
}

}  // namespace

std::string ValidUtf8(const char* text) {
  if (!text) return {};
  const GText valid(g_utf8_make_valid(text, -1));
  return valid.get();
}

MessageDetails ReadDetails(GMimeMessage* message) {
  MessageDetails details;
  details.sender = FirstAddress(g_mime_message_get_from(message));
  Append(g_mime_message_get_to(message), RecipientField::kTo, details.recipients);
  Append(g_mime_message_get_cc(message), RecipientField::kCc, details.recipients);
  Append(g_mime_message_get_bcc(message), RecipientField::kBcc, details.recipients);
  details.subject = ValidUtf8(g_mime_message_get_subject(message));
  details.message_id = ValidUtf8(g_mime_message_get_message_id(message));
  details.date_ns = DateOf(message);
  return details;
}

}  // namespace store_sim
