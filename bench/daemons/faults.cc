// SPDX-License-Identifier: Apache-2.0
#include <semaphore>

#include "../measure.h"
#include "cases.h"

namespace vsapi::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kAskAgainAfter = std::chrono::milliseconds(10);

// As many clients as the scanner has threads, until each item has been judged or is known to bring
// scanners down. What got no answer is asked for again, as a mail server would.
class Ordeal {
 public:
  Ordeal(Run& run, Way& way, const Group& group, std::function<void()> inflict)
      : run_(run), way_(way), group_(group), inflict_(std::move(inflict)) {}

  void Endure() {
    std::vector<std::jthread> crowd;
    clients_ = ThreadCount();
    for (size_t i = 0; i < ThreadCount(); ++i) crowd.emplace_back([this] { Ask(); });
    for (events_.acquire(); clients_ > 0 || inflictions_ > 0; events_.acquire())
      if (inflictions_ > 0) {
        inflict_();
        --inflictions_;
      }
  }
  void Record(const Subject& of, double seconds) const {
    run_.records.Add(of, "items_per_second", "1/s", static_cast<double>(group_.count) / seconds,
                     Better::kMore);
    run_.records.Add(of, "harmless_requests_failed", "requests", static_cast<double>(failed_),
                     Better::kLess);
    run_.records.Add(of, "items_given_up", "items", static_cast<double>(given_up_), Better::kLess);
    run_.records.Add(of, "p50", "ms", waits_ms_.Percentile(50), Better::kLess);
    run_.records.Add(of, "p99", "ms", waits_ms_.Percentile(99), Better::kLess);
  }

 private:
  void Ask() {
    const Client client = way_.NewClient(run_.mail);
    for (size_t at = next_++; at < group_.count; at = next_++) {
      const auto begin = Clock::now();
      const size_t item = group_.first + at;
      run_.mail.Refresh(item);
      AskUntilJudged(client, item);
      const std::lock_guard lock(mutex_);
      waits_ms_.Add(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
    }
    --clients_;
    events_.release();
  }

  void AskUntilJudged(const Client& client, size_t item) {
    const bool is_faulty = run_.mail.is_faulty(item);
    if (is_faulty && inflict_) Inflict();
    while (client(item) == Answer::kNone) {
      if (is_faulty && !inflict_) return void(++given_up_);
      if (!is_faulty) ++failed_;
      std::this_thread::sleep_for(kAskAgainAfter);
    }
  }
  void Inflict() {
    ++inflictions_;
    events_.release();
  }

  Run& run_;
  Way& way_;
  const Group& group_;
  const std::function<void()> inflict_;
  std::counting_semaphore<> events_{0};  // a fault is to be inflicted, or a client has done
  std::atomic<size_t> next_ = 0, clients_ = 0, inflictions_ = 0;
  std::atomic<uint64_t> failed_ = 0, given_up_ = 0;
  std::mutex mutex_;
  Samples waits_ms_;  // guarded by mutex_
};

}  // namespace

void MeasureFaults(Run& run, Way& way, Fault fault, const std::function<void()>& inflict) {
  const std::string name = fault == Fault::kCrash ? "crash" : "hang";
  Ordeal ordeal(run, way, run.mail.group(name), inflict);
  const int64_t begin = WallNs();
  ordeal.Endure();
  ordeal.Record({run.Case("1 % of items: " + name), way.name()},
                static_cast<double>(WallNs() - begin) / 1e9);
}

}  // namespace vsapi::bench
