// SPDX-License-Identifier: Apache-2.0
#include "message_edit.h"

#include <strings.h>

#include <algorithm>
#include <functional>

#include "lines.h"

namespace store_sim {
namespace {

// A piece of a text.
struct Range {
  size_t begin = 0;
  size_t end = 0;
};

std::string Spliced(std::string_view text, Range range, std::string_view by) {
  return std::string(text.substr(0, range.begin)).append(by).append(text.substr(range.end));
}

// ---- The header of a part -----------------------------------------------------------------------

// Where the line begins that ends right before `end`.
size_t LineBefore(std::string_view text, size_t end) {
  if (end < 2) return 0;
  const size_t at = text.rfind('\n', end - 2);
  return at == text.npos ? 0 : at + 1;
}

// The header whose blank line ends where the content begins, without that line.
std::optional<Range> HeaderBefore(std::string_view text, size_t content) {
  Range header;
  header.end = LineBefore(text, content);
  const std::string_view blank = text.substr(header.end, content - header.end);
  if (blank != "\n" && blank != "\r\n") return std::nullopt;
  header.begin = header.end;
  while (header.begin > 0) {
    const size_t line = LineBefore(text, header.begin);
    const std::string_view words = WithoutLineEnd(text.substr(line, header.begin - line));
    if (words.empty() || words.starts_with("--")) break;
    header.begin = line;
  }
  return header;
}

bool IsField(std::string_view line, std::string_view name) {
  return line.size() > name.size() && line[name.size()] == ':' &&
         strncasecmp(line.data(), name.data(), name.size()) == 0;
}

bool IsAnyField(std::string_view line, std::initializer_list<std::string_view> names) {
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view name) { return IsField(line, name); });
}

// The other fields, as they stand.
std::string WithoutFields(std::string_view header, std::initializer_list<std::string_view> names) {
  std::string kept;
  bool drops = false;
  for (size_t at = 0; at < header.size();) {
    const size_t end = std::min(header.find('\n', at), header.size() - 1) + 1;
    const std::string_view line = header.substr(at, end - at);
    const bool goes_on = line.starts_with(' ') || line.starts_with('\t');
    if (!goes_on) drops = IsAnyField(line, names);
    if (!drops) kept += line;
    at = end;
  }
  return kept;
}

std::string WithLineEnds(std::string_view text, std::string_view line_end) {
  std::string lines;
  for (const char c : text) {
    if (c == '\n') {
      lines += line_end;
    } else if (c != '\r') {
      lines += c;
    }
  }
  return lines;
}

// GMime puts blanks around what it writes.
std::string Field(const char* name, const GText& value) {
  return std::string(name) + ": " + std::string(Trimmed(value.get())) + "\n";
}

std::string FieldsOf(const Substitute& substitute) {
  StartGMime();
  const GObjectPtr<GMimeContentType> type(
      g_mime_content_type_parse(nullptr, substitute.content_type.c_str()));
  g_mime_content_type_set_parameter(type.get(), "charset", "utf-8");
  std::string fields =
      Field("Content-Type", GText(g_mime_content_type_encode(type.get(), nullptr)));
  if (substitute.name.empty()) return fields;
  const GObjectPtr<GMimeContentDisposition> attachment(g_mime_content_disposition_new());
  g_mime_content_disposition_set_disposition(attachment.get(), "attachment");
  g_mime_content_disposition_set_parameter(attachment.get(), "filename", substitute.name.c_str());
  return fields + Field("Content-Disposition",
                        GText(g_mime_content_disposition_encode(attachment.get(), nullptr)));
}

// What of the header stays, with its own line ends, and what takes the place of the rest.
std::string NewHeader(std::string_view header, const Substitute& substitute,
                      std::string_view line_end) {
  const bool is_text = !substitute.content_type.empty();
  const std::string kept =
      is_text
          ? WithoutFields(header, {"Content-Type", "Content-Disposition", "Content-MD5",
                                   "Content-Transfer-Encoding", "Content-Length"})
          : WithoutFields(header, {"Content-Transfer-Encoding", "Content-MD5", "Content-Length"});
  return kept +
         WithLineEnds((is_text ? FieldsOf(substitute) : "") + "Content-Transfer-Encoding: base64\n",
                      line_end);
}

bool HasMimeVersion(std::string_view header) {
  return AnyLine(header, [](std::string_view line) { return IsField(line, "MIME-Version"); });
}

std::string Base64Lines(const std::string& content) {
  constexpr size_t kBytesInLine = 57;
  std::string lines;
  for (size_t at = 0; at < content.size(); at += kBytesInLine) {
    const std::string bytes = content.substr(at, kBytesInLine);
    const GText line(g_base64_encode(reinterpret_cast<const guchar*>(bytes.data()), bytes.size()));
    lines += (at == 0 ? "" : "\n") + std::string(line.get());
  }
  return lines;
}

// ---- One part -----------------------------------------------------------------------------------

bool IsWithin(const std::string& path, const std::string& outer) {
  return path.size() > outer.size() && path.starts_with(outer) && path[outer.size()] == '.';
}

// A file that stands in a text, between its lines "begin" and "end".
bool IsEmbedded(const std::vector<Part>& parts, const Part& part) {
  return part.encoding == TransferEncoding::kUuencode &&
         std::any_of(parts.begin(), parts.end(), [&](const Part& text) {
           return IsWithin(part.path, text.path) && text.container == part.container &&
                  text.content_type.starts_with("text/") && text.offset <= part.offset &&
                  part.offset + part.size <= text.offset + text.size;
         });
}

std::optional<std::string> ReplacedIn(std::string_view text, const Part& part,
                                      const Substitute& substitute) {
  const auto header = HeaderBefore(text, part.offset);
  if (!header) return std::nullopt;
  const size_t end = part.offset + part.size;
  const std::string_view old = text.substr(header->begin, header->end - header->begin);
  const std::string line_end(text.substr(header->end, part.offset - header->end));
  std::string now = NewHeader(old, substitute, line_end);
  if (header->begin == 0 && !HasMimeVersion(old)) now += "MIME-Version: 1.0" + line_end;
  now += line_end + WithLineEnds(Base64Lines(substitute.content), line_end);
  if (end == text.size()) now += line_end;
  return Spliced(text, {header->begin, end}, now);
}

using Edit = std::function<std::optional<std::string>(std::string_view text, const Part& part)>;

// Does it to the text that the part's span lies in, and so outwards to the message.
std::optional<std::string> EditPart(std::string_view raw, const std::vector<Part>& parts,
                                    size_t index, const Edit& edit) {
  const Part& part = parts.at(index);
  if (!part.container) return edit(raw, part);
  const std::string within = ContentOf(raw, parts, *part.container);
  auto edited = edit(within, part);
  if (!edited) return std::nullopt;
  const Substitute substitute{std::move(*edited)};
  return EditPart(raw, parts, *part.container, [&](std::string_view text, const Part& outer) {
    return ReplacedIn(text, outer, substitute);
  });
}

// Parts that are neither `path` nor within it.
size_t PartsBeside(const std::vector<Part>& parts, const std::string& path) {
  return static_cast<size_t>(std::count_if(parts.begin(), parts.end(), [&](const Part& part) {
    return part.path != path && !IsWithin(part.path, path);
  }));
}

const Part* FindPath(const std::vector<Part>& parts, const std::string& path) {
  const auto found =
      std::find_if(parts.begin(), parts.end(), [&](const Part& part) { return part.path == path; });
  return found == parts.end() ? nullptr : &*found;
}

// No doubt has come by the edit.
bool IsAsClean(const TakenApart& before, const TakenApart& after) {
  return after.covered >= before.covered &&
         after.unclean_reason.empty() >= before.unclean_reason.empty();
}

bool Holds(std::string_view raw, const TakenApart& now, const std::string& path,
           const std::string& content) {
  const Part* const part = FindPath(now.parts, path);
  return part != nullptr &&
         ContentOf(raw, now.parts, static_cast<size_t>(part - now.parts.data())) == content;
}

// A cut leaves the other parts, whatever their numbers are then.
bool IsRemoved(const TakenApart& before, const Part& part, const std::string& raw) {
  const TakenApart now = TakeApart(raw);
  return IsAsClean(before, now) && now.parts.size() == PartsBeside(before.parts, part.path);
}

// With the boundary before it, whose line end is that of the part before.
std::optional<std::string> CutOut(std::string_view text, const Part& part) {
  const auto header = HeaderBefore(text, part.offset);
  if (!header || header->begin == 0) return std::nullopt;
  const size_t boundary = LineBefore(text, header->begin);
  if (!text.substr(boundary).starts_with("--")) return std::nullopt;
  const size_t end = text.find('\n', part.offset + part.size);
  if (end == text.npos) return std::nullopt;
  return Spliced(text, {boundary, end + 1}, "");
}

}  // namespace

std::optional<std::string> WithPartReplaced(std::string_view raw, const TakenApart& apart,
                                            size_t index, const Substitute& substitute) {
  const Part& part = apart.parts.at(index);
  if (part.kind == PartKind::kWhole) return std::nullopt;
  const bool embedded = IsEmbedded(apart.parts, part);
  const bool is_text = substitute.content.empty() || !substitute.content_type.empty();
  if (embedded && !is_text) return std::nullopt;
  auto edited = EditPart(raw, apart.parts, index, [&](std::string_view text, const Part& here) {
    if (!embedded) return ReplacedIn(text, here, substitute);
    return std::optional(Spliced(text, {here.offset, here.offset + here.size}, substitute.content));
  });
  if (!edited) return std::nullopt;
  const TakenApart now = TakeApart(*edited);
  const bool same_beside = PartsBeside(now.parts, part.path) == PartsBeside(apart.parts, part.path);
  if (embedded) return FindPath(now.parts, part.path) == nullptr ? edited : std::nullopt;
  const bool done =
      same_beside && IsAsClean(apart, now) && Holds(*edited, now, part.path, substitute.content);
  return done ? edited : std::nullopt;
}

std::optional<std::string> WithPartRemoved(std::string_view raw, const TakenApart& apart,
                                           size_t index) {
  const Part& part = apart.parts.at(index);
  if (part.kind != PartKind::kWhole) {
    auto cut = EditPart(raw, apart.parts, index, CutOut);
    if (cut && IsRemoved(apart, part, *cut)) return cut;
  }
  return WithPartReplaced(raw, apart, index, {});
}

std::string MessageWithText(const MessageDetails& details, const std::string& text) {
  StartGMime();
  const GObjectPtr<GMimeMessage> message(g_mime_message_new(FALSE));
  GMimeMessage* const to = message.get();
  if (!details.sender.empty())
    g_mime_message_add_mailbox(to, GMIME_ADDRESS_TYPE_FROM, nullptr, details.sender.c_str());
  constexpr GMimeAddressType kFields[] = {GMIME_ADDRESS_TYPE_TO, GMIME_ADDRESS_TYPE_CC,
                                          GMIME_ADDRESS_TYPE_BCC};
  for (const Recipient& recipient : details.recipients)
    g_mime_message_add_mailbox(to, kFields[static_cast<int>(recipient.field)], nullptr,
                               recipient.address.c_str());
  g_mime_message_set_subject(to, details.subject.c_str(), "utf-8");
  const std::unique_ptr<GDateTime, decltype(&g_date_time_unref)> date(
      g_date_time_new_from_unix_utc(details.date_ns / 1'000'000'000), &g_date_time_unref);
  if (details.date_ns != 0) g_mime_message_set_date(to, date.get());
  if (!details.message_id.empty()) g_mime_message_set_message_id(to, details.message_id.c_str());
  const GObjectPtr<GMimeTextPart> body(g_mime_text_part_new());
  g_mime_text_part_set_text(body.get(), text.c_str());
  g_mime_part_set_content_encoding(GMIME_PART(body.get()), GMIME_CONTENT_ENCODING_BASE64);
  g_mime_message_set_mime_part(to, GMIME_OBJECT(body.get()));
  return GText(g_mime_object_to_string(GMIME_OBJECT(to), nullptr)).get();
}

}  // namespace store_sim
