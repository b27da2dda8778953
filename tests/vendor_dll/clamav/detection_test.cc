// SPDX-License-Identifier: Apache-2.0
//
// What the libclamav vendor finds, and in what wrapping.
#include <algorithm>
#include <random>
#include <thread>

#include "clamav_support.h"

namespace vsapi::test {
namespace {

std::string Message() { return MimeWithAttachment("eicar.com", Eicar()); }

TEST(ClamavDetection, FindsEicarWithTheWhitespaceThatItsRulesAllow) {
  Started clamav;
  for (const char* tail : {"", "\n", "\r\n", " ", "\t\t", "\r\n\r\n \x1a"})
    EXPECT_THAT(clamav.Scan(Eicar() + tail), IsEicar());
}

TEST(ClamavDetection, FindsEicarInArchives) {
  Started clamav;
  EXPECT_THAT(clamav.Scan(Zip({{"readme.txt", "hello"}, {"eicar.com", Eicar()}})), IsEicar());
  EXPECT_THAT(clamav.Scan(TarGz({{"a/eicar.com", Eicar()}})), IsEicar());
  EXPECT_THAT(clamav.Scan(NestedZip(Eicar(), 4)), IsEicar());
  EXPECT_THAT(clamav.Scan(TarGz({{"in.zip", Zip({{"eicar.com", Eicar()}})}})), IsEicar());
}

TEST(ClamavDetection, FindsEicarInMessages) {
  Started clamav;
  EXPECT_THAT(clamav.Scan(Message()), IsEicar());
  EXPECT_THAT(clamav.Scan(Forwarded(Message())), IsEicar());
  EXPECT_THAT(clamav.Scan(Forwarded(Forwarded(Message()))), IsEicar());
  EXPECT_THAT(clamav.Scan(MimeWithAttachment("a.zip", Zip({{"eicar.com", Eicar()}}))), IsEicar());
}

TEST(ClamavDetection, FindsEveryTestFileOfClamav) {
  Started clamav;
  size_t files = 0;
  for (const auto& entry : fs::directory_iterator(CLAMAV_TESTFILES_DIR)) {
    const Outcome outcome = clamav.Scan(ReadFile(entry.path()));
    EXPECT_THAT(outcome, Says(VSAPI_VERDICT_INFECTED)) << entry.path();
    ASSERT_EQ(outcome.findings.size(), 1u) << entry.path();
    EXPECT_EQ(outcome.findings[0].name, "ClamAV-Test-File.UNOFFICIAL") << entry.path();
    ++files;
  }
  EXPECT_GE(files, 44u);
}

// One of the files is nested deeper than the usual limit, and so over it once it is damaged.
constexpr char kDeep[] = "max_recursion=100";

// Nothing else may be said of what is left of a test file; unsupported is an archive that can't be
// unpacked any more.
void ExpectNoFalseAlarm(const Outcome& outcome, const std::string& what) {
  ASSERT_THAT(outcome, FailsWith(VSAPI_OK)) << what;
  EXPECT_THAT(outcome.verdict, testing::AnyOf(VSAPI_VERDICT_CLEAN, VSAPI_VERDICT_INFECTED,
                                              VSAPI_VERDICT_UNSUPPORTED))
      << what << outcome;
  for (const std::string& name : outcome.names())
    EXPECT_EQ(name, "ClamAV-Test-File.UNOFFICIAL") << what;
}

TEST(ClamavDetection, JudgesCutFilesInsteadOfFailing) {
  Started clamav(WithShipped(kDeep));
  for (const auto& entry : fs::directory_iterator(CLAMAV_TESTFILES_DIR)) {
    const std::string whole = ReadFile(entry.path());
    for (const size_t eighths : {1, 3, 5, 7})
      ExpectNoFalseAlarm(clamav.Scan(whole.substr(0, whole.size() * eighths / 8)),
                         entry.path().string() + " cut at eighths " + std::to_string(eighths));
  }
}

// Eight bytes in the last three quarters of the file: a flag in a header may well say "encrypted".
TEST(ClamavDetection, JudgesFilesWithWrongBytesInsteadOfFailing) {
  Started clamav(WithShipped(kDeep));
  for (const auto& entry : fs::directory_iterator(CLAMAV_TESTFILES_DIR)) {
    const std::string whole = ReadFile(entry.path());
    if (whole.size() > 100'000) continue;
    for (uint64_t seed = 1; seed <= 10; ++seed) {
      std::mt19937_64 random(seed);
      std::string damaged = whole;
      for (int i = 0; i < 8; ++i)
        damaged[damaged.size() - 1 - random() % (damaged.size() * 3 / 4)] =
            static_cast<char>(random());
      ExpectNoFalseAlarm(clamav.Scan(damaged),
                         entry.path().string() + " with seed " + std::to_string(seed));
    }
  }
}

TEST(ClamavDetection, CallsHarmlessContentClean) {
  Started clamav;
  for (const std::string& content :
       {std::string("Dear Bob,\r\nall is well.\r\n"), Noise(100'000), Zip({{"a.txt", "hello"}}),
        MimeWithAttachment("a.bin", Noise(3000)),
        Forwarded(MimeWithAttachment("a.txt", "hello"))}) {
    const Outcome outcome = clamav.Scan(content);
    EXPECT_THAT(outcome, IsClean());
    EXPECT_THAT(outcome.findings, testing::IsEmpty());
    EXPECT_EQ(outcome.scope, VSAPI_SCOPE_CONTENT);
  }
}

TEST(ClamavDetection, CallsContentCleanThatIsTooShortToHoldAnything) {
  Started clamav;
  for (const size_t size : {0, 1, 5, 6}) {
    EXPECT_THAT(clamav.Scan(std::string(size, 'x')), IsClean()) << size;
    Script read{.content = std::string(size, 'x'), .in_memory = false};
    EXPECT_THAT(clamav.Scan(read), IsClean()) << size;
  }
}

TEST(ClamavDetection, CallsEncryptedArchivesEncrypted) {
  Started clamav;
  for (const Cipher cipher : {Cipher::kZipCrypto, Cipher::kAes256}) {
    const Outcome outcome = clamav.Scan(EncryptedZip({{"eicar.com", Eicar()}}, cipher));
    EXPECT_THAT(outcome, Says(VSAPI_VERDICT_ENCRYPTED));
    ASSERT_EQ(outcome.findings.size(), 1u);
    EXPECT_EQ(outcome.findings[0].kind, VSAPI_FINDING_ENCRYPTED);
    EXPECT_EQ(outcome.findings[0].name, "Heuristics.Encrypted.Zip");
  }
}

TEST(ClamavDetection, ReportsEncryptionAlsoWithHeuristicsOff) {
  Started clamav(WithShipped("heuristics=off"));
  EXPECT_THAT(clamav.Scan(EncryptedZip({{"a.txt", "hello"}})), Says(VSAPI_VERDICT_ENCRYPTED));
}

TEST(ClamavDetection, LetsARealThreatDecideOverAnEncryptedNeighbour) {
  Started clamav;
  const std::string locked = EncryptedZip({{"a.txt", "hello"}});
  const Outcome outcome = clamav.Scan(Zip({{"locked.zip", locked}, {"eicar.com", Eicar()}}));
  ASSERT_THAT(outcome, Says(VSAPI_VERDICT_INFECTED));
  EXPECT_EQ(outcome.findings[0].name, "Eicar-Test-Signature.UNOFFICIAL");
}

std::string FromHex(const std::string& hex) {
  std::string bytes;
  for (size_t i = 0; i < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return bytes;
}

// The published pair of 128 bytes with one MD5 (Wang and Yu, 2004). A cache by MD5 and size, as
// libclamav's is, would let the first vouch for the second.
TEST(ClamavDetection, TellsMd5TwinsApart) {
  const std::string harmless = FromHex(
      "d131dd02c5e6eec4693d9a0698aff95c2fcab58712467eab4004583eb8fb7f89"
      "55ad340609f4b30283e488832571415a085125e8f7cdc99fd91dbdf280373c5b"
      "d8823e3156348f5bae6dacd436c919c6dd53e2b487da03fd02396306d248cda0"
      "e99f33420f577ee8ce54b67080a80d1ec69821bcb6a8839396f9652b6ff72a70");
  const std::string malicious = FromHex(
      "d131dd02c5e6eec4693d9a0698aff95c2fcab50712467eab4004583eb8fb7f89"
      "55ad340609f4b30283e4888325f1415a085125e8f7cdc99fd91dbd7280373c5b"
      "d8823e3156348f5bae6dacd436c919c6dd53e23487da03fd02396306d248cda0"
      "e99f33420f577ee8ce54b67080280d1ec69821bcb6a8839396f965ab6ff72a70");
  TestFolder definitions;
  definitions.Write("twin.hsb",
                    "b9fef2a8fc93b05e7701e97196fda6c4fbeea25ff8e64fdfee7015eca8fa617d:128:Twin\n");
  Started clamav("definitions=" + definitions.path());
  EXPECT_THAT(clamav.Scan(harmless), IsClean());
  EXPECT_THAT(clamav.Scan(malicious), Says(VSAPI_VERDICT_INFECTED));
}

TEST(ClamavDetection, NamesYaraRulesAndPotentiallyUnwantedThings) {
  TestFolder definitions;
  definitions.Write("rules.yar", "rule Office { strings: $a = \"yara-marker-1\" condition: $a }\n");
  definitions.Write("pua.ndu", "PUA.Test.Tool:0:*:" + HexOf("unwanted-marker-2") + "\n");
  Started clamav("definitions=" + definitions.path() + ";pua=on");
  const Outcome yara = clamav.Scan("some text with yara-marker-1 in it");
  ASSERT_THAT(yara, Says(VSAPI_VERDICT_INFECTED));
  EXPECT_EQ(yara.findings[0].name, "YARA.Office.UNOFFICIAL");
  const Outcome pua = clamav.Scan("some text with unwanted-marker-2 in it");
  ASSERT_THAT(pua, Says(VSAPI_VERDICT_SUSPICIOUS));
  EXPECT_EQ(pua.findings[0].kind, VSAPI_FINDING_HEURISTIC);
}

TEST(ClamavDetection, ScansInParallelOnOneInstance) {
  Started clamav;
  const std::vector<std::string> threats = {Eicar(), Message(), NestedZip(Eicar(), 3)};
  const std::vector<std::string> clean = {Noise(20'000), MimeWithAttachment("a.txt", "hello")};
  const auto work = [&] {
    VendorSession session(clamav.vendor);
    for (int round = 0; round < 15; ++round) {
      for (const auto& threat : threats) EXPECT_THAT(session.Scan(threat), IsEicar());
      for (const auto& content : clean) EXPECT_THAT(session.Scan(content), IsClean());
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace vsapi::test
