// SPDX-License-Identifier: Apache-2.0
//
// The specification of signed_mail: whose bytes somebody vouches for.
#include "signed_mail.h"

#include <gtest/gtest.h>

#include "importer.h"

namespace store_milter {
namespace {

bool IsSignedRaw(const std::string& raw) { return IsSigned(store_sim::Prepare(raw, 0)); }

std::string Multipart(const std::string& type, const std::string& second_type) {
  return "From: a@example.org\r\nMIME-Version: 1.0\r\nContent-Type: " + type +
         "; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\nhello\r\n--x\r\n"
         "Content-Type: " +
         second_type + "\r\n\r\nZZ\r\n--x--\r\n";
}

TEST(SignedMail, IsNotWhatNobodyHasSigned) {
  EXPECT_FALSE(IsSignedRaw("From: a@example.org\r\n\r\nSigned, Ann\r\n"));
  EXPECT_FALSE(IsSignedRaw(Multipart("multipart/mixed", "application/zip")));
}

TEST(SignedMail, IsWhatAHeaderVouchesFor) {
  for (const char* field : {"DKIM-Signature", "dkim-signature", "DomainKey-Signature", "ARC-Seal"})
    EXPECT_TRUE(
        IsSignedRaw(std::string(field) + ": v=1; b=abc\r\nFrom: a@example.org\r\n\r\nx\r\n"))
        << field;
}

TEST(SignedMail, IsSMimeAndPgpMime) {
  EXPECT_TRUE(IsSignedRaw(Multipart("Multipart/Signed", "application/pkcs7-signature")));
  EXPECT_TRUE(IsSignedRaw(Multipart("multipart/signed", "text/plain")));
  EXPECT_TRUE(IsSignedRaw(Multipart("multipart/encrypted", "application/octet-stream")));
  EXPECT_TRUE(
      IsSignedRaw("Content-Type: application/pkcs7-mime; smime-type=signed-data\r\n"
                  "MIME-Version: 1.0\r\n\r\nAAAA\r\n"));
}

// RFC 2045, 5.1: types, subtypes and the names of parameters in any case.
TEST(SignedMail, IsSoInWhateverCase) {
  EXPECT_TRUE(IsSignedRaw(Multipart("MULTIPART/SIGNED", "text/plain")));
  EXPECT_TRUE(IsSignedRaw(Multipart("Multipart/Encrypted", "text/plain")));
  EXPECT_TRUE(IsSignedRaw(Multipart(" multipart/SIGNED; PROTOCOL=\"Application/PGP-Signature\"",
                                    "Application/Octet-Stream")));
  for (const char* type : {"Application/PKCS7-Signature", "APPLICATION/X-PKCS7-MIME",
                           "Application/Pgp-Signature", "application/PGP-Encrypted"})
    EXPECT_TRUE(IsSignedRaw(Multipart("Multipart/Mixed", type))) << type;
}

// The signature itself may say that it is something else: the protocol tells.
TEST(SignedMail, IsWhatTheProtocolOfAPartWithinSays) {
  const std::string signed_part = "multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: ";
  for (const char* within :
       {"Multipart/Signed; Protocol=\"APPLICATION/PKCS7-SIGNATURE\"; micalg=sha-256; boundary=y",
        "multipart/encrypted; PROTOCOL=application/PGP-encrypted; boundary=y"})
    EXPECT_TRUE(IsSignedRaw("MIME-Version: 1.0\r\nContent-Type: " + signed_part + within +
                            "\r\n\r\n--y\r\nContent-Type: text/plain\r\n\r\nhello\r\n--y\r\n"
                            "Content-Type: application/octet-stream\r\n\r\nZZ\r\n--y--\r\n"
                            "--x--\r\n"))
        << within;
}

TEST(SignedMail, IsWhatAnOuterMailingListPutATextAround) {
  EXPECT_TRUE(IsSignedRaw(Multipart("multipart/mixed", "application/pgp-signature")));
}

TEST(SignedMail, IsPgpInTheText) {
  EXPECT_TRUE(IsSignedRaw("From: a@example.org\r\n\r\n-----BEGIN PGP SIGNED MESSAGE-----\r\n"));
}

}  // namespace
}  // namespace store_milter
