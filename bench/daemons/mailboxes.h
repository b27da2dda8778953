// SPDX-License-Identifier: Apache-2.0
//
// The mail that all ways scan: the same bytes in memory and in files on tmpfs, in groups. One item
// in a hundred of each group but the faulty ones has the marker that the definitions find.
//
// Thread safety: Refresh of one item by one thread at a time; the rest from any.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "corpus.h"
#include "definitions.h"

namespace vsapi::bench {

struct Group {
  std::string name;    // as "16 KiB"
  std::string folder;  // its files
  size_t first = 0;
  size_t count = 0;
};

class Mailboxes {
 public:
  // A fifth of the items where it is to be short.
  explicit Mailboxes(bool is_short);

  // Text of one size each, 1 MiB: random bytes; "mail mix". For clients the same again, "clients:
  // 16 KiB" and "clients: mail mix". And mail of which one item in a hundred has the word that
  // makes vendors/faulty.cc "crash" or "hang".
  static constexpr const char* kSizes[] = {"1 KiB", "16 KiB", "128 KiB", "1 MiB", "mail mix"};
  const Group& group(const std::string& name) const;

  const std::string& bytes(size_t item) const { return items_[item].bytes; }
  const std::string& path(size_t item) const { return paths_[item]; }
  bool is_infected(size_t item) const { return marks_[item] == Mark::kInfected; }
  bool is_faulty(size_t item) const { return marks_[item] == Mark::kFaulty; }
  std::vector<std::string> contents() const;  // by item

  // Another content of the same kind, which no cache knows.
  void Refresh(size_t item);

 private:
  enum class Mark : uint8_t { kNone, kInfected, kFaulty };

  void AddGroup(const std::string& name, std::vector<Sample> items, Mark mark,
                const std::string& marker);

  const TempFolder folder_;
  std::vector<Group> groups_;
  std::vector<Sample> items_;
  std::vector<std::string> paths_;
  std::vector<Mark> marks_;
};

// The given definitions, and besides the marker's; readable for every user, as worker processes may
// run as another one.
class MarkerDefinitions {
 public:
  explicit MarkerDefinitions(const DefinitionsShape& shape);
  const DefinitionsShape& shape() const { return shape_; }
  const std::string& path() const { return folder_.path(); }
  // One more signature, so that there is something to reload.
  void Grow();

 private:
  const DefinitionsShape shape_;
  const DefinitionsFolder folder_;
  int grown_ = 0;
};

}  // namespace vsapi::bench
