// SPDX-License-Identifier: Apache-2.0
//
// Turns what strangers wrote into what a terminal may be shown, and lays it out in tables.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace store_sim {

// Valid UTF-8 without control characters, line breaks and marks that turn the direction of writing;
// each of them is replaced by U+FFFD. Cut to `columns` of a terminal with an ellipsis at the end.
std::string ForDisplay(std::string_view text, size_t columns = SIZE_MAX);

// How many columns of a terminal the text takes.
size_t Columns(std::string_view text);

// "1.5 MB"
std::string FormatBytes(uint64_t bytes);

// "2024-02-29 12:30" in UTC; "-" for 0.
std::string FormatTime(int64_t ns);

// Rows of cells in columns as wide as their widest cell. Cells are shown as they are: pass
// strangers' text through ForDisplay() first.
class Table {
 public:
  enum class Align { kLeft, kRight };
  struct Column {
    const char* title;
    Align align = Align::kLeft;
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  void Add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  void Print(std::ostream& out) const;

 private:
  const std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace store_sim
