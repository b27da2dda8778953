// SPDX-License-Identifier: Apache-2.0
#include "worker_pool.h"

#include <algorithm>
#include <string>
#include <utility>

#include "platform.h"

namespace vsapi::engine {
namespace {

// Low work must not stop under foreign load either: nice 19 or an idle class would starve it.
constexpr int kLowPriorityNice = 10;
constexpr int kHighestNice = 19;  // the system's
// Who runs for so short a time at once is run soon when it is woken, ahead of foreign work too.
constexpr auto kKeptSlice = std::chrono::microseconds(100);  // the least that Linux takes

constexpr Role kRoles[] = {Role::kHigh, Role::kAny, Role::kLone};

}  // namespace

void Worker::BeginLow(uint64_t number) {
  const MutexLock lock(mutex_);
  scans_ = number;
}

void Worker::EndLow() {
  const MutexLock lock(mutex_);
  scans_ = 0;
  if (is_lifted_) platform::SetThreadNice(thread_, low_);
  is_lifted_ = false;
}

void Worker::Lift(uint64_t number) {
  const MutexLock lock(mutex_);
  if (scans_ != number || is_lifted_) return;
  is_lifted_ = platform::SetThreadNice(thread_, full_);
  if (is_lifted_) ++lifts_;
}

uint64_t Worker::lifts() const {
  const MutexLock lock(mutex_);
  return lifts_;
}

void Worker::Lower() {
  const MutexLock lock(mutex_);
  thread_ = platform::ThreadNumber();
  full_ = platform::ThreadNice();
  platform::LowerThreadPriority(kLowPriorityNice);
  low_ = platform::ThreadNice();
}

void Worker::ShortenSlice() {
  auto priority = platform::ThreadPriority();
  if (!priority) return;
  priority->slice = kKeptSlice;
  platform::SetPriority(platform::ThreadNumber(), *priority);
}

bool WorkerPool::MayLift() {
  bool may = false;
  std::thread([&may] {
    const int before = platform::ThreadNice();
    may = platform::LowerThreadPriority(1) &&
          platform::SetThreadNice(platform::ThreadNumber(), before);
  }).join();
  return may;
}

std::array<size_t, 3> WorkerPool::Roles(size_t threads) {
  if (threads == 1) return {0, 0, 1};
  return {threads / 2, threads - threads / 2, 0};
}

void WorkerPool::Start(size_t threads) {
  starter_ = std::thread([this] { RunStarter(); });
  Resize(threads);
}

void WorkerPool::Resize(size_t threads) {
  const MutexLock lock(mutex_);
  wanted_ = threads;
  AwaitAppliedLocked(++asked_);
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

void WorkerPool::AwaitAppliedLocked(uint64_t asked) {
  asked_changed_.NotifyAll();
  while (applied_ < asked && !stopping_) asked_changed_.Wait(mutex_);
}

bool WorkerPool::Replace(size_t session, size_t sessions) {
  const MutexLock lock(mutex_);
  const auto found = std::find_if(members_.begin(), members_.end(), [&](const Member& member) {
    return !member.ended && member.worker.session() == session;
  });
  if (found == members_.end() || stopping_) return false;
  if (found->replaced) return true;  // it hangs anew, and another one has its place already
  if (FreeSessionLocked() >= sessions) return false;
  const auto role = static_cast<size_t>(found->worker.role_);
  const size_t before = roles_[role];
  found->replaced = true;
  --roles_[role];
  --size_;
  AwaitAppliedLocked(++asked_);
  failure_ = nullptr;
  if (roles_[role] == before || found->ended) return true;
  found->replaced = false;  // better one that may come back than none
  ++roles_[role];
  ++size_;
  return false;
}

void WorkerPool::RunStarter() {
  platform::SetThreadName("vsapi-pool");
  nice_.store(platform::ThreadNice(), std::memory_order_relaxed);
  mutex_.Lock();
  while (!stopping_) {
    if (asked_ == applied_) {
      asked_changed_.Wait(mutex_);
      continue;
    }
    const uint64_t asked = asked_;
    const size_t threads = wanted_;
    mutex_.Unlock();
    std::exception_ptr failure;
    try {
      Apply(threads);
    } catch (const std::exception&) {
      failure = std::current_exception();
    }
    mutex_.Lock();
    applied_ = asked;
    failure_ = failure;
    asked_changed_.NotifyAll();
  }
  mutex_.Unlock();
}

void WorkerPool::EndStarter() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    asked_changed_.NotifyAll();
  }
  if (starter_.joinable()) starter_.join();
}

void WorkerPool::Apply(size_t threads) {
  JoinEnded();
  const auto wanted = Roles(threads);
  for (const Role role : kRoles) {
    const size_t then = wanted[static_cast<size_t>(role)];
    LetDownTo(role, then);
    for (size_t more = RoleCount(role); more < then; ++more) Add(role);
  }
}

size_t WorkerPool::RoleCount(Role role) const {
  const MutexLock lock(mutex_);
  return roles_[static_cast<size_t>(role)];
}

// In one step with counting them: Replace may take one off the count at any moment.
void WorkerPool::LetDownTo(Role role, size_t threads) {
  size_t over = 0;
  {
    const MutexLock lock(mutex_);
    size_t& count = roles_[static_cast<size_t>(role)];
    over = count - std::min(count, threads);
    count -= over;
    size_ -= over;
  }
  if (over > 0) queue_.Dismiss(role, over);
}

size_t WorkerPool::SessionsFor(size_t threads) const {
  const MutexLock lock(mutex_);
  size_t highest = 0, live = 0;
  for (const Member& member : members_) {
    if (member.ended) continue;
    highest = std::max(highest, member.worker.session() + 1);
    ++live;
  }
  const auto wanted = Roles(threads);
  for (size_t role = 0; role < wanted.size(); ++role)
    live += wanted[role] - std::min(wanted[role], roles_[role]);
  // None may be alive any more: the engine ends while a generation is built.
  return std::max(highest, first_session_ + std::max(live, threads));
}

int WorkerPool::nice_low() const {
  const int nice = nice_.load(std::memory_order_relaxed);
  return size() > 1 ? std::min(nice + kLowPriorityNice, kHighestNice) : nice;
}

size_t WorkerPool::live() const {
  const MutexLock lock(mutex_);
  return static_cast<size_t>(std::count_if(members_.begin(), members_.end(),
                                           [](const Member& member) { return !member.ended; }));
}

void WorkerPool::Add(Role role) {
  const MutexLock lock(mutex_);  // no thread ends before it is entered whole
  Member& member = members_.emplace_back(FreeSessionLocked(), role);
  try {
    member.thread = std::thread([this, &member] { Run(member); });
  } catch (...) {
    members_.pop_back();
    throw;
  }
  ++roles_[static_cast<size_t>(role)];
  ++size_;
}

size_t WorkerPool::FreeSessionLocked() const {
  size_t session = first_session_;
  const auto is_taken = [&](const Member& each) {
    return !each.ended && each.worker.session() == session;
  };
  while (std::any_of(members_.begin(), members_.end(), is_taken)) ++session;
  return session;
}

void WorkerPool::Run(Member& member) {
  Worker& worker = member.worker;
  platform::SetThreadName((worker.role_ == Role::kHigh ? "vsapi-high-" : "vsapi-scan-") +
                          std::to_string(worker.session() + 1));
  if (worker.is_low())
    worker.Lower();
  else
    Worker::ShortenSlice();
  for (;;) {
    const Taken taken = queue_.Take(worker.role_);
    if (taken.request == nullptr) break;
    run_(taken, worker);
    if (EndIfReplaced(member)) return;
  }
  const MutexLock lock(mutex_);
  EndLocked(member);
}

bool WorkerPool::EndIfReplaced(Member& member) {
  if (!member.replaced.load(std::memory_order_relaxed)) return false;
  const MutexLock lock(mutex_);
  if (member.replaced) EndLocked(member);
  return member.ended;
}

void WorkerPool::EndLocked(Member& member) {
  member.ended = true;
  ended_changed_.NotifyAll();
}

void WorkerPool::JoinEnded() {
  const MutexLock lock(mutex_);
  for (Member& member : members_)
    if (member.ended && member.thread.joinable()) member.thread.join();
}

size_t WorkerPool::Join(Clock& clock, TimePoint deadline) {
  EndStarter();
  {
    const MutexLock lock(mutex_);
    const auto ended = [](const Member& member) { return member.ended; };
    while (!std::all_of(members_.begin(), members_.end(), ended) && clock.Now() < deadline)
      clock.WaitUntil(ended_changed_, mutex_, deadline);
  }
  JoinEnded();
  const MutexLock lock(mutex_);
  size_t left = 0;
  for (Member& member : members_) {
    if (!member.thread.joinable()) continue;
    member.thread.detach();
    ++left;
  }
  return left;
}

}  // namespace vsapi::engine
