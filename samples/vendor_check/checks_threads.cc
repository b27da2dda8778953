// SPDX-License-Identifier: Apache-2.0
//
// Threads: those of the host, many at once, each with its own session; and none of the vendor's.
#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

#include "checks.h"
#include "host.h"
#include "process_state.h"

namespace vendor_check {
namespace {

constexpr unsigned kThreads = 4;
constexpr int kRounds = 25;
constexpr int kReloads = 10;

void OwnThread(Examination& examination) {
  Running running(examination);
  for (const Content& content : Contents(running.instance)) {
    running.session->ScanPatiently(content);
    running.session->ScanPatiently(ByReads(content));
  }
  running.host.FailIfBlamed("threads.own");
}

void NoneMade(Examination& examination) {
  const int64_t before = Threads();
  std::atomic<int64_t> most = before;  // raised within calls back, on whatever thread they come
  const auto look = [&] { most = std::max(most.load(), Threads()); };
  {
    Running running(examination);
    look();
    running.host.on_call_back = look;
    for (const Content& content : Contents(running.instance))
      running.session->ScanPatiently(ByReads(content));
    look();
  }
  look();
  examination.Expect(most == before, "there were " + std::to_string(most) + " threads instead of " +
                                         std::to_string(before));
}

// What every content gets while nothing else goes on.
struct Expected {
  explicit Expected(Running& running) : contents(Contents(running.instance)) {
    for (const Content& content : contents)
      answers.push_back(running.session->ScanPatiently(content));
  }

  // Scans content number `i`, in memory or by reads, and compares.
  void Compare(Session& session, size_t i, const std::string& when) const {
    const Content& content = contents[i % contents.size()];
    const bool by_reads = i % 2 == 1;
    const Answer answer = session.ScanPatiently(by_reads ? ByReads(content, 509) : content);
    const Answer& alone = answers[i % answers.size()];
    if (answer.SaysTheSameAs(alone)) return;
    throw Failure(content.name + " gets " + answer.Describe() + " " + when + ", " +
                  alone.Describe() + " otherwise");
  }

  std::vector<Content> contents;
  std::vector<Answer> answers;
};

// Threads that are joined with their owner; what the first of them threw is rethrown by Join.
class Crew {
 public:
  template <typename Work>
  void Add(Work work) {
    threads_.emplace_back([this, work] {
      try {
        work();
      } catch (const std::exception& failure) {
        const std::lock_guard lock(mutex_);
        if (failure_.empty()) failure_ = failure.what();
      }
    });
  }
  void Join() {
    threads_.clear();
    if (!failure_.empty()) throw Failure(failure_);
  }

 private:
  std::mutex mutex_;
  std::string failure_;  // guarded by mutex_ until the threads are joined
  std::deque<std::jthread> threads_;
};

std::deque<Session> OpenSessions(Instance& instance, unsigned count) {
  std::deque<Session> sessions;
  for (unsigned i = 0; i < count; ++i) sessions.emplace_back(instance);
  return sessions;
}

void Parallel(Examination& examination) {
  Running alone(examination);
  const Expected expected(alone);
  Instance instance(alone.host, alone.library, kThreads);
  instance.Start();
  std::deque<Session> sessions = OpenSessions(instance, kThreads);
  const size_t scans = expected.contents.size() * kRounds;
  Crew crew;
  for (unsigned number = 0; number < kThreads; ++number) {
    crew.Add([&, number] {
      for (size_t i = 0; i < scans; ++i)
        expected.Compare(sessions[number], i + number, "beside other scans");
    });
  }
  crew.Join();
  examination.Note(std::to_string(kThreads * scans) + " scans on " + std::to_string(kThreads) +
                   " threads" + (alone.library.Has(VSAPI_VENDOR_SERIAL) ? ", one at a time" : ""));
}

void Moving(Examination& examination) {
  Running running(examination);
  const Expected expected(running);
  for (size_t i = 0; i < 2 * expected.contents.size(); ++i) {
    Crew crew;
    crew.Add([&] { expected.Compare(*running.session, i, "on another thread"); });
    crew.Join();
  }
}

// One generation under load: an instance whose sessions scan until it is told to end.
class Generation {
 public:
  Generation(Running& running, const Expected& expected)
      : instance_(running.host, running.library, kThreads / 2) {
    instance_.Start();
    sessions_ = OpenSessions(instance_, kThreads / 2);
    for (Session& session : sessions_) {
      crew_.Add([&] {
        for (size_t i = 0; !ending_; ++i) {
          expected.Compare(session, i, "during a reload");
          ++scans_;
        }
      });
    }
  }
  void End() {
    ending_ = true;
    crew_.Join();
  }
  ~Generation() { ending_ = true; }
  size_t scans() const { return scans_; }
  // Returns once more scans have gone through, or none will.
  void WaitForMore() const {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(1);
    const size_t before = scans_;
    while (scans_ == before && std::chrono::steady_clock::now() < until) std::this_thread::yield();
  }

 private:
  Instance instance_;
  std::deque<Session> sessions_;
  // Set by the control thread, read by the scanning ones; publishes nothing else.
  std::atomic<bool> ending_{false};
  std::atomic<size_t> scans_{0};  // counted by the scanning threads
  Crew crew_;                     // last, so that it is joined before the sessions close
};

void Reload(Examination& examination) {
  Running alone(examination);
  const Expected expected(alone);
  size_t scans = 0;
  auto current = std::make_unique<Generation>(alone, expected);
  for (int round = 1; round <= kReloads; ++round) {
    examination.Step("reload " + std::to_string(round));
    auto next = std::make_unique<Generation>(alone, expected);
    next->WaitForMore();
    current->End();
    scans += current->scans();
    current = std::move(next);  // the old one is stopped and destroyed while the new one scans
    current->WaitForMore();
  }
  current->End();
  examination.Note(std::to_string(kReloads) + " reloads during " +
                   std::to_string(scans + current->scans()) + " scans");
}

}  // namespace

std::vector<Check> ThreadChecks() {
  return {
      {"threads.own", "scan.judged", "It calls back only on the thread that scan was called on",
       "abi/vendor.h: calls back only on the thread, abi/scan.h", OwnThread},
      {"threads.none-made", "scan.judged", "It makes no threads", "abi/vendor.h: makes no threads",
       NoneMade},
      {"threads.moving", "scan.judged", "A session may change threads from scan to scan",
       "abi/vendor.h: vsapi_vendor_table.scan", Moving},
      {"threads.parallel", "scan.judged",
       "Scans side by side, one per session, give what each gives alone",
       "abi/vendor.h: vsapi_vendor_table.scan, abi/entry.h: VSAPI_VENDOR_SERIAL", Parallel},
      {"threads.reload", "scan.judged", "New instances start and old ones go while others scan",
       "abi/vendor.h: Life cycle", Reload},
  };
}

}  // namespace vendor_check
