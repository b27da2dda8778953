// SPDX-License-Identifier: GPL-2.0-only
//
// A section of bench/compare.sh: what no scanner for a mail store can be faster than on this
// machine. libclamav from memory in one thread per core, without queue and store; the wake-up of a
// thread that sleeps on a futex; SHA-256, which every content is known by.
#include <openssl/evp.h>

#include <atomic>
#include <iostream>
#include <thread>

#include "bare_clamav.h"
#include "corpus.h"
#include "measure.h"
#include "records.h"

namespace vsapi::bench {
namespace {

constexpr double kMegabyte = 1e6;

double SecondsSince(int64_t begin_ns) { return static_cast<double>(WallNs() - begin_ns) / 1e9; }

// ---- libclamav --------------------------------------------------------------------------------

// All of `mix`, shared out to the threads as they ask; the seconds that it took.
double ScanAll(const BareClamav& clamav, const std::vector<Sample>& mix, size_t threads) {
  std::atomic<size_t> next = 0;
  const int64_t begin = WallNs();
  {
    std::vector<std::jthread> crowd;
    for (size_t i = 0; i < threads; ++i)
      crowd.emplace_back([&] {
        for (size_t at = next++; at < mix.size(); at = next++) clamav.Scan(mix[at].bytes);
      });
  }
  return SecondsSince(begin);
}

void MeasureClamav(const SectionOptions& options, Records& records) {
  const DefinitionsFolder definitions(kSmall);
  const BareClamav clamav(Step::kLimits, kSmall, definitions.path());
  const auto mix = Mix(options.is_short ? 200 : 2000, static_cast<uint64_t>(options.round));
  size_t bytes = 0;
  for (const Sample& each : mix) bytes += each.bytes.size();
  const size_t cores = std::thread::hardware_concurrency();
  ScanAll(clamav, mix, cores);
  const double seconds = ScanAll(clamav, mix, cores);
  const Subject of{"mail mix, small definitions", "limit_libclamav"};
  records.Add(of, "items_per_second", "1/s", static_cast<double>(mix.size()) / seconds,
              Better::kMore);
  records.Add(of, "megabytes_per_second", "MB/s", static_cast<double>(bytes) / kMegabyte / seconds,
              Better::kMore);
}

// ---- Waking a thread --------------------------------------------------------------------------

// Two threads that wake each other, as a client and a scan thread must at least: std::atomic waits
// on a futex. Stands beside the executors' round trips.
void MeasureWakeUp(const SectionOptions& options, Records& records) {
  const int trips = options.is_short ? 2'000 : 50'000;
  std::atomic<int> ball = 0;
  Samples ns;
  const auto pass = [&ball](int from) {
    ball.store(from + 1, std::memory_order_release);
    ball.notify_one();
  };
  std::jthread other([&] {
    for (int at = 1; at < 2 * trips; at += 2) {
      ball.wait(at - 1);
      pass(at);
    }
  });
  for (int at = 0; at < 2 * trips; at += 2) {
    const int64_t begin = WallNs();
    pass(at);
    ball.wait(at + 1);
    ns.Add(static_cast<double>(WallNs() - begin));
  }
  records.Add({"RoundTrip/vendor_us:0", "limit_futex"}, "time_per_job", "ns", ns.median(),
              Better::kLess);
}

// ---- SHA-256 ----------------------------------------------------------------------------------

void MeasureSha256(const SectionOptions& options, Records& records) {
  const std::string bytes = Random(1 << 20, 1);
  const int times = options.is_short ? 50 : 1000;
  unsigned char digest[EVP_MAX_MD_SIZE];
  const int64_t begin = WallNs();
  for (int i = 0; i < times; ++i)
    if (EVP_Digest(bytes.data(), bytes.size(), digest, nullptr, EVP_sha256(), nullptr) != 1)
      throw std::runtime_error("SHA-256 failed");
  records.Add({"1 MiB, one thread", "limit_sha256"}, "megabytes_per_second", "MB/s",
              static_cast<double>(bytes.size()) * times / kMegabyte / SecondsSince(begin),
              Better::kMore);
}

void Measure(const SectionOptions& options) {
  Records limits(options, "limits"), executors(options, "executors");
  MeasureClamav(options, limits);
  MeasureSha256(options, limits);
  MeasureWakeUp(options, executors);
}

}  // namespace
}  // namespace vsapi::bench

int main(int argc, char** argv) try {
  using namespace vsapi::bench;
  Measure(ParseSectionOptions(argc, argv, "What no scanner can be faster than on this machine"));
  return 0;
} catch (const std::exception& problem) {
  std::cerr << problem.what() << '\n';
  return 1;
}
