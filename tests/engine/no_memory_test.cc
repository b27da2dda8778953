// SPDX-License-Identifier: Apache-2.0
//
// What becomes of requests when the engine's threads get no memory: the process lives, everybody
// is answered, nothing infected goes out, and with memory all is as before.
//
// The program's operator new refuses what a test says: every third allocation of the writers'
// threads, or one allocation of the pool's, the vendor's in its scan included.
#include <pthread.h>

#include <cstdlib>
#include <new>

#include "support/engine_test.h"

namespace {

std::atomic<bool> is_scarce = false;     // for writers' threads
std::atomic<int64_t> until_refused = 0;  // allocations of the pool's threads; 0 and less: never
std::atomic<uint64_t> refused = 0;

// Every third one, counted by each thread for itself.
bool IsRefusedToWriter() {
  thread_local uint64_t asked = 0;
  return is_scarce.load(std::memory_order_relaxed) && ++asked % 3 == 0;
}

bool IsRefused() {
  if (!is_scarce.load(std::memory_order_relaxed) && until_refused.load() <= 0) return false;
  char name[16] = "";
  pthread_getname_np(pthread_self(), name, sizeof name);
  const std::string_view thread = name;
  const bool is_of_pool = thread.starts_with("vsapi-high") || thread.starts_with("vsapi-scan");
  const bool is_refused = (thread.starts_with("vsapi-wr") && IsRefusedToWriter()) ||
                          (is_of_pool && until_refused.fetch_sub(1) == 1);
  if (is_refused) ++refused;
  return is_refused;
}

}  // namespace

// Not inlined: gcc would take the free of what new gave for a mistake.
[[gnu::noinline]] void* operator new(size_t size) {
  void* const memory = IsRefused() ? nullptr : std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace vsapi::test {
namespace {

class NoMemory : public EngineTest {
 protected:
  ~NoMemory() override { is_scarce = false; }

  // Opens new items of such a content, each with another allocation of its scan refused, until
  // there was none left to refuse. Every item is answered by `good` or as unavailable, and by
  // `good` when it is opened again.
  void RefuseEachAllocationOfAScan(const std::string& content, int32_t good) {
    for (int64_t at = 1, left = 0; left <= 0; ++at) {
      const std::string key = std::to_string(at);
      const Item item = store_->Put(key, content + " " + key);
      until_refused = at;
      EXPECT_THAT(Open(item).answer, ::testing::AnyOf(good, VSAPI_ANSWER_UNAVAILABLE)) << at;
      EXPECT_TRUE(Eventually([&] { return Count("Requests In Flight") == 0; }));
      left = until_refused.exchange(0);
      EXPECT_EQ(Open(item).answer, good) << at;
    }
  }
};

TEST_F(NoMemory, InTheMiddleOfAScanLeavesNobodyWithoutAnAnswer) {
  Start();
  Open(store_->Put("first", "INFECTED:Worm.First"));  // what is allocated once
  refused = 0;
  RefuseEachAllocationOfAScan("harmless", VSAPI_ANSWER_ALLOW);
  RefuseEachAllocationOfAScan("INFECTED:Worm.A", VSAPI_ANSWER_DENY_INFECTED);
  EXPECT_GT(refused, 1u);
}

TEST_F(NoMemory, EndsNoProcessAndLeavesNobodyWithoutAnAnswer) {
  Start();
  std::vector<Item> items;
  for (int i = 0; i < 300; ++i) {
    const std::string number = std::to_string(i);
    items.push_back(store_->Put(number, (i % 2 == 0 ? "harmless " : "INFECTED:Worm.") + number));
  }
  is_scarce = true;
  for (size_t i = 0; i < items.size(); ++i) {
    const int32_t answer = Open(items[i]).answer;
    if (i % 2 == 0)
      EXPECT_THAT(answer, ::testing::AnyOf(VSAPI_ANSWER_ALLOW, VSAPI_ANSWER_UNAVAILABLE));
    else
      EXPECT_THAT(answer, ::testing::AnyOf(VSAPI_ANSWER_DENY_INFECTED, VSAPI_ANSWER_UNAVAILABLE));
  }
  is_scarce = false;
  EXPECT_GT(refused, 0u);
  EXPECT_EQ(Count("Requests In Flight"), 0u);
  for (size_t i = 0; i < items.size(); ++i)
    EXPECT_EQ(Open(items[i]).answer, i % 2 == 0 ? VSAPI_ANSWER_ALLOW : VSAPI_ANSWER_DENY_INFECTED);
}

}  // namespace
}  // namespace vsapi::test
