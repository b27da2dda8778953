// SPDX-License-Identifier: Apache-2.0
#include "signed_mail.h"

#include <algorithm>

#include "header_fields.h"

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

// The signature itself, or what it is wrapped up with.
bool IsSignatureType(const std::string& type) {
  constexpr std::string_view kTypes[] = {"application/pkcs7-signature",
                                         "application/x-pkcs7-signature",
                                         "application/pkcs7-mime",
                                         "application/x-pkcs7-mime",
                                         "application/pgp-signature",
                                         "application/pgp-encrypted",
                                         "application/pgp"};
  return std::find(std::begin(kTypes), std::end(kTypes), type) != std::end(kTypes);
}

bool IsSignedInline(const IncomingMessage& message, size_t index) {
  const Part& part = message.apart.parts[index];
  if (part.kind != store_sim::PartKind::kBody) return false;
  const std::string text = ContentOf(message.raw, message.apart.parts, index);
  return text.find("-----BEGIN PGP ") != text.npos;
}

bool IsMultipartSigned(const IncomingMessage& message) {
  const auto types = store_sim::FieldsOf(message.raw, "Content-Type");
  return std::any_of(types.begin(), types.end(), [](std::string type) {
    std::transform(type.begin(), type.end(), type.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return type.starts_with("multipart/signed") || type.starts_with("multipart/encrypted");
  });
}

}  // namespace

bool IsSigned(const IncomingMessage& message) {
  if (HasSignatureField(message) || IsMultipartSigned(message)) return true;
  for (size_t index = 0; index < message.apart.parts.size(); ++index) {
    if (IsSignatureType(message.apart.parts[index].content_type)) return true;
    if (IsSignedInline(message, index)) return true;
  }
  return false;
}

}  // namespace store_milter
