// SPDX-License-Identifier: Apache-2.0
#include "engine_way.h"

#include <boost/asio/use_future.hpp>
#include <future>
#include <mutex>
#include <semaphore>
#include <stdexcept>

#include "engine_under_test.h"

namespace vsapi::bench {
namespace {

Answer AnswerOf(const vsapi_decision& decision) {
  if (decision.answer == VSAPI_ANSWER_ALLOW) return Answer::kClean;
  return decision.answer == VSAPI_ANSWER_DENY_INFECTED ? Answer::kInfected : Answer::kNone;
}

Answer AnswerOf(const Stamp& stamp) {
  if (stamp.verdict == VSAPI_VERDICT_INFECTED) return Answer::kInfected;
  return stamp.verdict == VSAPI_VERDICT_CLEAN ? Answer::kClean : Answer::kNone;
}

double MiBOf(const std::vector<std::string>& contents) {
  double bytes = 0;
  for (const std::string& content : contents) bytes += static_cast<double>(content.size());
  return bytes / (1 << 20);
}

class EngineWay final : public Way {
 public:
  EngineWay(const std::string& name, const std::string& library, const Mailboxes& mail,
            const MarkerDefinitions& definitions, const EngineUnderTest::Settings& settings)
      : Way(name),
        store_mib_(MiBOf(mail.contents())),
        engine_(library, "definitions=" + definitions.path() + ";temp=/dev/shm", mail.contents(),
                settings, [this](const Outcome& outcome) { Judged(outcome); }) {}

  // As many at a time as the low lane holds, by the leanest door that clients take.
  void Work(Feed& feed) override {
    while (const auto item = feed.Next()) {
      free_.acquire();
      Ask(feed, *item);
    }
    for (size_t i = 0; i < BulkAhead(); ++i) free_.acquire();
    free_.release(static_cast<ptrdiff_t>(BulkAhead()));
  }

  // New mail comes faster than it can be scanned.
  void WorkBehind(Feed& feed) override {
    SetBehind(&feed);
    uint64_t queued = 0;
    for (auto item = feed.Next(); item; item = feed.Next(), ++queued)
      while (engine_.engine().Submitted(engine_.NewItem(*item)) != VSAPI_SUBMITTED_QUEUED)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    while (feed.answered() < queued) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    SetBehind(nullptr);
  }

  Client NewClient(const Mailboxes&) override {
    return [this](size_t item) { return AnswerOf(engine_.engine().Open(engine_.NewItem(item))); };
  }

  // All at once, as copies of one content in a store that keeps it once.
  uint64_t ScanSame(const Mailboxes&, size_t item, size_t times) override {
    const uint64_t before = engine_.FilesScanned();
    const Digest digest = engine_.NewItem(item).digest;
    engine_.store().KeepStamps(true);
    std::vector<std::future<Decision>> decisions;
    for (size_t i = 0; i < times; ++i) {
      Item copy = engine_.NewItem(item);
      copy.digest = digest;
      decisions.push_back(engine_.engine().AsyncOpen(copy, boost::asio::use_future));
    }
    for (auto& decision : decisions) decision.get();
    engine_.store().KeepStamps(false);
    return engine_.FilesScanned() - before;
  }

  // The store's own copies of all contents.
  double store_mib() const override { return store_mib_; }

  void Reload() override {
    if (!engine_.engine().Reload()) throw std::runtime_error("the engine does not reload");
  }

 private:
  struct Asked {
    EngineWay& way;
    Feed& feed;
    size_t item;
  };

  void Ask(Feed& feed, size_t item) {
    auto asked = std::make_unique<Asked>(Asked{*this, feed, item});
    const Item content = engine_.NewItem(item);
    if (vsapi_open_async(engine_.engine().get(), &content, 1, nullptr, Opened, asked.get()) !=
        VSAPI_OK)
      throw std::runtime_error("the engine refused an item");
    static_cast<void>(asked.release());
  }
  static void VSAPI_CALL Opened(void* context, const vsapi_decision* decisions, size_t) {
    const std::unique_ptr<Asked> asked(static_cast<Asked*>(context));
    asked->feed.Done(asked->item, AnswerOf(decisions[0]));
    asked->way.free_.release();
  }

  void SetBehind(Feed* feed) {
    const std::lock_guard lock(mutex_);
    behind_ = feed;
  }
  // Clients' items are of another group.
  void Judged(const Outcome& outcome) {
    const std::lock_guard lock(mutex_);
    const size_t item = MemoryStore::ContentOf(*outcome.item);
    if (behind_ == nullptr || item - behind_->group().first >= behind_->group().count) return;
    behind_->Done(item, AnswerOf(outcome.stamp));
  }

  const double store_mib_;
  std::counting_semaphore<> free_{static_cast<ptrdiff_t>(BulkAhead())};
  std::mutex mutex_;
  Feed* behind_ = nullptr;  // whom low scans are told to; guarded by mutex_
  EngineUnderTest engine_;
};

}  // namespace

std::unique_ptr<Way> MakeEngine(Isolation isolation, const Mailboxes& mail,
                                const MarkerDefinitions& definitions) {
  if (isolation == Isolation::kNone)
    return std::make_unique<EngineWay>("engine", VSAPI_BENCH_CLAMAV, mail, definitions,
                                       EngineUnderTest::Settings{});
  return std::make_unique<EngineWay>("engine_isolated", VSAPI_BENCH_CLAMAV, mail, definitions,
                                     EngineUnderTest::Settings{{"Isolation", "process"}});
}

std::unique_ptr<Way> MakeFaultyEngine(const Mailboxes& mail, const MarkerDefinitions& definitions,
                                      std::chrono::seconds patience) {
  return std::make_unique<EngineWay>(
      "engine_isolated", VSAPI_BENCH_FAULTY, mail, definitions,
      EngineUnderTest::Settings{{"Isolation", "process"},
                                {"VendorTimeout", std::to_string(patience.count())}});
}

}  // namespace vsapi::bench
