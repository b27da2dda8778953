// SPDX-License-Identifier: Apache-2.0
//
// How the engine's figures grow with the number of something: each question records curves of
// figure over number.
//
// Thread safety: one thread's.
#pragma once

#include <string>
#include <utility>

#include "records.h"

namespace vsapi::bench {

// A way's curves of one case: points are added one after another, and recorded at the end.
class Curve {
 public:
  Curve(Records& records, Subject of, std::string metric, std::string unit)
      : records_(records), of_(std::move(of)), metric_(std::move(metric)), unit_(std::move(unit)) {}
  ~Curve() { records_.AddCurve(of_, metric_, unit_, points_); }
  Curve(const Curve&) = delete;
  Curve& operator=(const Curve&) = delete;

  void Add(double x, double y) { points_.emplace_back(x, y); }

 private:
  Records& records_;
  const Subject of_;
  const std::string metric_, unit_;
  Records::Points points_;
};

// What the process has in memory, KiB.
double ResidentKib();

// 1 to 8 scanning threads, and 2n+1: mail by libclamav, and a vendor that waits 5 ms.
void MeasureThreads(const SectionOptions& options, Records& records);
// The background threads of 1 to 64 MDBs beside a client.
void MeasureMdbs(const SectionOptions& options, Records& records);
// 1 to 10,000 clients that wait at the same time, by vsapi_open_async and in threads of their own.
void MeasureClients(Records& records);

}  // namespace vsapi::bench
