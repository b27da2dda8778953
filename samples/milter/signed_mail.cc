// SPDX-License-Identifier: Apache-2.0
#include "signed_mail.h"

#include <algorithm>
#include <cctype>

#include "header_fields.h"
#include "lines.h"

namespace store_milter {
namespace {

using store_sim::IncomingMessage;
using store_sim::Part;

bool HasSignatureField(const IncomingMessage& message) {
  constexpr std::string_view kFields[] = {"DKIM-Signature", "DomainKey-Signature", "ARC-Seal"};
  return std::any_of(std::begin(kFields), std::end(kFields), [&](std::string_view name) {
    return !store_sim::FieldsOf(message.raw, name).empty();
  });
}

// The signature itself, what it is wrapped up with, or what the two make together.
constexpr std::string_view kTypes[] = {"application/pkcs7-signature",
                                       "application/x-pkcs7-signature",
                                       "application/pkcs7-mime",
                                       "application/x-pkcs7-mime",
                                       "application/pgp-signature",
                                       "application/pgp-encrypted",
                                       "application/pgp",
                                       "multipart/signed",
                                       "multipart/encrypted"};

char Lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

// In any case: RFC 2045, 5.1.
bool SameLetters(char a, char b) { return Lower(a) == Lower(b); }

bool IsSignatureType(std::string_view type) {
  return std::ranges::any_of(
      kTypes, [&](std::string_view each) { return std::ranges::equal(type, each, SameLetters); });
}

bool NamesSignatureType(std::string_view line) {
  return std::ranges::any_of(kTypes, [&](std::string_view each) {
    return !std::ranges::search(line, each, SameLetters).empty();
  });
}

// By the field Content-Type of it, or of a part within, however it is folded: its type, or the
// protocol that it names.
bool DeclaresSignature(const IncomingMessage& message) {
  constexpr std::string_view kField = "content-type:";
  bool is_type = false;
  return store_sim::AnyLine(message.raw, [&](std::string_view line) {
    const bool goes_on = line.starts_with(' ') || line.starts_with('\t');
    if (!goes_on) is_type = std::ranges::equal(line.substr(0, kField.size()), kField, SameLetters);
    return is_type && NamesSignatureType(line);
  });
}

bool IsSignedInline(const IncomingMessage& message, size_t index) {
  const Part& part = message.apart.parts[index];
  if (!store_sim::IsBody(part.kind)) return false;
  const std::string text = ContentOf(message.raw, message.apart.parts, index);
  return text.find("-----BEGIN PGP ") != text.npos;
}

}  // namespace

bool IsSigned(const IncomingMessage& message) {
  if (HasSignatureField(message) || DeclaresSignature(message)) return true;
  for (size_t index = 0; index < message.apart.parts.size(); ++index) {
    if (IsSignatureType(message.apart.parts[index].content_type)) return true;
    if (IsSignedInline(message, index)) return true;
  }
  return false;
}

}  // namespace store_milter
