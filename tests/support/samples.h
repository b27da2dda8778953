// SPDX-License-Identifier: Apache-2.0
//
// Samples that tests scan: the EICAR test file and what it can be wrapped in, made at run time so
// that no file of this tree alarms a scanner. Pure functions, any thread.
#ifndef VSAPI_TESTS_SUPPORT_SAMPLES_H_
#define VSAPI_TESTS_SUPPORT_SAMPLES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vsapi::test {

// The 68 bytes of the test file that every scanner finds (eicar.org).
std::string Eicar();

struct Member {
  std::string name;  // a folder's ends in a slash
  std::string bytes;
};

std::string Zip(const std::vector<Member>& members);
std::string TarGz(const std::vector<Member>& members);

// With a compression that libarchive knows: "copy", "deflate", "bzip2", "lzma1", "lzma2", "ppmd".
std::string SevenZip(const std::vector<Member>& members, const std::string& compression);

// `bytes` through a filter that libarchive knows: "bzip2", "xz", "zstd", "lz4", "lzip" ...
std::string Compressed(const std::string& filter, const std::string& bytes);

enum class Cipher { kZipCrypto, kAes256 };
std::string EncryptedZip(const std::vector<Member>& members, Cipher cipher = Cipher::kZipCrypto);

// `content` in a zip in a zip ... `depth` times.
std::string NestedZip(std::string content, unsigned depth);

std::string Base64(std::string_view bytes);  // in lines of 76, CRLF
std::string HexOf(std::string_view bytes);

// A message of a short text and one attachment, base64.
std::string MimeWithAttachment(const std::string& name, const std::string& bytes,
                               const std::string& content_type = "application/octet-stream");

// A message that holds `message` as message/rfc822.
std::string Forwarded(const std::string& message);

// `size` bytes that look random, the same for the same `seed`.
std::string Noise(size_t size, uint64_t seed = 1);

}  // namespace vsapi::test

#endif  // VSAPI_TESTS_SUPPORT_SAMPLES_H_
