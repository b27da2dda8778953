// SPDX-License-Identifier: Apache-2.0
//
// Scans are held until all clients wait; then they are let go, and each must be answered once.
#include <malloc.h>

#include <latch>

#include "engine_under_test.h"
#include "growth.h"
#include "held_scans.h"
#include "measure.h"

namespace vsapi::bench {
namespace {

constexpr size_t kMaxWaiters = 1000;  // of blocked threads
constexpr size_t kPages = 100;        // of fewer clients the process' pages say nothing

// Who waits, and how often each was answered. Thread safety: Answered from any thread.
class Crowd {
 public:
  struct Client {
    Crowd& crowd;
    std::atomic<uint32_t> answers = 0;
  };

  explicit Crowd(size_t size) : left_(static_cast<ptrdiff_t>(size)) {
    for (size_t i = 0; i < size; ++i) clients_.push_back(std::make_unique<Client>(*this));
  }
  std::vector<std::unique_ptr<Client>>& clients() { return clients_; }
  static void Answered(Client& client, const Decision& decision) {
    Crowd& crowd = client.crowd;
    if (decision.answer != VSAPI_ANSWER_ALLOW) crowd.refused_.fetch_add(1);
    if (client.answers.fetch_add(1) == 0) crowd.left_.count_down();
  }
  void WaitUntilAllAreAnswered() { left_.wait(); }
  // Refused, or answered once more than once.
  double Wrong() const {
    uint64_t wrong = refused_;
    for (const auto& client : clients_) wrong += client->answers - 1;
    return static_cast<double>(wrong);
  }

 private:
  std::vector<std::unique_ptr<Client>> clients_;
  std::latch left_;
  std::atomic<uint64_t> refused_ = 0;
};

void VSAPI_CALL TellClient(void* client, const vsapi_decision* decisions, size_t) {
  Crowd::Answered(*static_cast<Crowd::Client*>(client), decisions[0]);
}

void AskWithoutThread(EngineUnderTest& engine, const Item& item, Crowd::Client& client) {
  if (vsapi_open_async(engine.engine().get(), &item, 1, nullptr, TellClient, &client) != VSAPI_OK)
    throw std::runtime_error("the engine refused an item");
}

// One way to wait: `Ask` has every client of a crowd wait when it returns; it lives until all have
// their answers.
struct EachItsContent {
  static constexpr char kName[] = "async_each_its_content";
  static constexpr size_t kMost = 10'000;
  void Ask(EngineUnderTest& engine, Crowd& crowd) {
    for (auto& client : crowd.clients()) AskWithoutThread(engine, engine.NewItem(0), *client);
  }
};

struct AllOneContent {
  static constexpr char kName[] = "async_all_one_content";
  static constexpr size_t kMost = 10'000;
  void Ask(EngineUnderTest& engine, Crowd& crowd) {
    const Item item = engine.NewItem(0);
    for (auto& client : crowd.clients()) AskWithoutThread(engine, item, *client);
  }
};

struct BlockedThreads {
  static constexpr char kName[] = "blocked_threads";
  static constexpr size_t kMost = kMaxWaiters;
  void Ask(EngineUnderTest& engine, Crowd& crowd) {
    for (auto& client : crowd.clients())
      threads.emplace_back([&engine, &client] {
        Crowd::Answered(*client, engine.engine().Open(engine.NewItem(0)));
      });
    while (engine.engine().Status().waiters < crowd.clients().size()) std::this_thread::yield();
    if (crowd.clients().size() == kMaxWaiters) ExpectNoRoom(engine);
  }
  static void ExpectNoRoom(EngineUnderTest& engine) {
    if (engine.engine().Open(engine.NewItem(0)).answer != VSAPI_ANSWER_IN_PROGRESS)
      throw std::runtime_error("one client more than MaxWaiters was kept waiting");
  }

  std::vector<std::jthread> threads;
};

struct Usage {
  double time_us, cpu_us, memory_kib;
};

Usage UsageNow() {
  return {static_cast<double>(WallNs()) / 1e3, static_cast<double>(ProcessCpuNs()) / 1e3,
          ResidentKib()};
}

struct Figures {
  double ask_cpu_us, time_us, cpu_us, memory_kib, wrong;
};

// Of each client. An engine of its own each time: one keeps the room that clients had before.
template <class Way>
Figures LetWait(size_t clients) {
  EngineUnderTest engine(VSAPI_BENCH_NO_OP, "", {"Good morning!"},
                         {{"MaxWaiters", std::to_string(kMaxWaiters)}});
  Crowd crowd(clients);
  Way way;
  Usage begun, waiting;
  {
    HeldScans held(engine);
    malloc_trim(0);  // what earlier engines have left would hide what this one takes
    begun = UsageNow();
    way.Ask(engine, crowd);
    waiting = UsageNow();
  }
  crowd.WaitUntilAllAreAnswered();
  const Usage answered = UsageNow();
  engine.Flush();  // an answer too many would be there by now
  const auto count = static_cast<double>(clients);
  return {(waiting.cpu_us - begun.cpu_us) / count, (answered.time_us - waiting.time_us) / count,
          (answered.cpu_us - waiting.cpu_us) / count,
          (waiting.memory_kib - begun.memory_kib) / count, crowd.Wrong()};
}

template <class Way>
void MeasureWay(Records& records) {
  const Subject of{"clients that wait at the same time", Way::kName};
  Curve ask(records, of, "ask_cpu_per_client_by_clients", "us");
  Curve time(records, of, "answer_time_per_client_by_clients", "us");
  Curve cpu(records, of, "answer_cpu_per_client_by_clients", "us");
  Curve memory(records, of, "memory_per_client_by_clients", "KiB");
  double wrong = 0;
  for (size_t clients = 1; clients <= Way::kMost; clients *= 10) {
    const Figures figures = LetWait<Way>(clients);
    const auto x = static_cast<double>(clients);
    ask.Add(x, figures.ask_cpu_us);
    time.Add(x, figures.time_us);
    cpu.Add(x, figures.cpu_us);
    if (clients >= kPages) memory.Add(x, figures.memory_kib);
    wrong += figures.wrong;
  }
  records.Add(of, "not_allowed_or_not_once", "clients", wrong, Better::kLess);
}

}  // namespace

void MeasureClients(Records& records) {
  MeasureWay<EachItsContent>(records);
  MeasureWay<AllOneContent>(records);
  MeasureWay<BlockedThreads>(records);
}

}  // namespace vsapi::bench
