/* SPDX-License-Identifier: Apache-2.0
 *
 * The C++ face of the host contract: header-only over vsapi_host.h, so that no C++ type crosses
 * libvsapi. Derive Store and Content, attach a Store, and ask:
 *
 *   vsapi::Engine engine({.settings_file = "virusscan.reg"});
 *   uint32_t mdb = engine.Attach("mailbox store", std::make_shared<MyStore>());
 *   vsapi::Decision decision = engine.Open(item);
 *
 * The asynchronous forms take any Boost.Asio completion token with the signature void(Decision) or
 * void(std::vector<Decision>): a callback, boost::asio::use_future, use_awaitable. They complete on
 * the handler's associated executor (system_executor if it has none). Its context must outlive the
 * Engine, whose thread may still be letting go of it when the handler runs.
 *
 * Thread safety: distinct objects are independent; one Engine may be used by any number of threads.
 * Errors: constructing and attaching throw vsapi::Error; asking never throws but std::bad_alloc, it
 * answers "unavailable". What a Store throws counts as VSAPI_E_INTERNAL. */
#ifndef VSAPI_HOST_ENGINE_H_
#define VSAPI_HOST_ENGINE_H_

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/execution.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "vsapi_host.h"

namespace vsapi {

using Decision = vsapi_decision;
using Digest = vsapi_digest;
using Event = vsapi_event;
using Item = vsapi_item;
using Level = vsapi_level;
using Outcome = vsapi_outcome;
using StalePage = vsapi_stale_page;
using Stamp = vsapi_stamp;
using Status = vsapi_status_report;
using Trace = vsapi_trace;
using VendorTimes = vsapi_vendor_times;

/* What the engine refused and why; `code()` is a vsapi_status. */
class Error : public std::runtime_error {
 public:
  Error(int32_t code, const std::string& text) : std::runtime_error(text), code_(code) {}
  int32_t code() const { return code_; }

 private:
  int32_t code_;
};

/* A time that a vendor brought down, or kept, who ran it; see vsapi_fault. */
struct Fault {
  int64_t time_ns = 0;
  std::string vendor, how, step, backtrace, mdb;
  vsapi_digest digest = {};
  uint64_t number = 0;
};

/* How long something took, for one access class; see vsapi_histogram. */
struct Histogram {
  struct Bucket {
    uint64_t up_to_ns;
    uint64_t count;
  };

  std::string name;
  int32_t access = 0;
  uint64_t sum_ns = 0;
  std::vector<Bucket> buckets = {};
};

/* One content opened for reading. Used by one thread at a time; destroyed by the engine. */
class Content {
 public:
  virtual ~Content() = default;
  virtual uint64_t size() const = 0;
  /* All of it in memory for the life of this object, or nullptr: then Read is called. */
  virtual const void* data() const { return nullptr; }
  /* As vsapi_scan_request_calls.read. */
  virtual int32_t Read(uint64_t /*offset*/, void* /*buffer*/, size_t /*size*/, size_t* /*got*/) {
    return VSAPI_E_READ_FAILED;
  }
  /* As vsapi_scan_request_calls.property. */
  virtual int32_t Property(uint32_t /*id*/, uint32_t /*index*/, vsapi_value* /*value*/) {
    return VSAPI_E_ABSENT;
  }
};

/* Where content is read from. */
class Reader {
 public:
  virtual ~Reader() = default;
  virtual int32_t OpenContent(const Item& item, std::unique_ptr<Content>& content) = 0;
};

/* The host's side of an MDB; see vsapi_store_table for what each function must do and on which
 * threads it is called. */
class Store : public Reader {
 public:
  virtual int32_t ReadStamp(const Item& item, Stamp& stamp) = 0;
  virtual int32_t Apply(std::span<Outcome> outcomes) = 0;
  /* A store without it is not scanned in the background. */
  virtual int32_t NextStale(const Level& /*level*/, StalePage& /*page*/) { return VSAPI_E_ABSENT; }
};

struct Options {
  std::string settings_file = {};
  std::string state_folder = {};
  std::string server = {};
  std::vector<std::pair<std::string, std::string>> settings =
      {}; /* name, value: rule over the file */
  std::function<void(const Event&)> on_event = {};
};

struct OpenOptions {
  int32_t access = VSAPI_ACCESS_ON_DEMAND;
  std::chrono::milliseconds timeout{0}; /* zero: the setting ScanTimeout */
  std::span<Trace> traces = {}; /* one for each item, valid until the answer is there; or none;
                                   another number throws Error */
  /* Who asks, and by which protocol; nullptr: not known. Valid until the asking has begun: of a
   * coroutine, until it waits. No std::string: gcc 12 moves temporaries of a coroutine by their
   * bytes. */
  const char* client = nullptr;
  const char* user = nullptr;
};

/* A message on its way; see vsapi_message. */
struct Message {
  std::shared_ptr<Reader> reader = {};
  std::vector<Item> parts = {};
  std::string message_id = {};
};

/* As vsapi_submission_options; `client`, `user` and `traces` as in OpenOptions. */
struct SubmissionOptions {
  int32_t access = VSAPI_ACCESS_TRANSPORT;
  bool bulk = false;
  bool outgoing = false;
  std::chrono::milliseconds timeout{0};
  uint32_t tries = 0;
  const char* client = nullptr;
  const char* user = nullptr;
  std::span<Trace> traces = {};
};

/* As vsapi_part_decision and vsapi_message_decision. */
struct PartDecision {
  int32_t answer = VSAPI_ANSWER_UNAVAILABLE;
  int32_t reason = VSAPI_REASON_FAILED;
  int32_t verdict = VSAPI_VERDICT_NONE;
  int32_t action = VSAPI_ACTION_STAMP;
  std::string replacement = {};
  Stamp stamp = {};
  std::string finding = {};
};
struct MessageDecision {
  int32_t answer = VSAPI_MESSAGE_DEFER;
  uint32_t code = 0x480;
  int32_t reason = VSAPI_REASON_FAILED;
  int32_t verdict = VSAPI_VERDICT_NONE;
  std::string finding = {};
  std::chrono::milliseconds retry_after{60'000};
  bool given_up = false;
  size_t decided_by = 0;
  std::vector<PartDecision> parts = {};
};

namespace detail {

/* Nothing is thrown across the border. */
template <class Call>
int32_t Guarded(Call call) noexcept {
  try {
    return call();
  } catch (const std::bad_alloc&) {
    return VSAPI_E_NO_MEMORY;
  } catch (...) {
    return VSAPI_E_INTERNAL;
  }
}

/* `Source` is a Reader that the engine holds by a shared_ptr of its own. */
template <class Source>
struct ReaderAdapter {
  static Source& Of(void* source) { return **static_cast<std::shared_ptr<Source>*>(source); }
  static Content& Of(vsapi_content* content) { return *static_cast<Content*>(content->handle); }

  static int32_t VSAPI_CALL Open(void* store, const vsapi_item* item, vsapi_content* content) {
    return Guarded([&] {
      std::unique_ptr<Content> opened;
      const int32_t status = Of(store).OpenContent(*item, opened);
      if (status != VSAPI_OK) return status;
      if (!opened) return static_cast<int32_t>(VSAPI_E_CONTRACT);
      content->size = opened->size();
      content->data = opened->data();
      content->handle = opened.release();
      return static_cast<int32_t>(VSAPI_OK);
    });
  }
  static int32_t VSAPI_CALL Read(void*, vsapi_content* content, uint64_t offset, void* buffer,
                                 size_t size, size_t* got) {
    return Guarded([&] { return Of(content).Read(offset, buffer, size, got); });
  }
  static int32_t VSAPI_CALL Property(void*, vsapi_content* content, uint32_t id, uint32_t index,
                                     vsapi_value* value) {
    return Guarded([&] { return Of(content).Property(id, index, value); });
  }
  static void VSAPI_CALL Close(void*, vsapi_content* content) { delete &Of(content); }
  static void VSAPI_CALL Release(void* source) {
    delete static_cast<std::shared_ptr<Source>*>(source);
  }
};

struct MessageAdapter : ReaderAdapter<Reader> {
  static constexpr vsapi_store_table kTable = {
      sizeof(vsapi_store_table), Open, Read, Property, Close, nullptr, nullptr, Release, nullptr};
};

struct StoreAdapter : ReaderAdapter<Store> {
  using ReaderAdapter<Store>::Of;
  static int32_t VSAPI_CALL ReadStamp(void* store, const vsapi_item* item, vsapi_stamp* stamp) {
    return Guarded([&] { return Of(store).ReadStamp(*item, *stamp); });
  }
  static int32_t VSAPI_CALL Apply(void* store, vsapi_outcome* outcomes, size_t count) {
    return Guarded([&] {
      if (count == 0 || outcomes->struct_size == sizeof(Outcome))
        return Of(store).Apply({outcomes, count});
      /* An engine of a later version knows more fields: as many as we know, side by side. */
      std::vector<Outcome> known(count);
      for (size_t i = 0; i < count; ++i) known[i] = *VSAPI_AT(Outcome, outcomes, i);
      const int32_t status = Of(store).Apply(known);
      for (size_t i = 0; i < count; ++i) VSAPI_AT(Outcome, outcomes, i)->result = known[i].result;
      return status;
    });
  }
  static int32_t VSAPI_CALL NextStale(void* store, const vsapi_level* level,
                                      vsapi_stale_page* page) {
    return Guarded([&] {
      if (page->room == 0 || page->items->struct_size == sizeof(Item))
        return Of(store).NextStale(*level, *page);
      /* An engine of a later version knows more fields, as in Apply. */
      std::vector<Item> known(page->room);
      for (size_t i = 0; i < page->room; ++i) {
        known[i] = *VSAPI_AT(Item, page->items, i);
        known[i].struct_size = sizeof(Item);
      }
      StalePage filled = *page;
      filled.items = known.data();
      const int32_t status = Of(store).NextStale(*level, filled);
      for (size_t i = 0; i < filled.count; ++i) {
        Item* const to = VSAPI_AT(Item, page->items, i);
        known[i].struct_size = to->struct_size;
        *to = known[i];
      }
      page->cursor = filled.cursor;
      page->count = filled.count;
      page->messages = filled.messages;
      page->folders = filled.folders;
      return status;
    });
  }

  static constexpr vsapi_store_table kTable = {
      sizeof(vsapi_store_table), Open, Read, Property, Close, ReadStamp, Apply, Release, NextStale};
};

inline Trace* ToC(std::span<Trace> traces, size_t items) {
  if (traces.empty()) return nullptr;
  if (traces.size() != items)
    throw Error(VSAPI_E_ARGUMENT, "OpenOptions::traces: one is needed for each item");
  for (Trace& trace : traces) trace.struct_size = sizeof trace;
  return traces.data();
}

inline vsapi_open_options ToC(const OpenOptions& how, size_t items) {
  return {sizeof(vsapi_open_options), how.access, static_cast<uint64_t>(how.timeout.count()),
          ToC(how.traces, items),     how.client, how.user};
}

inline vsapi_submission_options ToC(const SubmissionOptions& how, size_t parts) {
  return {sizeof(vsapi_submission_options),
          how.access,
          how.bulk,
          how.outgoing,
          static_cast<uint64_t>(how.timeout.count()),
          how.tries,
          how.client,
          how.user,
          ToC(how.traces, parts)};
}

inline PartDecision ToCpp(const vsapi_part_decision& part) {
  return {part.answer,
          part.reason,
          part.verdict,
          part.action,
          {static_cast<const char*>(part.replacement), part.replacement_size},
          part.stamp,
          part.finding};
}

inline MessageDecision ToCpp(const vsapi_message_decision& from) {
  MessageDecision to{from.answer,        from.code,
                     from.reason,        from.verdict,
                     from.finding,       std::chrono::milliseconds(from.retry_after_ms),
                     from.given_up != 0, from.decided_by};
  for (size_t i = 0; i < from.part_count; ++i)
    to.parts.push_back(ToCpp(*VSAPI_AT(const vsapi_part_decision, from.parts, i)));
  return to;
}

/* One completion handler on its way through the C interface: keeps its executor busy, and is
 * posted there with what `Shape` makes of the decisions. */
template <class Handler, class Shape>
class Completion {
 public:
  explicit Completion(Handler&& handler)
      : handler_(std::move(handler)),
        executor_(Tracked(boost::asio::get_associated_executor(handler_))) {}

  static void VSAPI_CALL Opened(void* context, const vsapi_decision* decisions, size_t count) {
    Complete(context, Shape{}(decisions, count));
  }
  static void VSAPI_CALL Judged(void* context, const vsapi_message_decision* decision) {
    Complete(context, ToCpp(*decision));
  }
  template <class Result>
  static void Complete(void* context, Result result) {
    std::unique_ptr<Completion> self(static_cast<Completion*>(context));
    auto executor = self->executor_;
    boost::asio::post(executor,
                      [handler = std::move(self->handler_), result = std::move(result)]() mutable {
                        std::move(handler)(std::move(result));
                      });
  }

 private:
  template <class Executor>
  static auto Tracked(const Executor& executor) {
    return boost::asio::prefer(executor, boost::asio::execution::outstanding_work.tracked);
  }

  Handler handler_;
  decltype(Tracked(boost::asio::get_associated_executor(std::declval<Handler&>()))) executor_;
};

struct OneDecision {
  Decision operator()(const vsapi_decision* decisions, size_t) const { return decisions[0]; }
};
struct AllDecisions {
  std::vector<Decision> operator()(const vsapi_decision* decisions, size_t count) const {
    std::vector<Decision> all(count);
    for (size_t i = 0; i < count; ++i) all[i] = *VSAPI_AT(const Decision, decisions, i);
    return all;
  }
};

}  // namespace detail

class Engine {
 public:
  explicit Engine(const Options& options)
      : engine_(nullptr, Destroy{std::make_unique<EventHandler>(options.on_event)}) {
    std::vector<vsapi_setting> settings;
    for (const auto& [name, value] : options.settings)
      settings.push_back({name.c_str(), value.c_str()});
    vsapi_engine_options c = {};
    c.struct_size = sizeof c;
    if (!options.settings_file.empty()) c.settings_file = options.settings_file.c_str();
    if (!options.state_folder.empty()) c.state_folder = options.state_folder.c_str();
    if (!options.server.empty()) c.server = options.server.c_str();
    c.settings = settings.data();
    c.setting_count = settings.size();
    if (options.on_event) {
      c.on_event = OnEvent;
      c.context = engine_.get_deleter().on_event.get();
    }
    char text[512] = "";
    vsapi_engine* engine = nullptr;
    const int32_t status = vsapi_engine_create(&c, &engine, text, sizeof text);
    if (status != VSAPI_OK) throw Error(status, text);
    engine_.reset(engine);
  }

  /* Attaches an MDB; returns the number to put into its items. */
  uint32_t Attach(const std::string& name, std::shared_ptr<Store> store) {
    auto owned = std::make_unique<std::shared_ptr<Store>>(std::move(store));
    uint32_t mdb = 0;
    const int32_t status =
        vsapi_attach(get(), name.c_str(), &detail::StoreAdapter::kTable, owned.get(), &mdb);
    if (status != VSAPI_OK) throw Error(status, "cannot attach the MDB \"" + name + "\"");
    owned.release();
    return mdb;
  }
  void Detach(uint32_t mdb) { vsapi_detach(get(), mdb); }
  void Flush(uint32_t mdb) { vsapi_flush(get(), mdb); }

  Decision Open(const Item& item, const OpenOptions& how = {}) {
    Decision decision = Unavailable();
    const vsapi_open_options c = detail::ToC(how, 1);
    vsapi_open(get(), &item, &c, &decision);
    return decision;
  }

  /* All parts of a message in parallel: one wait, one deadline. */
  std::vector<Decision> OpenMessage(std::span<const Item> items, const OpenOptions& how = {}) {
    std::vector<Decision> decisions(items.size(), Unavailable());
    const vsapi_open_options c = detail::ToC(how, items.size());
    vsapi_open_message(get(), items.data(), items.size(), &c, decisions.data());
    return decisions;
  }

  template <class Token>
  auto AsyncOpen(const Item& item, Token&& token, const OpenOptions& how = {}) {
    return boost::asio::async_initiate<Token, void(Decision)>(
        [](auto handler, Engine* engine, Item one, OpenOptions with) {
          engine->Start<detail::OneDecision>(std::move(handler), {&one, 1}, with);
        },
        token, this, item, how);
  }

  template <class Token>
  auto AsyncOpenMessage(std::vector<Item> items, Token&& token, const OpenOptions& how = {}) {
    return boost::asio::async_initiate<Token, void(std::vector<Decision>)>(
        [](auto handler, Engine* engine, std::vector<Item> all, OpenOptions with) {
          engine->Start<detail::AllDecisions>(std::move(handler), all, with);
        },
        token, this, std::move(items), how);
  }

  /* New in the store; returns VSAPI_SUBMITTED_... */
  int32_t Submitted(const Item& item) {
    int32_t result = VSAPI_SUBMITTED_OFF;
    vsapi_submitted(get(), &item, &result);
    return result;
  }

  /* What is to become of a message on its way? */
  MessageDecision OnSubmission(const Message& message, const SubmissionOptions& how = {}) {
    MessageDecision decision;
    Submit(vsapi_on_submission, message, how, CopyDecision, &decision);
    return decision;
  }

  /* Any completion token with the signature void(MessageDecision). */
  template <class Token>
  auto AsyncOnSubmission(Message message, Token&& token, const SubmissionOptions& how = {}) {
    return boost::asio::async_initiate<Token, void(MessageDecision)>(
        [](auto handler, Engine* engine, Message one, SubmissionOptions with) {
          engine->StartSubmission(std::move(handler), one, with);
        },
        token, this, std::move(message), how);
  }

  /* Builds a new generation of the vendor; false if the old one serves on (the events say why). */
  bool Reload() { return vsapi_reload(get()) == VSAPI_OK; }

  vsapi::Status Status() {
    vsapi::Status report = {};
    report.struct_size = sizeof report;
    vsapi_status(get(), &report);
    return report;
  }

  std::vector<std::pair<std::string, uint64_t>> Counters() {
    std::vector<std::pair<std::string, uint64_t>> counters;
    vsapi_counters(
        get(),
        [](void* context, const char* name, uint64_t value) {
          static_cast<decltype(counters)*>(context)->emplace_back(name, value);
        },
        &counters);
    return counters;
  }

  /* By kind of control call, in the order of a vendor's life. */
  std::vector<vsapi::VendorTimes> VendorTimes() {
    std::vector<vsapi::VendorTimes> all;
    const auto add = [](void* context, const vsapi_vendor_times* times) {
      static_cast<decltype(all)*>(context)->push_back(*times);
    };
    vsapi_control_times(get(), add, &all);
    return all;
  }

  /* The last times that a vendor brought down, or kept, who ran it; the oldest first. */
  std::vector<Fault> Faults() {
    std::vector<Fault> faults;
    const auto add = [](void* context, const vsapi_fault* fault) {
      static_cast<decltype(faults)*>(context)->push_back({fault->time_ns, fault->vendor, fault->how,
                                                          fault->step, fault->backtrace, fault->mdb,
                                                          fault->digest, fault->number});
    };
    vsapi_faults(get(), add, &faults);
    return faults;
  }

  std::vector<Histogram> Histograms() {
    std::vector<Histogram> histograms;
    vsapi_histograms(
        get(),
        [](void* context, const vsapi_histogram* each) {
          Histogram histogram{each->name, each->access, each->sum_ns};
          for (size_t i = 0; i < each->bucket_count; ++i)
            histogram.buckets.push_back({each->up_to_ns[i], each->counts[i]});
          static_cast<decltype(histograms)*>(context)->push_back(std::move(histogram));
        },
        &histograms);
    return histograms;
  }

  /* False if threads were left hanging in the vendor. */
  bool Shutdown(std::chrono::milliseconds deadline) {
    deadline = std::max(deadline, std::chrono::milliseconds(0));
    return vsapi_engine_shutdown(get(), static_cast<uint64_t>(deadline.count())) == VSAPI_OK;
  }

  vsapi_engine* get() { return engine_.get(); }

 private:
  using EventHandler = std::function<void(const Event&)>;

  static void VSAPI_CALL OnEvent(void* context, const vsapi_event* event) {
    detail::Guarded([&] {
      (*static_cast<EventHandler*>(context))(*event);
      return static_cast<int32_t>(VSAPI_OK);
    });
  }

  static Decision Unavailable() {
    Decision decision = {};
    decision.struct_size = sizeof decision;
    decision.answer = VSAPI_ANSWER_UNAVAILABLE;
    decision.code = 0x480;
    return decision;
  }

  template <class Shape, class Handler>
  void Start(Handler handler, std::span<const Item> items, const OpenOptions& how) {
    using Completion = detail::Completion<Handler, Shape>;
    const vsapi_open_options c = detail::ToC(how, items.size());
    auto completion = std::make_unique<Completion>(std::move(handler));
    const int32_t status = vsapi_open_async(get(), items.data(), items.size(), &c,
                                            Completion::Opened, completion.get());
    Completion* given = completion.release();
    if (status == VSAPI_OK) return;
    const std::vector<Decision> refused(items.size(), Unavailable());
    Completion::Opened(given, refused.data(), refused.size());
  }

  static void VSAPI_CALL CopyDecision(void* context, const vsapi_message_decision* decision) {
    detail::Guarded([&] {
      *static_cast<MessageDecision*>(context) = detail::ToCpp(*decision);
      return static_cast<int32_t>(VSAPI_OK);
    });
  }

  /* False: it was not taken, and `judged` is not called. */
  bool Submit(decltype(vsapi_on_submission)* submit, const Message& message,
              const SubmissionOptions& how, vsapi_message_judged judged, void* context) {
    auto owned = std::make_unique<std::shared_ptr<Reader>>(message.reader);
    const vsapi_message c = {sizeof c,
                             &detail::MessageAdapter::kTable,
                             owned.get(),
                             message.parts.data(),
                             message.parts.size(),
                             message.message_id.c_str()};
    const vsapi_submission_options options = detail::ToC(how, message.parts.size());
    if (submit(get(), &c, &options, judged, context) != VSAPI_OK) return false;
    owned.release();
    return true;
  }

  template <class Handler>
  void StartSubmission(Handler handler, const Message& message, const SubmissionOptions& how) {
    using Completion = detail::Completion<Handler, detail::OneDecision>;
    auto completion = std::make_unique<Completion>(std::move(handler));
    const bool taken =
        Submit(vsapi_on_submission_async, message, how, Completion::Judged, completion.get());
    Completion* const given = completion.release();
    if (!taken) Completion::Complete(given, MessageDecision{});
  }

  /* The handler outlives the engine, which calls it; and where the engine leaves something behind,
   * that may be in the handler for ever. */
  struct Destroy {
    std::unique_ptr<EventHandler> on_event;
    void operator()(vsapi_engine* engine) {
      constexpr uint64_t kDeadlineMs = 10000;
      if (vsapi_engine_shutdown(engine, kDeadlineMs) != VSAPI_OK)
        static_cast<void>(on_event.release());
      vsapi_engine_destroy(engine);
    }
  };
  std::unique_ptr<vsapi_engine, Destroy> engine_;
};

}  // namespace vsapi

#endif /* VSAPI_HOST_ENGINE_H_ */
