// SPDX-License-Identifier: Apache-2.0
//
// The fixture of the tests of engine/mdb: an MDB over a store whose answers the test scripts.
#ifndef VSAPI_TESTS_ENGINE_MDB_FIXTURE_H_
#define VSAPI_TESTS_ENGINE_MDB_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "mdb.h"
#include "support/gate.h"
#include "support/items.h"
#include "support/manual_clock.h"
#include "support/recorded_events.h"

namespace vsapi::engine {

using test::DigestOf;
using test::ItemOf;
using test::KeyOf;
using test::Steps;

// A store whose answers the test scripts, and which aborts when it is called after its release.
struct ScriptedStore {
  std::atomic<int> released = 0, closed = 0;
  std::string bytes = "content";
  bool in_memory = true;
  int32_t open_status = VSAPI_OK;
  int32_t property_status = VSAPI_OK;
  int32_t apply_status = VSAPI_OK;
  std::map<uint32_t, int32_t> results;  // by key; else VSAPI_OK
  vsapi_stamp stamp = {};
  Steps inside_apply, go_on;  // the n-th apply waits for n steps of go_on
  Mutex mutex;
  std::vector<uint32_t> applied;
  std::vector<vsapi_outcome> outcomes;
  std::vector<std::string> findings;

  static ScriptedStore& Of(void* self) {
    auto& store = *static_cast<ScriptedStore*>(self);
    if (store.released > 0) std::abort();
    return store;
  }
  static int32_t Open(void* self, const vsapi_item*, vsapi_content* content) {
    ScriptedStore& store = Of(self);
    content->size = store.bytes.size();
    if (store.in_memory) content->data = store.bytes.data();
    return store.open_status;
  }
  static int32_t Read(void* self, vsapi_content*, uint64_t offset, void* buffer, size_t size,
                      size_t* got) {
    *got = Of(self).bytes.copy(static_cast<char*>(buffer), size, offset);
    return VSAPI_OK;
  }
  static int32_t Property(void* self, vsapi_content*, uint32_t id, uint32_t, vsapi_value* value) {
    Of(self);
    value->type = VSAPI_TYPE_INTEGER;
    value->integer = id;
    return Of(self).property_status;
  }
  static void Close(void* self, vsapi_content*) { ++Of(self).closed; }
  static int32_t ReadStamp(void* self, const vsapi_item*, vsapi_stamp* stamp) {
    *stamp = Of(self).stamp;
    return VSAPI_OK;
  }
  static int32_t Apply(void* self, vsapi_outcome* outcomes, size_t count) {
    ScriptedStore& store = Of(self);
    store.inside_apply.Add();
    store.go_on.Await(store.inside_apply.made());
    const MutexLock lock(store.mutex);
    for (size_t i = 0; i < count; ++i) {
      const uint32_t key = KeyOf(*outcomes[i].item);
      store.applied.push_back(key);
      store.outcomes.push_back(outcomes[i]);
      for (size_t j = 0; j < outcomes[i].finding_count; ++j)
        store.findings.emplace_back(outcomes[i].findings[j].name);
      outcomes[i].result = store.results.contains(key) ? store.results[key] : VSAPI_OK;
    }
    return store.apply_status;
  }
  static void Release(void* self) { ++static_cast<ScriptedStore*>(self)->released; }

  static constexpr vsapi_store_table kTable = {
      sizeof(vsapi_store_table), Open, Read, Property, Close, ReadStamp, Apply, Release, nullptr};
};

class MdbTest : public ::testing::Test {
 protected:
  ~MdbTest() override { LetApply(); }

  void LetApply() { store_.go_on.Add(1'000'000); }
  // The time for which stamps are gathered is over.
  void Gather() {
    clock_.AwaitWaiters(1);
    clock_.Advance(Mdb::kGatherTime);
  }
  OutcomeDraft Draft(uint32_t content, uint32_t key, uint64_t generation = 1) {
    OutcomeDraft draft;
    draft.item = ItemOf(content, key);
    draft.stamp.verdict = VSAPI_VERDICT_CLEAN;
    draft.stamp.generation = generation;
    return draft;
  }
  OutcomeDraft Durable(uint32_t content, uint32_t key) {
    OutcomeDraft draft = Draft(content, key);
    draft.action = VSAPI_ACTION_QUARANTINE;
    draft.stamp.verdict = VSAPI_VERDICT_INFECTED;
    draft.done = [this, key](int32_t result) {
      const MutexLock lock(store_.mutex);
      done_.emplace_back(key, result);
    };
    return draft;
  }
  vsapi_stamp StampOf(uint32_t content) {
    vsapi_stamp stamp = {};
    EXPECT_EQ(mdb_->ReadStamp(ItemOf(content, 1), stamp), VSAPI_OK);
    return stamp;
  }

  test::ManualClock clock_;
  test::RecordedEvents recorded_;
  EventLog events_{clock_, recorded_.sink()};
  Counters counters_;
  ScriptedStore store_;
  std::vector<std::pair<uint32_t, int32_t>> done_;
  std::unique_ptr<Mdb> mdb_ =
      std::make_unique<Mdb>("first", ScriptedStore::kTable, &store_, events_, counters_, clock_);
};

}  // namespace vsapi::engine

#endif  // VSAPI_TESTS_ENGINE_MDB_FIXTURE_H_
