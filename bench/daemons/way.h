// SPDX-License-Identifier: Apache-2.0
//
// A way to have mail scanned, as a store would use it: bulk work that has no client, and clients
// that each wait for one item.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "mailboxes.h"

namespace vsapi::bench {

enum class Answer { kClean, kInfected, kNone };  // kNone: refused, failed or out of patience

// Scans that may run at once, of every way that lets its user choose: the engine's default.
inline size_t ThreadCount() { return 2 * std::thread::hardware_concurrency() + 1; }
// Bulk items on their way at once: what the engine's low lane holds, and what is being scanned.
inline size_t BulkAhead() { return 30 + ThreadCount(); }

// Where bulk work comes from, a group round and round, and who counts what came of it.
//
// Thread safety: from any number of threads.
class Feed {
 public:
  using Clock = std::chrono::steady_clock;

  // Whole rounds of the group, the last one begun before the time is over: a mix is dear in a few
  // large items, so a part of it would say little.
  Feed(Mailboxes& mail, const Group& group, Clock::duration time)
      : mail_(mail), group_(group), end_(Clock::now() + time) {}

  // Freshened; nothing when there is to be no more.
  std::optional<size_t> Next();
  // At once.
  void Stop() { stopped_ = true; }
  // Throws std::runtime_error where a harmless item is called infected.
  void Done(size_t item, Answer answer);

  Mailboxes& mail() const { return mail_; }
  const Group& group() const { return group_; }
  uint64_t answered() const { return answered_; }
  uint64_t bytes() const { return bytes_; }
  uint64_t missed() const { return missed_; }
  uint64_t unscanned() const { return unscanned_; }

 private:
  Mailboxes& mail_;
  const Group& group_;
  const Clock::time_point end_;
  std::atomic<size_t> taken_ = 0;
  std::atomic<size_t> last_ = SIZE_MAX;  // none is given out from this number on
  std::atomic<bool> stopped_ = false;
  std::atomic<uint64_t> answered_ = 0, bytes_ = 0, missed_ = 0, unscanned_ = 0;
};

// One client, with a connection of its own where the way has such; one thread's.
using Client = std::function<Answer(size_t item)>;

class Way {
 public:
  explicit Way(std::string name) : name_(std::move(name)) {}
  virtual ~Way() = default;
  const std::string& name() const { return name_; }

  // Scans what the feed has, as fast as it can; all is answered when it returns.
  virtual void Work(Feed& feed) { WorkByClients(feed, ThreadCount()); }
  // The same, as bulk work that clients come before, where a way can tell them apart.
  virtual void WorkBehind(Feed& feed) { Work(feed); }
  virtual Client NewClient(const Mailboxes& mail) = 0;
  // Returns once the definitions, which have changed, are in use.
  virtual void Reload() {}
  // Whether a client can ask for an item at any time.
  virtual bool has_clients() const { return true; }
  // Memory that it needs for what a store has anyhow.
  virtual double store_mib() const { return 0; }
  // One content for so many recipients: what the way knows of it already may count. The number of
  // scans, or of requests where nobody but the way knows how many scans they led to.
  virtual uint64_t ScanSame(const Mailboxes& mail, size_t item, size_t times);

 protected:
  void WorkByClients(Feed& feed, size_t clients);

 private:
  const std::string name_;
};

using Ways = std::vector<std::unique_ptr<Way>>;

}  // namespace vsapi::bench
