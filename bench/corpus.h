// SPDX-License-Identifier: Apache-2.0
//
// Mail-like contents from a seed, without any file: the same seed gives the same bytes.
//
// Thread safety: pure functions; a Sample is changed by its owner alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace vsapi::bench {

struct Sample {
  std::string name;
  std::string bytes;

  // Writes `serial` over the first bytes, so that no cache knows the content. Its kind stays.
  void Freshen(uint64_t serial);
};

// Plain text of exactly `size` bytes, in lines.
std::string Text(size_t size, uint64_t seed);
// An HTML page of about the same wording.
std::string Html(size_t size, uint64_t seed);
// Bytes as of a picture or an encrypted archive.
std::string Random(size_t size, uint64_t seed);

// Text of 1, 16 and 100 KiB, HTML of 16 KiB, and 1 MiB of random bytes.
std::vector<Sample> SingleContents();

// `count` parts of everyday mail: half text, a third HTML, the rest random, in random order. Sizes
// are log-normal from 1 KiB to 1 MiB with a mean of 35 KB, taken at evenly spaced quantiles, so
// that few of them are as large together as many.
std::vector<Sample> Mix(size_t count, uint64_t seed = 1);

}  // namespace vsapi::bench
