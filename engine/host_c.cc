// SPDX-License-Identifier: Apache-2.0
//
// The C face of the engine: checks arguments, keeps exceptions inside, and fills structs no further
// than the caller knows them.
#include <algorithm>
#include <array>
#include <cstring>
#include <exception>
#include <new>
#include <string>

#include "host_c.h"
#include "platform.h"
#include "stamp.h"
#include "text.h"
#include "words.h"

namespace {

using namespace vsapi::engine;

constexpr auto kLastShutdown = std::chrono::seconds(10);

// The caller's decisions, as far apart and as long as its own version of the struct is.
class Decisions {
 public:
  Decisions(vsapi_decision* first, size_t count) : first_(first), count_(count) {}

  bool Fit() const { return first_ != nullptr && VSAPI_HAS_FIELD(first_, vsapi_decision, finding); }

  // Calls fill(decisions): at once where ours lie as the caller's do.
  template <class Fill>
  void FillBy(Fill fill) {
    if (first_->struct_size == sizeof *first_) return fill(first_);
    std::vector<vsapi_decision> ours(count_);
    fill(ours.data());
    for (size_t i = 0; i < count_; ++i) Put(i, ours[i]);
  }

  // What could not be asked is not allowed.
  void Refuse() {
    for (size_t i = 0; i < count_; ++i)
      Put(i, MakeDecision(VSAPI_ANSWER_UNAVAILABLE, VSAPI_REASON_FAILED));
  }

 private:
  void Put(size_t i, vsapi_decision decision) {
    const uint32_t size = first_->struct_size;
    decision.struct_size = size;
    std::memcpy(VSAPI_AT(vsapi_decision, first_, i), &decision,
                std::min<size_t>(size, sizeof decision));
  }

  vsapi_decision* const first_;
  const size_t count_;
};

Engine::Options ToOptions(const vsapi_engine_options& from) {
  const auto text = [](const char* value) { return std::string(value == nullptr ? "" : value); };
  Engine::Options options;
  options.source.settings_file = text(from.settings_file);
  options.source.state_folder = text(from.state_folder);
  options.server = text(from.server);
  for (size_t i = 0; i < from.setting_count; ++i)
    options.source.overrides.emplace_back(text(from.settings[i].name),
                                          text(from.settings[i].value));
  if (from.on_event != nullptr)
    options.on_event = [call = from.on_event, context = from.context](const vsapi_event& event) {
      call(context, &event);
    };
  return options;
}

}  // namespace

namespace vsapi::engine {

bool IsItem(const vsapi_item* item) {
  return item != nullptr && VSAPI_HAS_FIELD(item, vsapi_item, stamp) &&
         item->key.size <= sizeof item->key.bytes;
}

bool AreItems(const vsapi_item* items, size_t count) {
  if (count == 0 || !IsItem(items)) return false;
  const ItemSpan span(items, count);
  for (size_t i = 1; i < count; ++i)
    if (span[i].struct_size != items->struct_size || !IsItem(&span[i])) return false;
  return true;
}

}  // namespace vsapi::engine

namespace {

bool ToHow(const vsapi_open_options& from, OnDemand::How& how) {
  if (!VSAPI_HAS_FIELD(&from, vsapi_open_options, timeout_ms)) return false;
  if (from.timeout_ms > kYearMs) return false;
  how.access = from.access;
  how.timeout = std::chrono::milliseconds(from.timeout_ms);
  if (VSAPI_HAS_FIELD(&from, vsapi_open_options, traces)) how.traces = from.traces;
  if (how.traces != nullptr && !VSAPI_HAS_FIELD(how.traces, vsapi_trace, reading_ns)) return false;
  if (VSAPI_HAS_FIELD(&from, vsapi_open_options, user)) {
    how.client = from.client;
    how.user = from.user;
  }
  const bool asks = how.access == VSAPI_ACCESS_ON_DEMAND || how.access == VSAPI_ACCESS_TRANSPORT;
  return asks || IsExempt(how.access);
}

bool TakeHow(const vsapi_open_options* from, OnDemand::How& how) {
  return from == nullptr || ToHow(*from, how);
}

void Tell(const Histograms& histograms, Timing timing, int32_t access,
          void(VSAPI_CALL* each)(void* context, const vsapi_histogram* histogram), void* context) {
  const Histograms::Reading reading = histograms.Read(timing, access);
  std::array<uint64_t, Histograms::kBuckets> up_to = {};
  for (size_t bucket = 0; bucket < up_to.size(); ++bucket)
    up_to[bucket] = Histograms::UpToNs(bucket);
  const vsapi_histogram histogram = {
      sizeof histogram,      access,       NameOf(timing), reading.sum_ns,
      reading.counts.data(), up_to.data(), up_to.size()};
  each(context, &histogram);
}

}  // namespace

extern "C" {

const char* vsapi_answer_text(int32_t answer) { return AnswerText(answer); }
const char* vsapi_reason_text(int32_t reason) { return ReasonText(reason); }
const char* vsapi_verdict_text(int32_t verdict) { return VerdictText(verdict); }
const char* vsapi_access_text(int32_t access) { return AccessText(access); }

void vsapi_keep_freed_memory(void) { vsapi::engine::platform::KeepFreedMemory(); }

int32_t vsapi_stamp_is_current(const vsapi_stamp* stamp, const vsapi_level* level) {
  if (stamp == nullptr || level == nullptr || !VSAPI_HAS_FIELD(level, vsapi_level, vendor))
    return 0;
  vsapi_level known = {};
  std::memcpy(&known, level, std::min<size_t>(level->struct_size, sizeof known));
  return IsCurrent(*stamp, known) ? 1 : 0;
}

int32_t vsapi_engine_create(const vsapi_engine_options* options, vsapi_engine** engine, char* error,
                            size_t error_size) {
  if (error != nullptr && error_size > 0) *error = '\0';
  if (options == nullptr || engine == nullptr ||
      !VSAPI_HAS_FIELD(options, vsapi_engine_options, context))
    return VSAPI_E_ARGUMENT;
  return Guarded([&] {
    auto made = std::make_unique<vsapi_engine>();
    std::string problem;
    try {
      made->engine = Engine::Create(ToOptions(*options), made->clock, problem);
    } catch (const std::exception& failure) {
      if (error != nullptr && error_size > 0) CopyText(failure.what(), error, error_size);
      throw;
    }
    if (error != nullptr && error_size > 0) CopyText(problem, error, error_size);
    if (!made->engine) return static_cast<int32_t>(VSAPI_E_ARGUMENT);
    *engine = made.release();
    return static_cast<int32_t>(VSAPI_OK);
  });
}

int32_t vsapi_engine_shutdown(vsapi_engine* engine, uint64_t deadline_ms) {
  return Guarded([&] {
    const bool ended =
        engine->engine->Shutdown(std::chrono::milliseconds(std::min(deadline_ms, kYearMs)));
    return static_cast<int32_t>(ended ? VSAPI_OK : VSAPI_E_TIMEOUT);
  });
}

// Threads that hang in the vendor still use the engine: then it is left in memory for ever, and
// calls its host no more.
void vsapi_engine_destroy(vsapi_engine* engine) {
  if (engine == nullptr) return;
  if (Guarded([&] { return engine->engine->Shutdown(kLastShutdown) ? 0 : 1; }) == 0) {
    delete engine;
    return;
  }
  Guarded([&] {
    engine->engine->CloseEvents();
    return 0;
  });
}

int32_t vsapi_attach(vsapi_engine* engine, const char* name, const vsapi_store_table* table,
                     void* store, uint32_t* mdb) {
  const size_t length = name == nullptr ? 0 : std::strlen(name);
  if (length < 1 || length > 63 || !IsUtf8(name) || table == nullptr || mdb == nullptr ||
      !VSAPI_HAS_FIELD(table, vsapi_store_table, release) || table->open_content == nullptr ||
      table->close_content == nullptr || table->read_stamp == nullptr || table->apply == nullptr)
    return VSAPI_E_ARGUMENT;
  return Guarded([&] {
    vsapi_store_table known = {};
    std::memcpy(&known, table, std::min<size_t>(table->struct_size, sizeof known));
    *mdb = engine->engine->Attach(name, known, store);
    return static_cast<int32_t>(VSAPI_OK);
  });
}

int32_t vsapi_detach(vsapi_engine* engine, uint32_t mdb) {
  return Guarded([&] {
    Mdb* const found = engine->engine->Find(mdb);
    if (found == nullptr) return static_cast<int32_t>(VSAPI_E_ABSENT);
    engine->engine->Detach(*found);
    return static_cast<int32_t>(VSAPI_OK);
  });
}

int32_t vsapi_flush(vsapi_engine* engine, uint32_t mdb) {
  return Guarded([&] {
    Mdb* const found = engine->engine->Find(mdb);
    if (found == nullptr) return static_cast<int32_t>(VSAPI_E_ABSENT);
    found->Flush();
    return static_cast<int32_t>(VSAPI_OK);
  });
}

int32_t vsapi_open(vsapi_engine* engine, const vsapi_item* item, const vsapi_open_options* how,
                   vsapi_decision* decision) {
  return vsapi_open_message(engine, item, 1, how, decision);
}

int32_t vsapi_open_message(vsapi_engine* engine, const vsapi_item* items, size_t count,
                           const vsapi_open_options* how, vsapi_decision* decisions) {
  Decisions filled(decisions, count);
  if (!filled.Fit()) return VSAPI_E_ARGUMENT;
  const int32_t status = Guarded([&] {
    OnDemand::How asked;
    if (!AreItems(items, count) || !TakeHow(how, asked)) return VSAPI_E_ARGUMENT;
    filled.FillBy([&](vsapi_decision* ours) {
      engine->engine->on_demand().Open(ItemSpan(items, count), asked, ours);
    });
    return VSAPI_OK;
  });
  if (status != VSAPI_OK) filled.Refuse();
  return status;
}

int32_t vsapi_open_async(vsapi_engine* engine, const vsapi_item* items, size_t count,
                         const vsapi_open_options* how, vsapi_opened opened, void* context) {
  OnDemand::How asked;
  if (!AreItems(items, count) || opened == nullptr || !TakeHow(how, asked)) return VSAPI_E_ARGUMENT;
  return Guarded([&] {
    engine->engine->on_demand().OpenAsync(ItemSpan(items, count), asked, opened, context);
    return static_cast<int32_t>(VSAPI_OK);
  });
}

int32_t vsapi_submitted(vsapi_engine* engine, const vsapi_item* item, int32_t* result) {
  if (!IsItem(item)) return VSAPI_E_ARGUMENT;
  return Guarded([&] {
    const int32_t became = engine->engine->proactive().Submitted(*item);
    if (result != nullptr) *result = became;
    return static_cast<int32_t>(VSAPI_OK);
  });
}

int32_t vsapi_reload(vsapi_engine* engine) {
  return Guarded([&] { return engine->engine->generations().Reload(); });
}

int32_t vsapi_status(vsapi_engine* engine, vsapi_status_report* report) {
  if (report == nullptr || report->struct_size < sizeof report->struct_size)
    return VSAPI_E_ARGUMENT;
  return Guarded([&] {
    vsapi_status_report full = {};
    engine->engine->FillStatus(full);
    full.struct_size = report->struct_size;
    std::memcpy(report, &full, std::min<size_t>(report->struct_size, sizeof full));
    return static_cast<int32_t>(VSAPI_OK);
  });
}

int32_t vsapi_counters(vsapi_engine* engine,
                       void(VSAPI_CALL* each)(void* context, const char* name, uint64_t value),
                       void* context) {
  if (each == nullptr) return VSAPI_E_ARGUMENT;
  return Guarded([&] {
    for (int i = 0; i < kCounters; ++i) {
      const auto counter = static_cast<Counter>(i);
      each(context, NameOf(counter), engine->engine->counters().Sum(counter));
    }
    const Histograms& times = engine->engine->histograms();
    each(context, "Queue Wait Nanoseconds", times.SumNs(Timing::kQueueWait));
    each(context, "Vendor Nanoseconds", times.SumNs(Timing::kVendorTime));
    const auto depth = engine->engine->depth();
    each(context, "Virus Scan Queue Length", depth.high + depth.low);
    each(context, "High Lane Length", depth.high);
    each(context, "Low Lane Length", depth.low);
    each(context, "Low Lane Oldest Nanoseconds", static_cast<uint64_t>(depth.oldest_low.count()));
    each(context, "Requests In Flight", engine->engine->in_flight());
    return static_cast<int32_t>(VSAPI_OK);
  });
}

int32_t vsapi_control_times(vsapi_engine* engine,
                            void(VSAPI_CALL* each)(void* context, const vsapi_vendor_times* times),
                            void* context) {
  if (each == nullptr) return VSAPI_E_ARGUMENT;
  return Guarded([&] {
    for (const vsapi_vendor_times& times : engine->engine->ControlTimes()) each(context, &times);
    return static_cast<int32_t>(VSAPI_OK);
  });
}

int32_t vsapi_faults(vsapi_engine* engine,
                     void(VSAPI_CALL* each)(void* context, const vsapi_fault* fault),
                     void* context) {
  if (each == nullptr) return VSAPI_E_ARGUMENT;
  return Guarded([&] {
    for (const Fault& fault : engine->engine->faults().all()) {
      const vsapi_fault told = {sizeof told,       fault.time_ns,      fault.vendor.c_str(),
                                fault.how.c_str(), fault.step.c_str(), fault.backtrace.c_str(),
                                fault.mdb.c_str(), fault.content,      fault.number};
      each(context, &told);
    }
    return static_cast<int32_t>(VSAPI_OK);
  });
}

int32_t vsapi_histograms(vsapi_engine* engine,
                         void(VSAPI_CALL* each)(void* context, const vsapi_histogram* histogram),
                         void* context) {
  if (each == nullptr) return VSAPI_E_ARGUMENT;
  return Guarded([&] {
    for (int timing = 0; timing < kTimings; ++timing)
      for (int32_t access = Histograms::kFirstAccess; access <= Histograms::kLastAccess; ++access)
        Tell(engine->engine->histograms(), static_cast<Timing>(timing), access, each, context);
    return static_cast<int32_t>(VSAPI_OK);
  });
}

}  // extern "C"
