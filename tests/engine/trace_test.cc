// SPDX-License-Identifier: Apache-2.0
//
// What a client that asks for it is told of the way of its items.
#include "support/engine_test.h"

namespace vsapi::test {
namespace {

class TraceTest : public EngineTest {
 protected:
  Trace OpenTraced(const Item& item) {
    Trace trace = {};
    engine_->Open(item, {.traces = {&trace, 1}});
    return trace;
  }
  static void ExpectInOrder(const std::vector<int64_t>& steps) {
    EXPECT_NE(steps.front(), VSAPI_NEVER);
    EXPECT_TRUE(std::is_sorted(steps.begin(), steps.end())) << ::testing::PrintToString(steps);
  }
};

TEST_F(TraceTest, TellsEachStepOfAScanInItsOrder) {
  Start();
  const Trace trace = OpenTraced(store_->Put("item", "harmless"));
  ExpectInOrder({0, trace.queued_ns, trace.taken_ns, trace.opened_ns, trace.called_ns,
                 trace.returned_ns, trace.released_ns});
  EXPECT_EQ(trace.durable_ns, VSAPI_NEVER);  // nobody waits for it
  EXPECT_EQ(trace.joined, 0);
  EXPECT_GE(trace.reading_ns, 0);
  EXPECT_LE(trace.reading_ns, trace.returned_ns - trace.called_ns);
}

TEST_F(TraceTest, TellsWhenADenialWasDurable) {
  Start();
  const Trace trace = OpenTraced(store_->Put("item", "INFECTED:Worm.A"));
  ExpectInOrder({trace.returned_ns, trace.durable_ns, trace.released_ns});
}

TEST_F(TraceTest, TellsNothingOfAScanWhereTheStampIsCurrent) {
  Start();
  const Item item = store_->Put("item", "harmless");
  Open(item);
  const Trace trace = OpenTraced(item);
  EXPECT_EQ(trace.queued_ns, VSAPI_NEVER);
  EXPECT_EQ(trace.called_ns, VSAPI_NEVER);
  EXPECT_GE(trace.released_ns, 0);
}

TEST_F(TraceTest, TellsWhatWasThereBeforeItJoined) {
  Start();
  auto first = OpenLater(store_->Put("1", "GATE"));
  gate_.AwaitScan();
  Trace trace = {};
  auto second = OpenLater(store_->Put("2", "GATE"), {.traces = {&trace, 1}});
  gate_.LetAll();
  Get(second);
  EXPECT_EQ(trace.joined, 1);
  EXPECT_LT(trace.called_ns, 0);
  ExpectInOrder({0, trace.queued_ns, trace.returned_ns, trace.released_ns});
  EXPECT_EQ(trace.opened_ns, VSAPI_NEVER);  // nobody wanted to know then
  Get(first);
}

TEST_F(TraceTest, TellsAClientThatGaveUpWhatThereWas) {
  Start();
  Trace trace = {};
  auto client = OpenLater(store_->Put("item", "GATE"),
                          {.timeout = std::chrono::milliseconds(1), .traces = {&trace, 1}});
  EXPECT_EQ(Get(client).reason, VSAPI_REASON_TIMED_OUT);
  ExpectInOrder({0, trace.queued_ns, trace.released_ns});
  EXPECT_EQ(trace.returned_ns, VSAPI_NEVER);
}

TEST_F(TraceTest, TellsOfEachPartOfAMessage) {
  Start();
  const std::vector<Item> parts = {store_->Put("1", "one"), store_->Put("2", "INFECTED:Worm.A")};
  std::vector<Trace> traces(parts.size());
  engine_->OpenMessage(parts, {.traces = traces});
  for (const Trace& trace : traces) ExpectInOrder({trace.returned_ns, trace.released_ns});
  EXPECT_EQ(traces[0].durable_ns, VSAPI_NEVER);
  EXPECT_NE(traces[1].durable_ns, VSAPI_NEVER);
}

TEST_F(TraceTest, IsNotLookedForInTheOptionsOfAnOlderHost) {
  Start();
  Trace trace = {};
  vsapi_open_options options = {};
  options.struct_size = offsetof(vsapi_open_options, traces);
  options.access = VSAPI_ACCESS_ON_DEMAND;
  options.traces = &trace;
  Decision decision = {};
  decision.struct_size = sizeof decision;
  const Item item = store_->Put("item", "harmless");
  EXPECT_EQ(vsapi_open(engine_->get(), &item, &options, &decision), VSAPI_OK);
  EXPECT_EQ(decision.answer, VSAPI_ANSWER_ALLOW);
  EXPECT_EQ(trace.released_ns, 0);
}

TEST_F(TraceTest, IsRefusedWithoutItsSize) {
  Start();
  Trace trace = {};
  vsapi_open_options options = {};
  options.struct_size = sizeof options;
  options.access = VSAPI_ACCESS_ON_DEMAND;
  options.traces = &trace;
  Decision decision = {};
  decision.struct_size = sizeof decision;
  const Item item = store_->Put("item", "harmless");
  EXPECT_EQ(vsapi_open(engine_->get(), &item, &options, &decision), VSAPI_E_ARGUMENT);
}

}  // namespace
}  // namespace vsapi::test
