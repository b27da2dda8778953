// SPDX-License-Identifier: Apache-2.0
#include "mail_mix_random.h"

#include <array>

namespace store_sim {
namespace {

constexpr std::array kWords{
    "the",      "meeting", "about",    "report",   "please", "we",      "will",     "have",
    "your",     "next",    "week",     "invoice",  "order",  "project", "team",     "thank",
    "for",      "and",     "with",     "budget",   "draft",  "review",  "attached", "numbers",
    "schedule", "friday",  "customer", "contract", "travel", "summary", "question", "answer",
    "from",     "before",  "after",    "office",   "server", "update",  "version",  "quarter",
    "delivery", "offer",   "sample",   "minutes",  "agenda", "call",    "room",     "coffee"};
constexpr std::array kForeignWords{"Grüße",    "señor",  "café",   "naïve",  "Übersicht",
                                   "français", "größer", "привет", "日本語", "€"};

}  // namespace

std::string MixRandom::Bytes(size_t size) {
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(engine_() >> 56);
  return bytes;
}

std::string MixRandom::Sentence(bool ascii) {
  std::string sentence;
  const uint64_t words = Between(4, 14);
  for (uint64_t i = 0; i < words; ++i) {
    if (i > 0) sentence += ' ';
    sentence += !ascii && Percent(3) ? Pick(kForeignWords) : Pick(kWords);
  }
  if (sentence[0] >= 'a' && sentence[0] <= 'z') sentence[0] = static_cast<char>(sentence[0] - 32);
  return sentence + ".";
}

std::string MixRandom::Prose(size_t size, bool ascii) {
  std::string prose;
  while (prose.size() < size) prose += Sentence(ascii) + (Percent(15) ? "\n\n" : "\n");
  return prose;
}

}  // namespace store_sim
