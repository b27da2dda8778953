// SPDX-License-Identifier: Apache-2.0
//
// Clients that come by a fixed timetable, whether or not those before them have their answer: one
// that is kept waiting does not thin out its own samples (no coordinated omission), if latency
// counts from the time that the table says.
#pragma once

#include <sys/prctl.h>

#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

namespace vsapi::bench {

// All clients together make one call each `period`; only where all of them are kept waiting does
// one come late. `call` is bool(size_t client, uint64_t number, time_point due), on the client's
// own thread; false ends that client's day.
template <class Call>
void CallByTimetable(size_t clients, std::chrono::steady_clock::duration period, Call call) {
  const auto begin = std::chrono::steady_clock::now() + std::chrono::milliseconds(1);
  std::vector<std::jthread> crowd;
  for (size_t client = 0; client < clients; ++client)
    crowd.emplace_back([&call, clients, period, client, begin] {
      prctl(PR_SET_TIMERSLACK, 1);  // nanosecond: the system may not wake it late to save power
      for (uint64_t number = client;; number += clients) {
        const auto due = begin + number * period;
        std::this_thread::sleep_until(due);
        if (!call(client, number, due)) return;
      }
    });
}

}  // namespace vsapi::bench
