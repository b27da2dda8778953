// SPDX-License-Identifier: Apache-2.0
//
// One frame of `store_sim top`: what the running host answered, as lines that fit a terminal.
// Rates and means are of the time between two frames.
//
// Thread safety: one thread.
#pragma once

#include <deque>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace store_sim {

class TopView {
 public:
  // Answers of the host, in which `status` may leave out the MDBs: then those before still hold.
  void Take(const nlohmann::json& status, const nlohmann::json& counters,
            const nlohmann::json& events, int64_t now_ns);

  // At most `rows` of them, each of at most `columns`.
  std::vector<std::string> Lines(size_t columns, size_t rows) const;

 private:
  static constexpr size_t kMostEvents = 5;

  struct Sample {
    nlohmann::json counters;
    int64_t time_ns = 0;
  };

  double Since(const char* counter) const;
  double Seconds() const;
  std::string Rate(const char* counter) const;
  std::string Mean(const char* sum) const;
  std::vector<std::string> Head() const;
  std::vector<std::string> CounterRows(bool with_zeros) const;
  std::vector<std::string> MdbRows() const;

  nlohmann::json status_;
  nlohmann::json mdbs_ = nlohmann::json::array();
  Sample before_;
  Sample now_;
  std::deque<std::string> events_;
};

}  // namespace store_sim
