// SPDX-License-Identifier: GPL-2.0-only
#include "parameters.h"

#include <vsapi/abi/base.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <set>

#include "failure.h"

namespace vsapi::clamav {
namespace {

constexpr uint64_t kKiB = uint64_t{1} << 10;
constexpr uint64_t kMiB = uint64_t{1} << 20;
constexpr uint64_t kGiB = uint64_t{1} << 30;

using Text = std::string_view;

bool ToNumber(Text text, uint64_t least, uint64_t most, uint64_t* number) {
  uint64_t parsed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parsed);
  if (error != std::errc() || end != text.data() + text.size()) return false;
  if (parsed < least || parsed > most) return false;
  *number = parsed;
  return true;
}

// A number of bytes, or of KiB, MiB, GiB with a K, M, G behind it. The largest is below 2 GiB,
// since libclamav handles no larger files.
bool ToSize(Text text, uint64_t* size) {
  uint64_t unit = 1;
  if (text.ends_with('K')) unit = kKiB;
  if (text.ends_with('M')) unit = kMiB;
  if (text.ends_with('G')) unit = kGiB;
  if (unit > 1) text.remove_suffix(1);
  uint64_t count = 0;
  if (!ToNumber(text, 1, kGiB / unit, &count) || count * unit < 64 * kKiB) return false;
  *size = count * unit;
  return true;
}

bool ToSwitch(Text text, bool* on) {
  if (text != "on" && text != "off") return false;
  *on = text == "on";
  return true;
}

bool ToFolder(Text text, std::string* folder) {
  *folder = text;
  return text.starts_with('/');
}

struct Key {
  Text name;
  Text allowed;
  bool (*set)(Text value, Parameters* parameters);
};

constexpr Text kSizes = "64K to 1G (a number of bytes, or one with K, M or G behind it)";

constexpr Key kKeys[] = {
    {"definitions", "an absolute path",
     [](Text v, Parameters* p) { return ToFolder(v, &p->definitions); }},
    {"temp", "an absolute path", [](Text v, Parameters* p) { return ToFolder(v, &p->temp); }},
    {"max_file_size", kSizes, [](Text v, Parameters* p) { return ToSize(v, &p->max_file_size); }},
    {"max_scan_size", kSizes, [](Text v, Parameters* p) { return ToSize(v, &p->max_scan_size); }},
    {"max_recursion", "1 to 100",
     [](Text v, Parameters* p) { return ToNumber(v, 1, 100, &p->max_recursion); }},
    {"max_files", "1 to 1000000",
     [](Text v, Parameters* p) { return ToNumber(v, 1, 1000000, &p->max_files); }},
    {"max_scan_seconds", "1 to 3600",
     [](Text v, Parameters* p) { return ToNumber(v, 1, 3600, &p->max_scan_seconds); }},
    {"heuristics", "on or off", [](Text v, Parameters* p) { return ToSwitch(v, &p->heuristics); }},
    {"pua", "on or off", [](Text v, Parameters* p) { return ToSwitch(v, &p->pua); }},
};

[[noreturn]] void Refuse(const std::string& why) {
  throw Failure(VSAPI_E_ARGUMENT, "setting Parameters: " + why);
}

std::string Quoted(Text text) { return "'" + std::string(text) + "'"; }

std::string KnownKeys() {
  std::string all;
  for (const Key& key : kKeys) all += (all.empty() ? "" : ", ") + std::string(key.name);
  return all;
}

Text Trimmed(Text text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == Text::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

const Key& FindKey(Text name) {
  const Key* key = std::find_if(std::begin(kKeys), std::end(kKeys),
                                [&](const Key& k) { return k.name == name; });
  if (key == std::end(kKeys))
    Refuse("there is no key " + Quoted(name) + "; known are " + KnownKeys());
  return *key;
}

void Apply(Text assignment, Parameters* parameters, std::set<Text>* seen) {
  const size_t equals = assignment.find('=');
  if (equals == Text::npos) Refuse(Quoted(assignment) + " is not of the form key=value");
  const Key& key = FindKey(Trimmed(assignment.substr(0, equals)));
  const Text value = Trimmed(assignment.substr(equals + 1));
  if (!seen->insert(key.name).second) Refuse("key " + Quoted(key.name) + " is given twice");
  if (!key.set(value, parameters))
    Refuse("key " + Quoted(key.name) + " can't be " + Quoted(value) + "; allowed is " +
           std::string(key.allowed));
}

}  // namespace

Parameters ParseParameters(Text text) {
  Parameters parameters;
  std::set<Text> seen;
  while (!text.empty()) {
    const size_t end = std::min(text.find(';'), text.size());
    if (const Text assignment = Trimmed(text.substr(0, end)); !assignment.empty())
      Apply(assignment, &parameters, &seen);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (parameters.max_scan_size < parameters.max_file_size)
    Refuse("key 'max_scan_size' can't be below max_file_size");
  return parameters;
}

}  // namespace vsapi::clamav
