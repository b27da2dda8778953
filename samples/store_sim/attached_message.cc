// SPDX-License-Identifier: Apache-2.0
#include "attached_message.h"

#include <algorithm>
#include <array>

#include "embedded.h"
#include "gmime.h"
#include "lines.h"

namespace store_sim {
namespace {

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), g_ascii_tolower);
  return lower;
}

template <size_t N>
bool IsAnyOf(std::string_view text, const std::array<std::string_view, N>& all) {
  return std::find(all.begin(), all.end(), text) != all.end();
}

bool IsReport(std::string_view type) {
  constexpr std::array<std::string_view, 4> kReports{
      "message/delivery-status", "message/disposition-notification", "message/feedback-report",
      "message/global-delivery-status"};
  return IsAnyOf(type, kReports);
}

bool IsMessage(std::string_view type) {
  constexpr std::array<std::string_view, 4> kMessages{"message/rfc822", "message/global",
                                                      "message/news", "application/mime"};
  return IsAnyOf(type, kMessages);
}

bool IsNameOfMessage(const std::string& name) {
  constexpr std::array<std::string_view, 4> kEnds{".eml", ".mht", ".mhtml", ".nws"};
  const std::string lower = Lower(name);
  const std::string_view text = Trimmed(lower);
  return std::any_of(kEnds.begin(), kEnds.end(), [&](auto end) { return text.ends_with(end); });
}

// A type that names a structure which the parser here did not see as one.
bool IsOpaque(std::string_view type, std::string_view declared) {
  const std::string lower = Lower(declared);
  const bool has_other = lower.find("message/") != lower.npos ||
                         lower.find("rfc822;") != lower.npos ||
                         lower.find("application/mime") != lower.npos;
  return lower.find("multipart") != lower.npos || (has_other && !IsMessage(type));
}

}  // namespace

Attached KindOfAttached(const Part& part, std::string_view declared, std::string_view beginning) {
  const std::string type = Lower(part.content_type);
  if (IsReport(type)) return Attached::kReport;
  if (IsOpaque(type, declared)) return Attached::kOpaque;
  const bool by_bytes = part.kind == PartKind::kAttachment && LooksLikeMessage(beginning);
  const bool message = IsMessage(type) || by_bytes || IsNameOfMessage(part.name);
  return message ? Attached::kMessage : Attached::kNothing;
}

std::string_view MessageOf(std::string_view file) {
  const bool mbox = file.starts_with("From ");
  if (mbox) TakeLine(file);
  const bool several =
      mbox && (file.find("\n\nFrom ") != file.npos || file.find("\n\r\nFrom ") != file.npos);
  const bool blank = file.starts_with('\n') || file.starts_with('\r');
  return several || blank ? std::string_view() : file;
}

}  // namespace store_sim
