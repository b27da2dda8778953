// SPDX-License-Identifier: Apache-2.0
#include "transfer_encoding.h"

#include <array>

#include "gmime.h"

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

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const size_t first = text.find_first_not_of(kBlank);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

const char* FlawOfBase64(std::string_view encoded) {
  size_t digits = 0;
  size_t padding = 0;
  for (const char c : encoded) {
    if (IsBlank(c)) continue;
    if (c == '=') {
      ++padding;
    } else if (!g_ascii_isalnum(c) && c != '+' && c != '/') {
      return "base64 with foreign characters";
    } else if (padding > 0) {
      return "base64 that goes on after its end";
    } else {
      ++digits;
    }
  }
  return (digits + padding) % 4 == 0 && padding <= 2 ? nullptr : "base64 that is cut off";
}

const char* FlawOfQuotedPrintable(std::string_view encoded) {
  for (size_t at = encoded.find('='); at != encoded.npos; at = encoded.find('=', at + 1)) {
    const std::string_view rest = encoded.substr(at + 1);
    const bool hex = rest.size() >= 2 && g_ascii_isxdigit(rest[0]) && g_ascii_isxdigit(rest[1]);
    const size_t next = rest.find_first_not_of(" \t");
    const bool soft_break = next == rest.npos || rest[next] == '\n' || rest[next] == '\r';
    if (!hex && !soft_break) return "broken quoted-printable";
  }
  return nullptr;
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
  const ViewStream source(encoded);
  const GObjectPtr<GMimeDataWrapper> wrapper(
      g_mime_data_wrapper_new_with_stream(source.get(), ForGMime(encoding)));
  const GObjectPtr<GMimeStream> target(g_mime_stream_mem_new());
  g_mime_data_wrapper_write_to_stream(wrapper.get(), target.get());
  const GByteArray* decoded = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(target.get()));
  return std::string(reinterpret_cast<const char*>(decoded->data), decoded->len);
}

const char* FlawOf(std::string_view encoded, TransferEncoding encoding) {
  switch (encoding) {
    case TransferEncoding::kBase64:
      return FlawOfBase64(encoded);
    case TransferEncoding::kQuotedPrintable:
      return FlawOfQuotedPrintable(encoded);
    case TransferEncoding::kUuencode:
      return "uuencode, which mail programs read differently";
    case TransferEncoding::kIdentity:
      break;
  }
  return nullptr;
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
