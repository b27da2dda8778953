// SPDX-License-Identifier: Apache-2.0
#include "transfer_encoding.h"

#include <algorithm>
#include <array>

#include "embedded.h"
#include "gmime.h"
#include "lines.h"

namespace store_sim {
namespace {

struct Name {
  const char* text;
  TransferEncoding encoding;
};

constexpr std::array<Name, 9> kNames{{
    {"7bit", TransferEncoding::kIdentity},
    {"8bit", TransferEncoding::kIdentity},
    {"binary", TransferEncoding::kIdentity},
    {"base64", TransferEncoding::kBase64},
    {"quoted-printable", TransferEncoding::kQuotedPrintable},
    {"uuencode", TransferEncoding::kUuencode},
    {"x-uuencode", TransferEncoding::kUuencode},
    {"x-uue", TransferEncoding::kUuencode},
    {"uue", TransferEncoding::kUuencode},
}};

GMimeContentEncoding ForGMime(TransferEncoding encoding) {
  switch (encoding) {
    case TransferEncoding::kBase64:
      return GMIME_CONTENT_ENCODING_BASE64;
    case TransferEncoding::kQuotedPrintable:
      return GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE;
    case TransferEncoding::kUuencode:
      return GMIME_CONTENT_ENCODING_UUENCODE;
    case TransferEncoding::kIdentity:
      break;
  }
  return GMIME_CONTENT_ENCODING_BINARY;
}

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

EncodingFlaw FlawOfBase64(std::string_view encoded) {
  size_t digits = 0;
  size_t padding = 0;
  for (const char c : encoded) {
    if (IsBlank(c)) continue;
    if (c == '=') {
      ++padding;
    } else if (!g_ascii_isalnum(c) && c != '+' && c != '/') {
      return {"base64 with foreign characters", false};
    } else if (padding > 0) {
      return {"base64 that goes on after its end", false};
    } else {
      ++digits;
    }
  }
  if ((digits + padding) % 4 == 0 && padding <= 2) return {};
  return {"base64 that is cut off", true};
}

// Ends at a line end, with or without a carriage return, or at the end of the text.
bool IsLineEnd(std::string_view rest) {
  return rest.empty() || rest.starts_with('\n') || rest.starts_with("\r\n");
}

EncodingFlaw FlawOfQuotedPrintable(std::string_view encoded) {
  for (size_t at = encoded.find('='); at != encoded.npos; at = encoded.find('=', at + 1)) {
    const std::string_view rest = encoded.substr(at + 1);
    const bool hex = rest.size() >= 2 && g_ascii_isxdigit(rest[0]) && g_ascii_isxdigit(rest[1]);
    const std::string_view after =
        rest.substr(std::min(rest.find_first_not_of(" \t"), rest.size()));
    if (hex || IsLineEnd(after)) continue;
    // After blanks or a lone carriage return some take it for a soft line break.
    const bool soft_break = after.size() < rest.size() || after.starts_with('\r');
    return {"broken quoted-printable", false, !soft_break};
  }
  const bool blanks = AnyLine(encoded, [](std::string_view line) {
    line = WithoutLineEnd(line);
    return line.ends_with(' ') || line.ends_with('\t');
  });
  if (blanks) return {"quoted-printable with blanks at the end of a line", false};
  return {};
}

// Blanks at the end of a line were added on the way (RFC 2045, 6.7).
std::string WithoutTrailingBlanks(std::string_view text) {
  std::string stripped;
  stripped.reserve(text.size());
  while (!text.empty()) {
    const std::string_view line = TakeLine(text);
    const std::string_view content = WithoutLineEnd(line);
    stripped += content.substr(0, content.find_last_not_of(" \t") + 1);
    stripped += line.substr(content.size());
  }
  return stripped;
}

EncodingFlaw FlawOfUuencode(std::string_view encoded) {
  const Embedded found = FindEmbedded(encoded);
  return {"uuencode, which mail programs read differently", found.files.size() == 1 && !found.flaw};
}

std::string DecodeByGMime(std::string_view encoded, TransferEncoding encoding) {
  const ViewStream source(encoded);
  const GObjectPtr<GMimeDataWrapper> wrapper(
      g_mime_data_wrapper_new_with_stream(source.get(), ForGMime(encoding)));
  const GObjectPtr<GMimeStream> target(g_mime_stream_mem_new());
  g_mime_data_wrapper_write_to_stream(wrapper.get(), target.get());
  const GByteArray* decoded = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(target.get()));
  return std::string(reinterpret_cast<const char*>(decoded->data), decoded->len);
}

}  // namespace

DeclaredEncoding ParseTransferEncoding(std::string_view declared) {
  const std::string text(Trimmed(declared));
  if (text.empty()) return {TransferEncoding::kIdentity, true};
  for (const Name& name : kNames) {
    if (g_ascii_strcasecmp(text.c_str(), name.text) == 0) return {name.encoding, true};
  }
  return {TransferEncoding::kIdentity, false};
}

std::string Decode(std::string_view encoded, TransferEncoding encoding) {
  if (encoding == TransferEncoding::kIdentity) return std::string(encoded);
  if (encoding == TransferEncoding::kQuotedPrintable) {
    return DecodeByGMime(WithoutTrailingBlanks(encoded), encoding);
  }
  return DecodeByGMime(encoded, encoding);
}

EncodingFlaw FlawOf(std::string_view encoded, TransferEncoding encoding) {
  switch (encoding) {
    case TransferEncoding::kBase64:
      return FlawOfBase64(encoded);
    case TransferEncoding::kQuotedPrintable:
      return FlawOfQuotedPrintable(encoded);
    case TransferEncoding::kUuencode:
      return FlawOfUuencode(encoded);
    case TransferEncoding::kIdentity:
      break;
  }
  return {};
}

const char* NameOf(TransferEncoding encoding) {
  switch (encoding) {
    case TransferEncoding::kBase64:
      return "base64";
    case TransferEncoding::kQuotedPrintable:
      return "quoted-printable";
    case TransferEncoding::kUuencode:
      return "uuencode";
    case TransferEncoding::kIdentity:
      break;
  }
  return "as it is";
}

}  // namespace store_sim
