// SPDX-License-Identifier: Apache-2.0
#include "support/samples.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <random>
#include <stdexcept>

namespace vsapi::test {
namespace {

class ArchiveWriter {
 public:
  ArchiveWriter() : archive_(archive_write_new(), archive_write_free) {
    archive_write_set_bytes_in_last_block(archive_.get(), 1);
  }
  archive* get() const { return archive_.get(); }

  std::string Write(const std::vector<Member>& members) {
    std::string out;
    Check(archive_write_open(archive_.get(), &out, nullptr, &Append, nullptr));
    for (const Member& member : members) Add(member);
    Check(archive_write_close(archive_.get()));
    return out;
  }
  void Check(la_ssize_t result) const {
    if (result < ARCHIVE_OK) throw std::runtime_error(archive_error_string(archive_.get()));
  }

 private:
  static la_ssize_t Append(archive*, void* out, const void* data, size_t size) {
    static_cast<std::string*>(out)->append(static_cast<const char*>(data), size);
    return static_cast<la_ssize_t>(size);
  }
  void Add(const Member& member) {
    const std::unique_ptr<archive_entry, decltype(&archive_entry_free)> entry(archive_entry_new(),
                                                                              archive_entry_free);
    archive_entry_set_pathname(entry.get(), member.name.c_str());
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(member.bytes.size()));
    archive_entry_set_filetype(entry.get(), member.name.ends_with('/') ? AE_IFDIR : AE_IFREG);
    archive_entry_set_perm(entry.get(), 0644);
    Check(archive_write_header(archive_.get(), entry.get()));
    if (member.bytes.empty()) return;
    Check(archive_write_data(archive_.get(), member.bytes.data(), member.bytes.size()));
  }

  std::unique_ptr<archive, decltype(&archive_write_free)> archive_;
};

// libarchive converts names from the thread's character set.
class Utf8Names {
 public:
  Utf8Names()
      : utf8_(::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)), before_(::uselocale(utf8_)) {}
  ~Utf8Names() {
    ::uselocale(before_);
    if (utf8_) ::freelocale(utf8_);
  }

 private:
  locale_t utf8_;
  locale_t before_;
};

constexpr char kHead[] =
    "From: Alice <alice@example.org>\r\n"
    "To: Bob <bob@example.org>\r\n"
    "Subject: a sample\r\n"
    "Date: Thu, 01 Jan 2026 12:00:00 +0000\r\n"
    "MIME-Version: 1.0\r\n";

}  // namespace

std::string Eicar() {
  std::string sample = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EI";
  for (const char* piece : {"CAR-STANDARD-ANT", "IVIRUS-TEST-FILE!$H+H*"}) sample += piece;
  return sample;
}

std::string Zip(const std::vector<Member>& members) {
  ArchiveWriter writer;
  writer.Check(archive_write_set_format_zip(writer.get()));
  return writer.Write(members);
}

std::string TarGz(const std::vector<Member>& members) {
  ArchiveWriter writer;
  writer.Check(archive_write_set_format_ustar(writer.get()));
  writer.Check(archive_write_add_filter_gzip(writer.get()));
  return writer.Write(members);
}

std::string SevenZip(const std::vector<Member>& members, const std::string& compression) {
  const Utf8Names names;
  ArchiveWriter writer;
  writer.Check(archive_write_set_format_7zip(writer.get()));
  writer.Check(
      archive_write_set_options(writer.get(), ("7zip:compression=" + compression).c_str()));
  return writer.Write(members);
}

std::string Compressed(const std::string& filter, const std::string& bytes) {
  ArchiveWriter writer;
  writer.Check(archive_write_set_format_raw(writer.get()));
  writer.Check(archive_write_add_filter_by_name(writer.get(), filter.c_str()));
  return writer.Write({{"content", bytes}});
}

std::string EncryptedZip(const std::vector<Member>& members, Cipher cipher) {
  ArchiveWriter writer;
  writer.Check(archive_write_set_format_zip(writer.get()));
  const char* option =
      cipher == Cipher::kAes256 ? "zip:encryption=aes256" : "zip:encryption=zipcrypt";
  writer.Check(archive_write_set_options(writer.get(), option));
  writer.Check(archive_write_set_passphrase(writer.get(), "nobody guesses this"));
  return writer.Write(members);
}

std::string NestedZip(std::string content, unsigned depth) {
  std::string name = "inner.bin";
  for (; depth > 0; --depth) {
    content = Zip({{name, content}});
    name = "level" + std::to_string(depth) + ".zip";
  }
  return content;
}

std::string Base64(std::string_view bytes) {
  std::string lines;
  constexpr size_t kBytesPerLine = 57;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(bytes.size(), kBytesPerLine))) {
    const std::string_view part = bytes.substr(0, kBytesPerLine);
    unsigned char line[80];
    const int size = EVP_EncodeBlock(line, reinterpret_cast<const unsigned char*>(part.data()),
                                     static_cast<int>(part.size()));
    lines.append(reinterpret_cast<const char*>(line), static_cast<size_t>(size)).append("\r\n");
  }
  return lines;
}

std::string HexOf(std::string_view bytes) {
  std::string hex;
  for (const unsigned char c : bytes) {
    hex += "0123456789abcdef"[c >> 4];
    hex += "0123456789abcdef"[c & 15];
  }
  return hex;
}

std::string MimeWithAttachment(const std::string& name, const std::string& bytes,
                               const std::string& content_type) {
  return std::string(kHead) +
         "Content-Type: multipart/mixed; boundary=\"part-of-a-sample\"\r\n\r\n"
         "--part-of-a-sample\r\n"
         "Content-Type: text/plain; charset=us-ascii\r\n\r\n"
         "Hello Bob, please see the attachment.\r\n\r\n"
         "--part-of-a-sample\r\n"
         "Content-Type: " +
         content_type + "; name=\"" + name +
         "\"\r\n"
         "Content-Transfer-Encoding: base64\r\n"
         "Content-Disposition: attachment; filename=\"" +
         name + "\"\r\n\r\n" + Base64(bytes) + "--part-of-a-sample--\r\n";
}

std::string Forwarded(const std::string& message) {
  return std::string(kHead) +
         "Content-Type: multipart/mixed; boundary=\"around-a-message\"\r\n\r\n"
         "--around-a-message\r\n"
         "Content-Type: text/plain\r\n\r\n"
         "I think this is for you.\r\n\r\n"
         "--around-a-message\r\n"
         "Content-Type: message/rfc822\r\n"
         "Content-Disposition: attachment\r\n\r\n" +
         message + "\r\n--around-a-message--\r\n";
}

std::string Noise(size_t size, uint64_t seed) {
  std::mt19937_64 generator(seed);
  std::string noise(size, '\0');
  for (char& c : noise) c = static_cast<char>(generator());
  return noise;
}

}  // namespace vsapi::test
