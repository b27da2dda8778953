// SPDX-License-Identifier: Apache-2.0
//
// What becomes of requests when the writers' threads get no memory: the process lives, everybody
// is answered, nothing infected goes out, and with memory all is as before.
//
// The program's operator new refuses every third allocation of a writer's thread as long as a test
// says so.
#include <pthread.h>

#include <cstdlib>
#include <new>

#include "support/engine_test.h"

namespace {

std::atomic<bool> is_scarce = false;
std::atomic<uint64_t> refused = 0;

bool IsOfTheEngine() {
  char name[16] = "";
  pthread_getname_np(pthread_self(), name, sizeof name);
  return std::string_view(name).starts_with("vsapi-wr");
}

// Every third one, counted by each thread for itself.
bool IsRefused() {
  thread_local uint64_t asked = 0;
  if (!is_scarce.load(std::memory_order_relaxed) || !IsOfTheEngine() || ++asked % 3 != 0)
    return false;
  ++refused;
  return true;
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
};

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
