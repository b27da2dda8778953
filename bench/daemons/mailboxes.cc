// SPDX-License-Identifier: Apache-2.0
#include "mailboxes.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace vsapi::bench {
namespace {

namespace fs = std::filesystem;

constexpr char kInfected[] = "vsapi bench infected marker";
constexpr size_t kOneIn = 100;
constexpr size_t kFreshened = 32;  // so many bytes at the start are all that Freshen changes

std::string Hex(const std::string& text) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (const unsigned char byte : text) hex.append({kDigits[byte / 16], kDigits[byte % 16]});
  return hex;
}

void WriteFile(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  if (!(file << text).flush()) throw std::runtime_error("can't write " + path);
}

std::vector<Sample> OfSize(size_t count, size_t size, uint64_t seed = 1) {
  std::vector<Sample> items;
  for (size_t i = 0; i < count; ++i)
    items.push_back({"", size < (1 << 20) ? Text(size, seed + i) : Random(size, seed + i)});
  return items;
}

}  // namespace

Mailboxes::Mailboxes(bool is_short) : folder_(MemoryFolder()) {
  const size_t most = is_short ? 100 : 500;
  AddGroup("1 KiB", OfSize(most, 1 << 10), Mark::kInfected, kInfected);
  AddGroup("16 KiB", OfSize(most / 2, 16 << 10), Mark::kInfected, kInfected);
  AddGroup("128 KiB", OfSize(most / 5, 128 << 10), Mark::kInfected, kInfected);
  AddGroup("1 MiB", OfSize(most / 25, 1 << 20), Mark::kInfected, kInfected);
  AddGroup("mail mix", Mix(most, 1), Mark::kInfected, kInfected);
  AddGroup("clients: 16 KiB", OfSize(most / 2, 16 << 10, 1000), Mark::kInfected, kInfected);
  AddGroup("clients: mail mix", Mix(most, 1000), Mark::kInfected, kInfected);
  AddGroup("crash", Mix(most, 2000), Mark::kFaulty, "VSAPI-BENCH-CRASH");
  AddGroup("hang", Mix(most, 2000), Mark::kFaulty, "VSAPI-BENCH-HANG");
}

// The marker stands in the middle of the middle one of each hundred, and of fewer.
void Mailboxes::AddGroup(const std::string& name, std::vector<Sample> items, Mark mark,
                         const std::string& marker) {
  const std::string folder = folder_.path() + "/" + std::to_string(groups_.size());
  const Group group = {name, folder, items_.size(), items.size()};
  fs::create_directory(group.folder);
  for (size_t i = 0; i < items.size(); ++i) {
    const bool has_it = i % kOneIn == std::min(kOneIn, items.size()) / 2;
    std::string& bytes = items[i].bytes;
    if (has_it) bytes.replace(bytes.size() / 2, marker.size(), marker);
    paths_.push_back(group.folder + "/" + std::to_string(items_.size()));
    WriteFile(paths_.back(), bytes);
    marks_.push_back(has_it ? mark : Mark::kNone);
    items_.push_back(std::move(items[i]));
  }
  groups_.push_back(group);
}

const Group& Mailboxes::group(const std::string& name) const {
  const auto at = std::find_if(groups_.begin(), groups_.end(),
                               [&](const Group& group) { return group.name == name; });
  if (at == groups_.end()) throw std::logic_error("no group " + name);
  return *at;
}

std::vector<std::string> Mailboxes::contents() const {
  std::vector<std::string> contents;
  for (const Sample& item : items_) contents.push_back(item.bytes);
  return contents;
}

void Mailboxes::Refresh(size_t item) {
  static std::atomic<uint64_t> serial = 1;
  items_[item].Freshen(serial.fetch_add(1));
  const int file = open(paths_[item].c_str(), O_WRONLY | O_CLOEXEC);
  const ssize_t written = pwrite(file, bytes(item).data(), kFreshened, 0);
  close(file);
  if (written != kFreshened) throw std::runtime_error("can't write " + paths_[item]);
}

MarkerDefinitions::MarkerDefinitions(const DefinitionsShape& shape)
    : shape_(shape), folder_(shape) {
  WriteFile(path() + "/marker.ndb", std::string("Bench.Marker:0:*:") + Hex(kInfected) + "\n");
  fs::permissions(path(), fs::perms::others_read | fs::perms::others_exec, fs::perm_options::add);
}

void MarkerDefinitions::Grow() {
  const std::string number = std::to_string(++grown_);
  WriteFile(path() + "/grown.ndb",
            "Bench.Grown" + number + ":0:*:" + Hex("nothing has these words " + number) + "\n");
}

}  // namespace vsapi::bench
