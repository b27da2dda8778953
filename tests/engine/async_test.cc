// SPDX-License-Identifier: Apache-2.0
//
// The specification of the asynchronous forms: they hold no thread, answer exactly once, and
// complete on the caller's executor whatever the completion token is.
#include <utility>  // which Boost 1.74's awaitable.hpp forgets

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "support/engine_test.h"

namespace vsapi::test {
namespace {

using ::testing::Each;
using ::testing::SizeIs;

namespace asio = boost::asio;

class Async : public EngineTest {
 protected:
  asio::io_context executor_;
};

TEST_F(Async, CallsBackOnTheExecutorOfTheCallback) {
  Start();
  Decision answer = {};
  std::thread::id ran_on;
  engine_->AsyncOpen(store_->Put("item", "INFECTED:Worm.A"),
                     asio::bind_executor(executor_, [&](Decision decision) {
                       answer = decision;
                       ran_on = std::this_thread::get_id();
                     }));
  executor_.run();  // has work until the callback has run
  EXPECT_THAT(answer, Answers(VSAPI_ANSWER_DENY_INFECTED, VSAPI_REASON_SCANNED));
  EXPECT_EQ(ran_on, std::this_thread::get_id());
}

TEST_F(Async, NeverCallsBackBeforeTheCallReturns) {
  Start("good", {{"Enabled", "0"}});
  bool called = false;
  engine_->AsyncOpen(store_->Put("item", "harmless"),
                     asio::bind_executor(executor_, [&](Decision) { called = true; }));
  EXPECT_FALSE(called);
  executor_.run();
  EXPECT_TRUE(called);
}

TEST_F(Async, FillsAFuture) {
  Start();
  auto future = engine_->AsyncOpen(store_->Put("item", "harmless"), asio::use_future);
  EXPECT_THAT(Get(future), Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_SCANNED));
}

// Boost 1.74 has coroutines by gcc only, not by the clang of the preset dev.
#ifdef BOOST_ASIO_HAS_CO_AWAIT
TEST_F(Async, ResumesACoroutineOnItsExecutor) {
  Start();
  const Item one = store_->Put("one", "harmless");
  const std::vector<Item> message = {store_->Put("two", "SUSPICIOUS"),
                                     store_->Put("three", "DELETE")};
  Decision first = {};
  std::vector<Decision> others;
  bool stayed = true;
  asio::co_spawn(
      executor_,
      [&]() -> asio::awaitable<void> {
        const auto self = std::this_thread::get_id();
        first = co_await engine_->AsyncOpen(one, asio::use_awaitable);
        stayed = std::this_thread::get_id() == self;
        others = co_await engine_->AsyncOpenMessage(message, asio::use_awaitable);
        stayed = stayed && std::this_thread::get_id() == self;
      },
      [](std::exception_ptr failed) { EXPECT_FALSE(failed); });
  executor_.run();
  EXPECT_THAT(first, Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_SCANNED));
  ASSERT_THAT(others, SizeIs(2));
  EXPECT_THAT(others, Each(Answers(VSAPI_ANSWER_DENY_INFECTED, VSAPI_REASON_SCANNED)));
  EXPECT_TRUE(stayed);
}
#endif

TEST_F(Async, AnswersACurrentStampToo) {
  Start();
  Open(store_->Put("item", "harmless"));
  engine_->Flush(store_->mdb());
  auto future = OpenLater(store_->ItemOf("item"));
  EXPECT_THAT(Get(future), Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_STAMP));
}

TEST_F(Async, AnswersInProgressAtTheDeadline) {
  Start();
  auto late =
      OpenLater(store_->Put("late", "GATE late"), {.timeout = std::chrono::milliseconds(20)});
  auto patient = OpenLater(store_->Put("patient", "GATE patient"));
  EXPECT_THAT(Get(late), Answers(VSAPI_ANSWER_IN_PROGRESS, VSAPI_REASON_TIMED_OUT));
  EXPECT_FALSE(IsReady(patient));
  gate_.LetAll();
  EXPECT_THAT(Get(patient), Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_SCANNED));
}

TEST_F(Async, AnswersTheEarlierDeadlineFirstWhicheverWasAskedFirst) {
  Start();
  auto later = OpenLater(store_->Put("later", "GATE later"), {.timeout = std::chrono::hours(1)});
  auto sooner =
      OpenLater(store_->Put("sooner", "GATE sooner"), {.timeout = std::chrono::milliseconds(20)});
  EXPECT_THAT(Get(sooner), Answers(VSAPI_ANSWER_IN_PROGRESS, VSAPI_REASON_TIMED_OUT));
  EXPECT_FALSE(IsReady(later));
}

TEST_F(Async, RefusesWhatIsBeyondMaxRequests) {
  Start("good", {{"MaxRequests", "1"}});
  auto first = OpenLater(store_->Put("first", "GATE"));
  auto second = OpenLater(store_->Put("second", "harmless"));
  EXPECT_THAT(Get(second), Answers(VSAPI_ANSWER_IN_PROGRESS, VSAPI_REASON_TOO_MANY));
  gate_.LetAll();
  EXPECT_THAT(Get(first), Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_SCANNED));
}

TEST_F(Async, DecidesOnNothingForAMessageWithoutParts) {
  Start();
  auto future = engine_->AsyncOpenMessage({}, asio::use_future);
  EXPECT_THAT(future.get(), SizeIs(0));
}

TEST_F(Async, AnswersWhatItCannotUnderstand) {
  Start();
  auto future = OpenLater(store_->Put("item", "harmless"), {.access = 99});
  const Decision decision = Get(future);
  EXPECT_EQ(decision.answer, VSAPI_ANSWER_UNAVAILABLE);
  EXPECT_EQ(decision.code, 0x480u);
}

}  // namespace
}  // namespace vsapi::test
