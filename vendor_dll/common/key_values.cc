// SPDX-License-Identifier: Apache-2.0
#include "key_values.h"

#include <vsapi/vendor.h>

#include <algorithm>
#include <charconv>
#include <set>

namespace vsapi {
namespace {

constexpr uint64_t kKiB = uint64_t{1} << 10;
constexpr uint64_t kMiB = uint64_t{1} << 20;
constexpr uint64_t kGiB = uint64_t{1} << 30;

using Text = std::string_view;

std::string Quoted(Text text) { return "'" + std::string(text) + "'"; }

std::string NamesOf(const std::vector<Key>& keys) {
  std::string all;
  for (const Key& key : keys) all += (all.empty() ? "" : ", ") + std::string(key.name);
  return all;
}

Text Trimmed(Text text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == Text::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

const Key& FindKey(Text name, const std::vector<Key>& keys) {
  const auto key = std::ranges::find(keys, name, &Key::name);
  if (key == keys.end())
    RefuseParameters("there is no key " + Quoted(name) + "; known are " + NamesOf(keys));
  return *key;
}

void Apply(Text assignment, const std::vector<Key>& keys, std::set<Text>* seen) {
  const size_t equals = assignment.find('=');
  if (equals == Text::npos) RefuseParameters(Quoted(assignment) + " is not of the form key=value");
  const Key& key = FindKey(Trimmed(assignment.substr(0, equals)), keys);
  const Text value = Trimmed(assignment.substr(equals + 1));
  if (!seen->insert(key.name).second)
    RefuseParameters("key " + Quoted(key.name) + " is given twice");
  if (!key.set(value))
    RefuseParameters("key " + Quoted(key.name) + " can't be " + Quoted(value) + "; allowed is " +
                     std::string(key.allowed));
}

bool ToBytes(Text text, uint64_t least, uint64_t most, uint64_t* size) {
  uint64_t unit = 1;
  if (text.ends_with('K')) unit = kKiB;
  if (text.ends_with('M')) unit = kMiB;
  if (text.ends_with('G')) unit = kGiB;
  if (unit > 1) text.remove_suffix(1);
  uint64_t count = 0;
  if (!ToNumber(text, 1, most / unit, &count) || count * unit < least) return false;
  *size = count * unit;
  return true;
}

std::string Mebibytes(uint64_t bytes) { return std::to_string((bytes + kMiB - 1) / kMiB) + " MiB"; }

}  // namespace

void ParseKeyValues(Text text, const std::vector<Key>& keys) {
  std::set<Text> seen;
  while (!text.empty()) {
    const size_t end = std::min(text.find(';'), text.size());
    if (const Text assignment = Trimmed(text.substr(0, end)); !assignment.empty())
      Apply(assignment, keys, &seen);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

void RefuseParameters(const std::string& why) {
  throw Failure(VSAPI_E_ARGUMENT, "setting Parameters: " + why);
}

bool ToNumber(Text text, uint64_t least, uint64_t most, uint64_t* number) {
  uint64_t parsed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parsed);
  if (error != std::errc() || end != text.data() + text.size()) return false;
  if (parsed < least || parsed > most) return false;
  *number = parsed;
  return true;
}

bool ToSwitch(Text text, bool* on) {
  if (text != "on" && text != "off") return false;
  *on = text == "on";
  return true;
}

bool ToAbsolutePath(Text text, std::string* path) {
  *path = text;
  return text.starts_with('/');
}

// The largest is below 2 GiB, since libclamav handles no larger files.
bool ToSize(Text text, uint64_t* size) { return ToBytes(text, 64 * kKiB, kGiB, size); }

bool ToMemory(Text text, uint64_t* size) { return ToBytes(text, kMiB, 1024 * kGiB, size); }

void CheckBudget(uint64_t budget, uint64_t definitions, uint32_t sessions, uint64_t per_session) {
  const uint64_t needed = definitions + sessions * per_session;
  if (budget == 0 || needed <= budget) return;
  throw Failure(VSAPI_E_NO_MEMORY,
                "memory_budget of " + Mebibytes(budget) + " is too small: about " +
                    Mebibytes(definitions) + " for definitions and " + std::to_string(sessions) +
                    " times " + Mebibytes(per_session) +
                    " for scans; raise it, lower the sizes in Parameters, or load less");
}

}  // namespace vsapi
