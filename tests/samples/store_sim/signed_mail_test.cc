// SPDX-License-Identifier: Apache-2.0
//
// Mail whose bytes matter goes through transport byte for byte, with the sink and without it: real
// S/MIME and DKIM signatures still hold after the passage. (KB843545: signed mail never left
// "pending submission".)
#include <sys/stat.h>

#include "transit_fixture.h"

namespace store_sim {
namespace {

using ::testing::HasSubstr;

class SignedMail : public TransitTest {
 protected:
  // In the test's folder; true if it ends with 0.
  bool Shell(const std::string& command) const {
    return std::system(
               ("cd '" + folder_.path().string() + "' && " + command + " 2>>shell_err").c_str()) ==
           0;
  }
  bool OpenSsl(const std::string& arguments) const {
    return Shell("'" OPENSSL_PROGRAM "' " + arguments);
  }
  void MakeKeys() {
    ASSERT_TRUE(
        OpenSsl("req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 "
                "-subj /emailAddress=alice@example.org -addext keyUsage=digitalSignature,"
                "keyEncipherment -addext extendedKeyUsage=emailProtection"))
        << ReadAll(folder_ / "shell_err");
    folder_.Write("text",
                  "Content-Type: text/plain; charset=utf-8\r\n\r\nGr\xc3\xbc\xc3\x9f"
                  "e, Alice\r\n");
  }
  static std::string Envelope822(const std::string& subject) {
    return "-from alice@example.org -to bob@example.org -subject '" + subject + "'";
  }
  // The bytes that a client gets after the passage; "" if it gets none.
  std::string Passed(const std::string& raw, bool with_sink) {
    Start({{"TransportAVAPI\\Enabled", with_sink ? "1" : "0"}});
    EXPECT_EQ(Submit(raw).answer, VSAPI_MESSAGE_DELIVER);
    EXPECT_THAT(queue_->List(), ::testing::IsEmpty());
    EXPECT_EQ(scans() > 0, with_sink);
    EXPECT_EQ(Open(1), Outcome::kAllowed);
    const std::string passed = RawOf(1);
    Stop();
    std::filesystem::remove_all(folder_ / "s");
    folder_.Write("passed", passed);
    return passed;
  }
  // The file `mail` passes, with the sink and without; `verify` then looks at the file `passed`.
  void ExpectToPass(const std::function<bool()>& verify) {
    const std::string raw = ReadAll(folder_ / "mail");
    ASSERT_NE(raw, "");
    for (const bool with_sink : {true, false}) {
      EXPECT_EQ(Passed(raw, with_sink), raw);
      EXPECT_TRUE(verify()) << ReadAll(folder_ / "shell_err");
    }
  }
  bool VerifySmime() const {
    return OpenSsl("smime -verify -in passed -CAfile cert.pem -purpose any -out verified");
  }
};

TEST_F(SignedMail, KB843545_ClearSigned) {
  MakeKeys();
  ASSERT_TRUE(OpenSsl("smime -sign -in text -signer cert.pem -inkey key.pem -out mail " +
                      Envelope822("clear")));
  EXPECT_THAT(ReadAll(folder_ / "mail"), HasSubstr("multipart/signed"));
  ExpectToPass([&] { return VerifySmime(); });
}

TEST_F(SignedMail, OpaqueSigned) {
  MakeKeys();
  ASSERT_TRUE(OpenSsl("smime -sign -nodetach -in text -signer cert.pem -inkey key.pem -out mail " +
                      Envelope822("opaque")));
  EXPECT_THAT(ReadAll(folder_ / "mail"), HasSubstr("pkcs7-mime"));
  ExpectToPass([&] { return VerifySmime(); });
}

TEST_F(SignedMail, SignedAndEncrypted) {
  MakeKeys();
  ASSERT_TRUE(OpenSsl("smime -sign -in text -signer cert.pem -inkey key.pem -out signed"));
  ASSERT_TRUE(
      OpenSsl("smime -encrypt -aes256 -in signed -out mail " + Envelope822("both") + " cert.pem"));
  ExpectToPass([&] {
    return OpenSsl("smime -decrypt -in passed -recip cert.pem -inkey key.pem -out decrypted") &&
           OpenSsl("smime -verify -in decrypted -CAfile cert.pem -purpose any -out verified");
  });
}

TEST_F(SignedMail, ATamperedOneWouldBeFound) {
  MakeKeys();
  ASSERT_TRUE(OpenSsl("smime -sign -in text -signer cert.pem -inkey key.pem -out mail " +
                      Envelope822("clear")));
  std::string raw = ReadAll(folder_ / "mail");
  raw.replace(raw.find("Alice"), 5, "Malle");
  folder_.Write("passed", raw);
  EXPECT_FALSE(VerifySmime());
}

class DkimSigned : public SignedMail {
 protected:
  void SetUp() override {
    if (!Shell("'" DKIM_PYTHON "' -c 'import dkim'")) GTEST_SKIP() << "python3-dkim is missing";
    MakeKeys();
  }
  bool Sign(const std::string& raw) {
    folder_.Write("unsigned", raw);
    return Shell("'" DKIM_PYTHON "' '" DKIM_SCRIPT "' sign key.pem unsigned >mail");
  }
  bool Verify(const std::string& file) {
    return Shell("'" DKIM_PYTHON "' '" DKIM_SCRIPT "' verify key.pem " + file);
  }
};

TEST_F(DkimSigned, HoldsAfterThePassage) {
  ASSERT_TRUE(Sign(Multipart("dkim", "hello", {"attached"}))) << ReadAll(folder_ / "shell_err");
  ExpectToPass([&] { return Verify("passed"); });
}

TEST_F(DkimSigned, HoldsUnderTheStampOfARelay) {
  ASSERT_TRUE(Sign(Multipart("dkim", "hello", {"attached"})));
  folder_.Write("stamp_key", std::string(32, 'k'));
  chmod((folder_ / "stamp_key").c_str(), 0600);
  std::filesystem::create_directories(folder_ / "next");
  Start({{"Profile", "2.6"}, {"AVStampKeyFile", (folder_ / "stamp_key").string()}});
  Submit(ReadAll(folder_ / "mail"), {.to = {"bob"}, .relay = (folder_ / "next").string()});
  for (const auto& file : std::filesystem::directory_iterator(folder_ / "next")) {
    EXPECT_THAT(ReadAll(file.path()), HasSubstr("X-OpenVSAPI-AVStamp"));
    EXPECT_TRUE(Verify(file.path().string()));
  }
}

TEST_F(DkimSigned, ATamperedOneWouldBeFound) {
  ASSERT_TRUE(Sign(Multipart("dkim", "hello", {})));
  std::string raw = ReadAll(folder_ / "mail");
  raw.replace(raw.find("hello"), 5, "hallo");
  folder_.Write("passed", raw);
  EXPECT_FALSE(Verify("passed"));
}

// ---- Bytes that some program would like to improve ----------------------------------------------

struct Bytes {
  const char* what;
  std::string raw;
};
void PrintTo(const Bytes& bytes, std::ostream* out) { *out << bytes.what; }
const std::string kHead = "From: a@example.org\r\nTo: bob@example.org\r\n";
const Bytes kBytes[] = {
    {"Pgp",
     kHead +
         "Subject: p\r\n\r\n-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA256\r\n\r\n- --dash \r\n"
         "-----BEGIN PGP SIGNATURE-----\r\n\r\niQEzBAEBCAAdFiEE\r\n-----END PGP "
         "SIGNATURE-----\r\n"},
    {"PgpMime",
     kHead + "Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\";\r\n"
             " boundary=\"x\"\r\n\r\n--x\r\nContent-Type: application/pgp-encrypted\r\n\r\n"
             "Version: 1\r\n\r\n--x\r\nContent-Type: application/octet-stream\r\n\r\n"
             "-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA\r\n-----END PGP MESSAGE-----\r\n--x--\r\n"},
    {"FormatFlowed", kHead + "Content-Type: text/plain; format=flowed; delsp=yes\r\n\r\na line \r\n"
                             "that flows \r\n-- \r\n signature  \r\n"},
    {"EightBit", kHead + "Content-Type: text/plain; charset=iso-8859-1\r\n"
                         "Content-Transfer-Encoding: 8bit\r\n\r\nGr\xfc\xdf"
                         "e\r\n"},
    {"Utf8Headers",
     "From: J\xc3\xb6rg <j\xc3\xb6rg@example.org>\r\nSubject: \xe2\x82\xac\r\n\r\nhello\r\n"},
    {"BareLineFeeds", "From: a@example.org\nSubject: x\n\nline\nline  \n\n"},
    {"MixedLineEnds", "From: a@example.org\r\nSubject: x\n\r\nline\nline\r\n"},
    {"NoLastLineEnd", kHead + "Subject: x\r\n\r\nends here"},
    {"TrailingSpaceAndTabs", kHead + "Subject:   spaced\t \r\n folded\r\n\r\n \t \r\n"},
    {"LongLine", kHead + "\r\n" + std::string(5000, 'x') + "\r\n"},
    {"EmptyBody", kHead + "\r\n"},
    {"DotLines", kHead + "\r\n.\r\n..\r\nFrom here\r\n"},
};

class ByteForByte : public SignedMail, public ::testing::WithParamInterface<Bytes> {};

TEST_P(ByteForByte, Passes) {
  for (const bool with_sink : {true, false})
    EXPECT_EQ(Passed(GetParam().raw, with_sink), GetParam().raw);
}
INSTANTIATE_TEST_SUITE_P(Mail, ByteForByte, ::testing::ValuesIn(kBytes),
                         [](const auto& each) { return std::string(each.param.what); });

}  // namespace
}  // namespace store_sim
