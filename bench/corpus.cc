// SPDX-License-Identifier: Apache-2.0
#include "corpus.h"

#include <algorithm>
#include <boost/math/distributions/lognormal.hpp>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <random>

namespace vsapi::bench {
namespace {

using Generator = std::mt19937_64;

constexpr const char* kWords[] = {
    "the",      "meeting", "of",     "invoice", "please", "and",      "attached", "regards",
    "to",       "draft",   "monday", "a",       "review", "budget",   "in",       "customer",
    "project",  "for",     "report", "with",    "we",     "schedule", "is",       "contract",
    "you",      "team",    "on",     "update",  "this",   "order",    "delivery", "it",
    "question", "be",      "office", "number",  "thanks", "are",      "travel",   "will",
    "price",    "morning", "have",   "call",    "from"};

std::string Word(Generator& random) {
  // One in eight is none of the list: names, numbers, addresses.
  if (random() % 8 != 0) return kWords[random() % std::size(kWords)];
  std::string word;
  for (size_t left = 3 + random() % 8; left > 0; --left)
    word.push_back(static_cast<char>('a' + random() % 26));
  return word;
}

// `between` comes about every tenth word.
std::string Prose(size_t size, const char* between, Generator& random) {
  std::string text;
  text.reserve(size + 32);
  while (text.size() < size) text.append(Word(random)).append(random() % 10 == 0 ? between : " ");
  text.resize(size);
  return text;
}

std::string ByKind(size_t index, size_t size, uint64_t seed) {
  switch (index % 6) {
    case 0:
    case 1:
    case 2:
      return Text(size, seed);
    case 3:
    case 4:
      return Html(size, seed);
    default:
      return Random(size, seed);
  }
}

// Of `part`, between 0 and 1, all mail parts are smaller than this.
size_t SizeAt(double part) {
  // Median and spread give the mean of 35 KB once cut to 1 KiB ... 1 MiB.
  static const boost::math::lognormal_distribution<> kSizes(std::log(12'300.0), 1.46);
  const double size = boost::math::quantile(kSizes, part);
  return static_cast<size_t>(std::clamp(size, 1024.0, 1024.0 * 1024.0));
}

}  // namespace

void Sample::Freshen(uint64_t serial) {
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016" PRIx64, serial);
  // HTML is told by its first bytes: the number goes behind them.
  const size_t at = bytes.starts_with("<html>") ? 6 : 0;
  std::memcpy(bytes.data() + at, digits, std::min<size_t>(16, bytes.size() - at));
}

std::string Text(size_t size, uint64_t seed) {
  Generator random(seed);
  return Prose(size, ".\r\n", random);
}

std::string Html(size_t size, uint64_t seed) {
  constexpr char kHead[] = "<html>0000000000000000<head><title>News</title></head><body><p>";
  constexpr char kTail[] = "</p></body></html>\r\n";
  Generator random(seed);
  const size_t frame = sizeof kHead + sizeof kTail - 2;
  return kHead + Prose(std::max(size, frame) - frame, "</p>\r\n<p class=\"c\">", random) + kTail;
}

std::string Random(size_t size, uint64_t seed) {
  Generator random(seed);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

std::vector<Sample> SingleContents() {
  return {{"text 1 KiB", Text(1024, 1)},
          {"text 16 KiB", Text(16 * 1024, 2)},
          {"html 16 KiB", Html(16 * 1024, 5)},
          {"text 100 KiB", Text(100 * 1024, 3)},
          {"random 1 MiB", Random(1024 * 1024, 4)}};
}

std::vector<Sample> Mix(size_t count, uint64_t seed) {
  std::vector<size_t> sizes(count);
  for (size_t i = 0; i < count; ++i)
    sizes[i] = SizeAt((static_cast<double>(i) + 0.5) / static_cast<double>(count));
  Generator random(seed);
  std::shuffle(sizes.begin(), sizes.end(), random);
  std::vector<Sample> mix;
  for (size_t i = 0; i < count; ++i)
    mix.push_back({"mix " + std::to_string(i), ByKind(i, sizes[i], seed + i)});
  return mix;
}

}  // namespace vsapi::bench
