// SPDX-License-Identifier: Apache-2.0
#include "compose.h"

#include <strings.h>

#include <sstream>

#include "lines.h"
#include "message_edit.h"

namespace store_sim {
namespace {

bool BeginsWith(std::string_view line, std::string_view field) {
  return line.size() >= field.size() && strncasecmp(line.data(), field.data(), field.size()) == 0;
}

// What says how the body is to be read.
bool IsOfTheBody(std::string_view line) {
  return BeginsWith(line, "Content-") || BeginsWith(line, "MIME-Version:");
}

std::string Joined(const std::vector<std::string>& mailboxes) {
  std::string joined;
  for (const std::string& each : mailboxes)
    joined += (joined.empty() ? "" : ", ") + AddressOf(each);
  return joined;
}

}  // namespace

std::string AddressOf(const std::string& mailbox) {
  return mailbox.find('@') == mailbox.npos ? mailbox + "@example.org" : mailbox;
}

std::string ReplyTo(const MessageDetails& original, const std::string& text,
                    const std::string& from, const std::vector<std::string>& to,
                    const std::string& answer) {
  MessageDetails details;
  details.sender = AddressOf(from);
  for (const std::string& each : to)
    details.recipients.push_back({RecipientField::kTo, AddressOf(each)});
  details.subject = (BeginsWith(original.subject, "Re:") ? "" : "Re: ") + original.subject;
  details.date_ns = original.date_ns;
  std::string body = answer + "\n\n" + original.sender + ":\n";
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) body += "> " + line + "\n";
  return MessageWithText(details, body);
}

std::string ForwardOf(std::string_view raw, const std::string& from,
                      const std::vector<std::string>& to) {
  const std::string_view first = raw.substr(0, raw.find('\n'));
  const std::string end = first.ends_with('\r') ? "\r\n" : "\n";
  std::string forward = "From: " + AddressOf(from) + end + "To: " + Joined(to) + end;
  bool kept = false;
  while (!WithoutLineEnd(raw.substr(0, raw.find('\n'))).empty()) {
    const std::string_view line = TakeLine(raw);
    const bool goes_on = line.starts_with(' ') || line.starts_with('\t');
    constexpr std::string_view kSubject = "Subject:";
    if (!goes_on) kept = IsOfTheBody(line) || BeginsWith(line, kSubject);
    if (!goes_on && BeginsWith(line, kSubject))
      forward.append("Subject: Fwd:").append(line.substr(kSubject.size()));
    else if (kept)
      forward += line;
  }
  return forward + std::string(raw);
}

}  // namespace store_sim
