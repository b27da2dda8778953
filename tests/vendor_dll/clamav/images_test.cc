// SPDX-License-Identifier: Apache-2.0
//
// A small image file can unpack to gigabytes. libclamav would do that for its fuzzy hash, past all
// limits; the vendor doesn't let it.
#include <sys/resource.h>
#include <zlib.h>

#include <algorithm>
#include <cstdlib>

#include "clamav_support.h"

namespace vsapi::test {
namespace {

std::string BigEndian(uint32_t number) {
  std::string bytes;
  for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>(number >> shift);
  return bytes;
}

std::string Chunk(const std::string& type, const std::string& data) {
  const std::string checked = type + data;
  const auto crc =
      ::crc32(0, reinterpret_cast<const Bytef*>(checked.data()), static_cast<uInt>(checked.size()));
  return BigEndian(static_cast<uint32_t>(data.size())) + checked +
         BigEndian(static_cast<uint32_t>(crc));
}

// `count` zeros as a zlib stream, made piece by piece: this process's peak of memory is measured.
std::string PackedZeros(size_t count) {
  std::string zeros(1 << 16, '\0'), packed(1 << 20, '\0');
  z_stream stream{};
  ::deflateInit(&stream, Z_BEST_SPEED);
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  for (int status = Z_OK; status == Z_OK;) {
    stream.next_in = reinterpret_cast<Bytef*>(zeros.data());
    stream.avail_in = static_cast<uInt>(std::min(count, zeros.size()));
    count -= stream.avail_in;
    status = ::deflate(&stream, count > 0 ? Z_NO_FLUSH : Z_FINISH);
  }
  packed.resize(stream.total_out);
  ::deflateEnd(&stream);
  return packed;
}

// Black, eight bits a pixel, without a palette.
std::string Png(uint32_t side) {
  const std::string header = BigEndian(side) + BigEndian(side) + std::string("\x08\0\0\0\0", 5);
  return "\x89PNG\r\n\x1a\n" + Chunk("IHDR", header) +
         Chunk("IDAT", PackedZeros(size_t{side} * (side + 1))) + Chunk("IEND", "");
}

struct Used {
  double seconds;
  long kib;
};

Used UsedSoFar() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return {double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
              double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6,
          usage.ru_maxrss};
}

void ExpectASmallPrice(const std::string& png) {
  Started clamav;
  const Used before = UsedSoFar();
  EXPECT_THAT(clamav.Scan(png), IsClean());
  EXPECT_THAT(clamav.Scan(MimeWithAttachment("a.png", png, "image/png")), IsClean());
  const Used after = UsedSoFar();
  EXPECT_LT(after.seconds - before.seconds, 1.0);
  EXPECT_LT(after.kib - before.kib, 100 * 1024);
}

// In a program of its own, since the peak of memory is counted from its start.
TEST(ClamavImages, CostNoMoreThanTheirFileWhateverTheyUnpackTo) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  const auto in_child = [] {
    const std::string png = Png(12'000);
    EXPECT_LT(png.size(), 1'000'000u);
    ExpectASmallPrice(png);
    std::_Exit(testing::Test::HasFailure() ? 1 : 0);
  };
  EXPECT_EXIT(in_child(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace vsapi::test
