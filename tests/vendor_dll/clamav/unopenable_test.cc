// SPDX-License-Identifier: Apache-2.0
//
// What libclamav can't open and would call clean, and what looks like it but is harmless.
#include "clamav_support.h"

namespace vsapi::test {
namespace {

std::string Text() { return std::string(400, 'a') + Eicar().substr(20) + std::string(400, 'b'); }

void ExpectUnsupportedAnywhere(Started& clamav, const std::string& name, const std::string& bytes) {
  EXPECT_THAT(clamav.Scan(bytes), Says(VSAPI_VERDICT_UNSUPPORTED)) << name;
  EXPECT_THAT(clamav.Scan(Zip({{name, bytes}})), Says(VSAPI_VERDICT_UNSUPPORTED)) << name;
  EXPECT_THAT(clamav.Scan(MimeWithAttachment(name, bytes)), Says(VSAPI_VERDICT_UNSUPPORTED))
      << name;
  EXPECT_THAT(clamav.Scan(Zip({{name, bytes}, {"eicar.com", Eicar()}})), IsEicar()) << name;
}

std::string Rar() { return "Rar!\x1a\x07" + std::string("\x01\0", 2) + Noise(400); }

TEST(ClamavUnopenable, CallsRarUnsupportedWhereverItIsMet) {
  Started clamav;
  EXPECT_THAT(clamav.Scan(Rar()), Says(VSAPI_VERDICT_UNSUPPORTED));
  EXPECT_THAT(clamav.Scan(Zip({{"a.rar", Rar()}})), Says(VSAPI_VERDICT_UNSUPPORTED));
  EXPECT_THAT(clamav.Scan(MimeWithAttachment("a.rar", Rar())), Says(VSAPI_VERDICT_UNSUPPORTED));
  EXPECT_THAT(clamav.Scan("MZ" + Noise(1000) + Rar()), Says(VSAPI_VERDICT_UNSUPPORTED));
  EXPECT_THAT(clamav.Scan(Zip({{"a.exe", "MZ" + Noise(1000) + Rar()}})),
              Says(VSAPI_VERDICT_UNSUPPORTED));
  EXPECT_THAT(clamav.Scan(Zip({{"a.rar", Rar()}, {"eicar.com", Eicar()}})), IsEicar());
}

TEST(ClamavUnopenable, FindsRarBehindOtherData) {
  Started clamav;
  const std::string rar4 =
      "Rar!\x1a\x07" + std::string("\0\xcf\x90\x73\0\0\x0d", 7) + std::string(7, '\0') + Noise(400);
  for (const std::string& rar : {Rar(), rar4})
    EXPECT_THAT(clamav.Scan("junk" + Noise(700) + rar), Says(VSAPI_VERDICT_UNSUPPORTED));
  EXPECT_THAT(clamav.Scan("An archive of that kind begins with Rar!, they say."), IsClean());
  EXPECT_THAT(clamav.Scan("A table of magics:\nRar!\x1a\x07" + std::string("\0 and more", 10)),
              IsClean());
}

// libarchive writes no zip of these methods, so the method in a good one's headers is changed.
std::string ZipByMethod(char method) {
  std::string zip = Zip({{"a.bin", Noise(500)}});
  for (const auto& [magic, at] : {std::pair{"PK\x03\x04", 8}, std::pair{"PK\x01\x02", 10}})
    zip[zip.find(magic) + at] = method;
  return zip;
}

TEST(ClamavUnopenable, CallsZipMembersOfUncommonMethodsUnsupported) {
  Started clamav;
  for (const char method : {14, 93, 95, 98}) {
    EXPECT_THAT(clamav.Scan(ZipByMethod(method)), Says(VSAPI_VERDICT_UNSUPPORTED)) << int{method};
    EXPECT_THAT(clamav.Scan(MimeWithAttachment("a.zip", Zip({{"b.zip", ZipByMethod(method)}}))),
                Says(VSAPI_VERDICT_UNSUPPORTED));
  }
}

TEST(ClamavUnopenable, FindsZipMembersOfUncommonMethodsBehindOtherData) {
  Started clamav;
  for (const std::string& before : {std::string("junk"), "MZ" + std::string(500, '\0')})
    EXPECT_THAT(clamav.Scan(before + ZipByMethod(14)), Says(VSAPI_VERDICT_UNSUPPORTED));
  EXPECT_THAT(clamav.Scan("a text about PK\x01\x02 and PK\x03\x04, which begin headers of a zip; "
                          "it is a little longer than such a header is."),
              IsClean());
}

TEST(ClamavUnopenable, OpensWhatItKnowsOf7z) {
  Started clamav;
  for (const char* method : {"copy", "lzma1", "lzma2", "ppmd"}) {
    EXPECT_THAT(clamav.Scan(SevenZip({{"a.txt", Text()}, {"eicar.com", Eicar()}}, method)),
                IsEicar())
        << method;
    EXPECT_THAT(clamav.Scan(SevenZip({{"b/", ""},
                                      {"b/a name with blanks, a long one.txt", Text()},
                                      {"b/two", "22"},
                                      {"b/\xc3\xbc.txt", Text() + "2"},
                                      {"empty", ""}},
                                     method)),
                IsClean())
        << method;
  }
}

TEST(ClamavUnopenable, Calls7zOfOtherMethodsUnsupported) {
  Started clamav;
  for (const std::string method : {"bzip2", "deflate"})
    ExpectUnsupportedAnywhere(clamav, method + ".7z",
                              SevenZip({{"a.txt", Text()}, {"eicar.com", Eicar()}}, method));
}

TEST(ClamavUnopenable, Calls7zUnsupportedWhoseDirectoryCanNotBeRead) {
  Started clamav;
  std::string archive = SevenZip({{"a.txt", Text()}}, "lzma2");
  archive.back() = static_cast<char>(archive.back() ^ 1);
  EXPECT_THAT(clamav.Scan(archive), Says(VSAPI_VERDICT_UNSUPPORTED));
  EXPECT_THAT(clamav.Scan(Zip({{"a.7z", archive}, {"b.txt", Text()}})),
              Says(VSAPI_VERDICT_UNSUPPORTED));
}

TEST(ClamavUnopenable, CallsStreamsUnsupportedThatCanNotBeUnpacked) {
  Started clamav;
  for (const char* filter : {"bzip2", "xz", "gzip"}) {
    std::string stream = Compressed(filter, Noise(300));
    EXPECT_THAT(clamav.Scan(stream), IsClean()) << filter;
    for (size_t i = 12; i < 40; ++i) stream[i] = '\xff';
    EXPECT_THAT(clamav.Scan(stream), Says(VSAPI_VERDICT_UNSUPPORTED)) << filter;
  }
}

TEST(ClamavUnopenable, CallsContainersCleanThatHoldNothing) {
  Started clamav;
  for (const char* filter : {"bzip2", "xz", "gzip"})
    for (const char* text : {"", "12345", "a text that is harmless"})
      EXPECT_THAT(clamav.Scan(Compressed(filter, text)), IsClean()) << filter << text;
  const std::vector<std::vector<Member>> nothing = {
      {}, {{"a/", ""}, {"b/", ""}}, {{"a", ""}, {"b", ""}}, {{"a", "12345"}}};
  for (const std::vector<Member>& members : nothing) {
    EXPECT_THAT(clamav.Scan(Zip(members)), IsClean());
    EXPECT_THAT(clamav.Scan(TarGz(members)), IsClean());
    EXPECT_THAT(clamav.Scan(SevenZip(members, "lzma2")), IsClean());
    EXPECT_THAT(clamav.Scan(Zip({{"inner.zip", Zip(members)}, {"b.txt", Text()}})), IsClean());
    EXPECT_THAT(
        clamav.Scan(SevenZip({{"in.7z", SevenZip(members, "lzma1")}, {"b", Text()}}, "lzma1")),
        IsClean());
  }
}

TEST(ClamavUnopenable, CallsBzip2OfSeveralStreamsUnsupported) {
  Started clamav;
  const std::string first = Compressed("bzip2", Text());
  EXPECT_THAT(clamav.Scan(first), IsClean());
  ExpectUnsupportedAnywhere(clamav, "two.bz2", first + Compressed("bzip2", Eicar()));
  EXPECT_THAT(clamav.Scan(Compressed("bzip2", Eicar()) + first), IsEicar());
}

TEST(ClamavUnopenable, LooksIntoAllStreamsOfGzipAndXz) {
  Started clamav;
  for (const char* filter : {"gzip", "xz"})
    EXPECT_THAT(clamav.Scan(Compressed(filter, Text()) + Compressed(filter, "\n" + Text())),
                IsClean())
        << filter;
}

TEST(ClamavUnopenable, CallsStreamsThatArePlainDataToLibclamavUnsupported) {
  Started clamav;
  for (const std::string filter : {"zstd", "lz4", "lzip", "lzma", "compress"})
    ExpectUnsupportedAnywhere(clamav, "a." + filter, Compressed(filter, Text()));
}

TEST(ClamavUnopenable, CallsArchivesThatArePlainDataToLibclamavUnsupported) {
  Started clamav;
  ExpectUnsupportedAnywhere(clamav, "a.ace", Noise(7) + "**ACE**" + Noise(200));
  ExpectUnsupportedAnywhere(
      clamav, "a.arc", std::string("\x1a\x08") + "EICAR.COM" + std::string(4, '\0') + Noise(200));
  ExpectUnsupportedAnywhere(
      clamav, "a.zoo",
      "ZOO 2.10 Archive.\x1a" + std::string("\0\0\xdc\xa7\xc4\xfd", 6) + Noise(200));
  ExpectUnsupportedAnywhere(clamav, "a.deb", "!<arch>\n" + Text());
}

}  // namespace
}  // namespace vsapi::test
