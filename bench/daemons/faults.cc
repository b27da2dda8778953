// SPDX-License-Identifier: Apache-2.0
#include <semaphore>

#include "cases.h"
#include "measure.h"

namespace vsapi::bench {
namespace {

constexpr auto kAskAgainAfter = std::chrono::milliseconds(10);

// As many clients as the scanner has threads, until each item has been judged or is known to bring
// scanners down. What got no answer is asked for again, as a mail server would. What is recorded is
// how the harmless items fared.
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
  void Record(const Subject& of) const {
    run_.records.Add(of, "items_per_second", "1/s", static_cast<double>(waits_ms_.size()) / last_s_,
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
      const size_t item = group_.first + at;
      run_.mail.Refresh(item);
      if (run_.mail.is_faulty(item))
        AskForFaulty(client, item);
      else
        AskForHarmless(client, item);
    }
    --clients_;
    events_.release();
  }

  void AskForHarmless(const Client& client, size_t item) {
    const double begin = Seconds();
    for (; client(item) == Answer::kNone; std::this_thread::sleep_for(kAskAgainAfter)) ++failed_;
    const std::lock_guard lock(mutex_);
    last_s_ = Seconds();
    waits_ms_.Add(1e3 * (last_s_ - begin));
  }
  // Where the fault is not in the content itself, the item has an answer in the end.
  void AskForFaulty(const Client& client, size_t item) {
    if (inflict_) {
      ++inflictions_;
      events_.release();
    }
    for (; client(item) == Answer::kNone; std::this_thread::sleep_for(kAskAgainAfter))
      if (!inflict_) return void(++given_up_);
  }
  double Seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  }

  const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  Run& run_;
  Way& way_;
  const Group& group_;
  const std::function<void()> inflict_;
  std::counting_semaphore<> events_{0};  // a fault is to be inflicted, or a client has done
  std::atomic<size_t> next_ = 0, clients_ = 0, inflictions_ = 0;
  std::atomic<uint64_t> failed_ = 0, given_up_ = 0;
  std::mutex mutex_;
  Samples waits_ms_;   // for harmless items; guarded by mutex_
  double last_s_ = 0;  // when the last of them was judged; guarded by mutex_
};

}  // namespace

void MeasureFaults(Run& run, Way& way, Fault fault, const std::function<void()>& inflict) {
  const std::string name = fault == Fault::kCrash ? "crash" : "hang";
  Ordeal ordeal(run, way, run.mail.group(name), inflict);
  ordeal.Endure();
  ordeal.Record({run.Case("1 % of items: " + name), way.name()});
}

}  // namespace vsapi::bench
