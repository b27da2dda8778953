// SPDX-License-Identifier: Apache-2.0
#include "meaning.h"

#include <vsapi/vendor.h>

#include <algorithm>
#include <iterator>
#include <string_view>

namespace vsapi::yara {
namespace {

constexpr size_t kLongestName = 95;  // vsapi_finding::name

struct Word {
  std::string_view text;
  int32_t verdict;
  int32_t kind;
};

// The weakest first.
constexpr Word kWords[] = {
    {"suspicious", VSAPI_VERDICT_SUSPICIOUS, VSAPI_FINDING_HEURISTIC},
    {"blocked", VSAPI_VERDICT_BLOCKED, VSAPI_FINDING_POLICY},
    {"infected", VSAPI_VERDICT_INFECTED, VSAPI_FINDING_THREAT},
};
constexpr int kInfected = 2;

// The strength that a word stands for; -1 for none.
int StrengthOf(std::string_view text) {
  const Word* word = std::ranges::find(kWords, text, &Word::text);
  return word == std::end(kWords) ? -1 : static_cast<int>(word - kWords);
}

int StrongestTag(const YR_RULE& rule) {
  int strongest = -1;
  const char* tag = nullptr;
  yr_rule_tags_foreach((&rule), tag) strongest = std::max(strongest, StrengthOf(tag));
  return strongest;
}

int StrengthOfMeta(const YR_RULE& rule, const YR_META& meta) {
  const int strength = meta.type == META_TYPE_STRING ? StrengthOf(meta.string) : -1;
  if (strength < 0)
    throw Failure(VSAPI_E_ARGUMENT, "rules: rule " + std::string(rule.identifier) +
                                        ": meta verdict must be \"infected\", \"blocked\" or "
                                        "\"suspicious\"");
  return strength;
}

int StrongestMeta(const YR_RULE& rule) {
  int strongest = -1;
  const YR_META* meta = nullptr;
  yr_rule_metas_foreach((&rule), meta) {
    if (std::string_view(meta->identifier) == "verdict")
      strongest = std::max(strongest, StrengthOfMeta(rule, *meta));
  }
  return strongest;
}

char Printable(char c) { return c > ' ' && c <= '~' ? c : '?'; }

// A name that is too long loses its namespace first.
std::string NameOf(const YR_RULE& rule) {
  std::string name = rule.identifier;
  const std::string space = rule.ns->name;
  if (space[0] != kUnnamedSpace && space.size() + 1 + name.size() <= kLongestName)
    name = space + ":" + name;
  std::ranges::transform(name, name.begin(), Printable);
  return name.substr(0, kLongestName);
}

Meaning MeaningOf(const YR_RULE& rule) {
  int strength = std::max(StrongestTag(rule), StrongestMeta(rule));
  if (strength < 0) strength = kInfected;
  return {NameOf(rule), kWords[strength].verdict, kWords[strength].kind, strength};
}

}  // namespace

std::vector<Meaning> MeaningsOf(const YR_RULES& rules) {
  std::vector<Meaning> meanings;
  meanings.reserve(rules.num_rules);
  for (uint32_t i = 0; i < rules.num_rules; ++i)
    meanings.push_back(MeaningOf(rules.rules_table[i]));
  return meanings;
}

}  // namespace vsapi::yara
