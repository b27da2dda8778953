/* SPDX-License-Identifier: Apache-2.0
 *
 * A whole host in plain C: a store of a few texts in memory, opened in every way that the contract
 * knows. Proves that the contract needs no C++, and that its functions check what they are given.
 *
 * usage: host_in_c_test VENDOR   exits with 1 and says which line was not as expected */
#include <openssl/sha.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>
#include <vsapi/host/vsapi_host.h>

#define EXPECT(condition)                                                              \
  do {                                                                                 \
    if (!(condition)) {                                                                \
      fprintf(stderr, "%s:%d: not as expected: %s\n", __FILE__, __LINE__, #condition); \
      exit(1);                                                                         \
    }                                                                                  \
  } while (0)

/* ---- The store --------------------------------------------------------------------------------
 */

enum { ROWS = 4 };
enum { CLEAN, INFECTED, ALSO_CLEAN, NEW };

typedef struct row {
  const char* text;
  vsapi_stamp stamp;
} row;

typedef struct store {
  pthread_mutex_t lock; /* of the stamps */
  row rows[ROWS];
  atomic_int opened, closed, applied, released;
} store;

static row* row_of(store* self, const vsapi_item* item) {
  return item->key.size == 1 && item->key.bytes[0] < ROWS ? &self->rows[item->key.bytes[0]] : NULL;
}

static int32_t open_content(void* self, const vsapi_item* item, vsapi_content* content) {
  const row* const found = row_of(self, item);
  if (found == NULL) return VSAPI_E_GONE;
  content->size = strlen(found->text);
  content->handle = (void*)found;
  ++((store*)self)->opened;
  return VSAPI_OK;
}

/* A byte at a time: short reads are legal. */
static int32_t read_content(void* self, vsapi_content* content, uint64_t offset, void* buffer,
                            size_t size, size_t* got) {
  (void)self;
  *got = offset < content->size && size > 0 ? 1 : 0;
  if (*got == 1) *(char*)buffer = ((const row*)content->handle)->text[offset];
  return VSAPI_OK;
}

static void close_content(void* self, vsapi_content* content) {
  (void)content;
  ++((store*)self)->closed;
}

static int32_t read_stamp(void* self, const vsapi_item* item, vsapi_stamp* stamp) {
  (void)self, (void)item, (void)stamp; /* the item's own is always the newest here */
  return VSAPI_OK;
}

static int32_t apply(void* self, vsapi_outcome* outcomes, size_t count) {
  store* const to = self;
  pthread_mutex_lock(&to->lock);
  for (size_t i = 0; i < count; ++i) {
    vsapi_outcome* const outcome = VSAPI_AT(vsapi_outcome, outcomes, i);
    row* const found = row_of(self, outcome->item);
    outcome->result = found == NULL ? VSAPI_E_GONE : VSAPI_OK;
    if (found != NULL) found->stamp = outcome->stamp;
    ++to->applied;
  }
  pthread_mutex_unlock(&to->lock);
  return VSAPI_OK;
}

static void release(void* self) { ++((store*)self)->released; }

static const vsapi_store_table TABLE = {sizeof TABLE, open_content,  read_content,
                                        NULL,         close_content, read_stamp,
                                        apply,        release,       NULL};

static vsapi_item item_of(store* self, uint32_t mdb, uint8_t which) {
  vsapi_item item;
  const row* const found = &self->rows[which];
  memset(&item, 0, sizeof item);
  item.struct_size = sizeof item;
  item.mdb = mdb;
  item.kind = VSAPI_ITEM_BODY;
  item.size = strlen(found->text);
  item.key.size = 1;
  item.key.bytes[0] = which;
  pthread_mutex_lock(&self->lock);
  item.stamp = found->stamp;
  pthread_mutex_unlock(&self->lock);
  SHA256((const unsigned char*)found->text, strlen(found->text), item.digest.bytes);
  return item;
}

/* ---- What the engine calls back ---------------------------------------------------------------
 */

static void on_event(void* context, const vsapi_event* event) {
  EXPECT(event->struct_size == sizeof *event && event->text != NULL && event->category != NULL);
  ++*(atomic_int*)context;
}

typedef struct answer {
  atomic_int calls;
  vsapi_decision decisions[2];
} answer;

static void opened(void* context, const vsapi_decision* decisions, size_t count) {
  answer* const to = context;
  EXPECT(count == 2);
  for (size_t i = 0; i < 2; ++i) to->decisions[i] = *VSAPI_AT(const vsapi_decision, decisions, i);
  ++to->calls;
}

static void count_scans(void* context, const char* name, uint64_t value) {
  if (strcmp(name, "Virus Scan Files Scanned") == 0) *(uint64_t*)context = value;
}

static uint64_t scans(vsapi_engine* engine) {
  uint64_t value = UINT64_MAX;
  EXPECT(vsapi_counters(engine, count_scans, &value) == VSAPI_OK);
  return value;
}

static void sum_waits(void* context, const vsapi_histogram* histogram) {
  if (strcmp(histogram->name, "Total Wait") != 0) return;
  EXPECT(histogram->up_to_ns[histogram->bucket_count - 1] == UINT64_MAX);
  for (size_t i = 0; i < histogram->bucket_count; ++i) *(uint64_t*)context += histogram->counts[i];
}

static uint64_t waits(vsapi_engine* engine) {
  uint64_t sum = 0;
  EXPECT(vsapi_histograms(engine, NULL, &sum) == VSAPI_E_ARGUMENT);
  EXPECT(vsapi_histograms(engine, sum_waits, &sum) == VSAPI_OK);
  return sum;
}

/* ---- The host
 * ------------------------------------------------------------------------------------ */

static vsapi_decision no_decision(void) {
  vsapi_decision decision = {0};
  decision.struct_size = sizeof decision;
  return decision;
}

static void opens_one(vsapi_engine* engine, store* self, uint32_t mdb) {
  vsapi_decision decision = no_decision();
  vsapi_item item = item_of(self, mdb, CLEAN);
  EXPECT(vsapi_open(engine, &item, NULL, &decision) == VSAPI_OK);
  EXPECT(decision.struct_size == sizeof decision);
  EXPECT(decision.answer == VSAPI_ANSWER_ALLOW && decision.reason == VSAPI_REASON_SCANNED);
  EXPECT(decision.verdict == VSAPI_VERDICT_CLEAN && decision.code == 0);

  EXPECT(vsapi_flush(engine, mdb) == VSAPI_OK);
  item = item_of(self, mdb, CLEAN); /* read again: now with its stamp */
  const uint64_t before = scans(engine);
  const uint64_t waits_before = waits(engine);
  EXPECT(waits_before > 0);
  vsapi_trace trace = {0};
  trace.struct_size = sizeof trace;
  vsapi_open_options how = {0};
  how.struct_size = sizeof how;
  how.access = VSAPI_ACCESS_ON_DEMAND;
  EXPECT(vsapi_open(engine, &item, &how, &decision) == VSAPI_OK);
  EXPECT(decision.answer == VSAPI_ANSWER_ALLOW && decision.reason == VSAPI_REASON_STAMP);
  EXPECT(scans(engine) == before && waits(engine) == waits_before);
  how.traces = &trace;
  EXPECT(vsapi_open(engine, &item, &how, &decision) == VSAPI_OK);
  EXPECT(trace.called_ns == VSAPI_NEVER && trace.released_ns >= 0);
}

static void opens_a_message(vsapi_engine* engine, store* self, uint32_t mdb) {
  const vsapi_item items[2] = {item_of(self, mdb, ALSO_CLEAN), item_of(self, mdb, INFECTED)};
  const vsapi_open_options how = {.struct_size = sizeof how,
                                  .access = VSAPI_ACCESS_ON_DEMAND,
                                  .timeout_ms = 60000,
                                  .client = "imap"};
  vsapi_decision decisions[2] = {no_decision()}; /* the first one's size is that of all */
  EXPECT(vsapi_open_message(engine, items, 2, &how, decisions) == VSAPI_OK);
  EXPECT(decisions[0].answer == VSAPI_ANSWER_ALLOW);
  EXPECT(decisions[1].answer == VSAPI_ANSWER_DENY_INFECTED && decisions[1].code == 0x50B);
  EXPECT(strcmp(decisions[1].finding, "Worm.Test") == 0);
}

static void opens_later(vsapi_engine* engine, store* self, uint32_t mdb) {
  const vsapi_item items[2] = {item_of(self, mdb, INFECTED), item_of(self, mdb, CLEAN)};
  answer got = {0};
  EXPECT(vsapi_open_async(engine, items, 2, NULL, opened, &got) == VSAPI_OK);
  while (got.calls == 0) thrd_yield();
  EXPECT(got.decisions[0].answer == VSAPI_ANSWER_DENY_INFECTED);
  EXPECT(got.decisions[1].answer == VSAPI_ANSWER_ALLOW);
  EXPECT(got.calls == 1);
}

/* An older host knows options that end before who asks; what stands behind them is not read. */
static void opens_for_an_older_host(vsapi_engine* engine, store* self, uint32_t mdb) {
  const vsapi_item items[2] = {item_of(self, mdb, INFECTED), item_of(self, mdb, CLEAN)};
  const vsapi_open_options how = {.struct_size = offsetof(vsapi_open_options, client),
                                  .access = VSAPI_ACCESS_ON_DEMAND,
                                  .timeout_ms = 60000,
                                  .client = (const char*)1,
                                  .user = (const char*)1};
  answer got = {0};
  EXPECT(vsapi_open_async(engine, items, 2, &how, opened, &got) == VSAPI_OK);
  while (got.calls == 0) thrd_yield();
  EXPECT(got.decisions[1].answer == VSAPI_ANSWER_ALLOW);
}

/* A younger host knows an item that is longer than the engine's. */
typedef struct longer_item {
  vsapi_item item;
  uint64_t what_the_engine_does_not_know[3];
} longer_item;

static void opens_longer_items(vsapi_engine* engine, store* self, uint32_t mdb) {
  longer_item items[3];
  vsapi_decision decisions[3] = {no_decision()};
  const uint8_t which[3] = {CLEAN, INFECTED, ALSO_CLEAN};
  for (int i = 0; i < 3; ++i) {
    memset(&items[i], 0xFF, sizeof items[i]);
    items[i].item = item_of(self, mdb, which[i]);
    items[i].item.struct_size = sizeof items[i];
  }
  EXPECT(vsapi_open_message(engine, &items[0].item, 3, NULL, decisions) == VSAPI_OK);
  EXPECT(decisions[0].answer == VSAPI_ANSWER_ALLOW);
  EXPECT(decisions[1].answer == VSAPI_ANSWER_DENY_INFECTED);
  EXPECT(decisions[2].answer == VSAPI_ANSWER_ALLOW);
}

/* A younger host knows a decision that is longer, too. */
typedef struct longer_decision {
  vsapi_decision decision;
  uint64_t what_the_engine_does_not_know[3];
} longer_decision;

static void fills_longer_decisions(vsapi_engine* engine, store* self, uint32_t mdb) {
  const vsapi_item items[2] = {item_of(self, mdb, CLEAN), item_of(self, mdb, INFECTED)};
  longer_decision longer[2];
  memset(longer, 0x55, sizeof longer);
  longer[0].decision.struct_size = sizeof longer[0];
  EXPECT(vsapi_open_message(engine, items, 2, NULL, &longer[0].decision) == VSAPI_OK);
  EXPECT(longer[0].decision.answer == VSAPI_ANSWER_ALLOW);
  EXPECT(longer[1].decision.answer == VSAPI_ANSWER_DENY_INFECTED);
  EXPECT(longer[1].decision.struct_size == sizeof longer[1]);
  EXPECT(longer[0].what_the_engine_does_not_know[0] == 0x5555555555555555);
  EXPECT(vsapi_open_message(engine, items, 0, NULL, &longer[0].decision) == VSAPI_E_ARGUMENT);
}

static void submits(vsapi_engine* engine, store* self, uint32_t mdb) {
  vsapi_item item = item_of(self, mdb, NEW);
  vsapi_decision decision = no_decision();
  int32_t result = 0;
  EXPECT(vsapi_submitted(engine, &item, &result) == VSAPI_OK);
  EXPECT(result == VSAPI_SUBMITTED_QUEUED);
  EXPECT(vsapi_submitted(engine, &item, NULL) == VSAPI_OK);
  EXPECT(vsapi_open(engine, &item, NULL, &decision) == VSAPI_OK);
  EXPECT(decision.answer == VSAPI_ANSWER_ALLOW);
  EXPECT(vsapi_flush(engine, mdb) == VSAPI_OK);
  item = item_of(self, mdb, NEW);
  EXPECT(vsapi_submitted(engine, &item, &result) == VSAPI_OK);
  EXPECT(result == VSAPI_SUBMITTED_CURRENT);
}

static void VSAPI_CALL notes_starts(void* context, const vsapi_vendor_times* times) {
  EXPECT(times->struct_size == sizeof *times);
  EXPECT(times->longest_ns >= times->last_ns);
  if (strcmp(times->call, "start") == 0) *(uint64_t*)context = times->calls;
}

static void looks_at_it(vsapi_engine* engine) {
  vsapi_status_report report = {0};
  report.struct_size = sizeof report;
  EXPECT(vsapi_status(engine, &report) == VSAPI_OK);
  EXPECT(report.enabled && report.serving && report.threads > 0);
  EXPECT(strcmp(report.vendor, "GoodVendor") == 0);
  EXPECT(report.processors > 0 && report.threads_by >= VSAPI_THREADS_BY_AFFINITY);
  const uint64_t generation = report.generation;
  EXPECT(vsapi_reload(engine) == VSAPI_OK);
  EXPECT(vsapi_status(engine, &report) == VSAPI_OK);
  EXPECT(report.generation > generation);
  uint64_t starts = 0;
  EXPECT(vsapi_control_times(engine, notes_starts, &starts) == VSAPI_OK && starts == 2);
  EXPECT(vsapi_control_times(engine, NULL, NULL) == VSAPI_E_ARGUMENT);
  EXPECT(vsapi_faults(engine, NULL, NULL) == VSAPI_E_ARGUMENT);

  /* An older host knows less of it. */
  memset(&report, 0xAA, sizeof report);
  report.struct_size = offsetof(vsapi_status_report, threads);
  EXPECT(vsapi_status(engine, &report) == VSAPI_OK);
  EXPECT(report.enabled == 1 && report.threads == 0xAAAAAAAA);

  EXPECT(strcmp(vsapi_answer_text(VSAPI_ANSWER_ALLOW), "allow") == 0);
  EXPECT(vsapi_answer_text(99) != NULL && vsapi_reason_text(99) != NULL &&
         vsapi_verdict_text(99) != NULL);
}

static void knows_what_is_current(vsapi_engine* engine, store* self, uint32_t mdb) {
  vsapi_status_report report = {0};
  report.struct_size = sizeof report;
  EXPECT(vsapi_status(engine, &report) == VSAPI_OK);
  vsapi_level level = {0};
  level.struct_size = sizeof level;
  level.version = report.version;
  level.definitions = report.definitions;
  memcpy(level.vendor, report.vendor, sizeof level.vendor);
  const vsapi_item item = item_of(self, mdb, CLEAN);
  const vsapi_stamp never = {0};
  EXPECT(vsapi_stamp_is_current(&item.stamp, &level) == 1);
  EXPECT(vsapi_stamp_is_current(&never, &level) == 0);
  level.since_generation = item.stamp.generation;
  EXPECT(vsapi_stamp_is_current(&item.stamp, &level) == 1);
  ++level.since_generation;
  EXPECT(vsapi_stamp_is_current(&item.stamp, &level) == 0);
  level.struct_size = offsetof(vsapi_level, since_generation); /* a host that does not know it */
  EXPECT(vsapi_stamp_is_current(&item.stamp, &level) == 1);
  level.version = item.stamp.version + 1;
  EXPECT(vsapi_stamp_is_current(&item.stamp, &level) == 0);
  EXPECT(vsapi_stamp_is_current(NULL, &level) == 0);
  EXPECT(vsapi_stamp_is_current(&item.stamp, NULL) == 0);
}

/* A host that was built before background scanning has a shorter table. */
static void takes_a_shorter_table(vsapi_engine* engine, store* self) {
  vsapi_store_table shorter = TABLE;
  uint32_t mdb = 0;
  shorter.struct_size = offsetof(vsapi_store_table, next_stale);
  shorter.release = NULL;
  EXPECT(vsapi_attach(engine, "older host", &shorter, self, &mdb) == VSAPI_OK);
  EXPECT(vsapi_detach(engine, mdb) == VSAPI_OK);
}

/* ---- What is refused
 * ------------------------------------------------------------------------------ */

static void refuses_wrong_opens(vsapi_engine* engine, store* self, uint32_t mdb) {
  const vsapi_item good = item_of(self, mdb, CLEAN);
  vsapi_item items[2] = {good, good};
  vsapi_open_options how = {.struct_size = sizeof how, .access = VSAPI_ACCESS_ON_DEMAND};
  vsapi_decision decisions[2] = {no_decision()};
  EXPECT(vsapi_open(engine, NULL, NULL, decisions) == VSAPI_E_ARGUMENT);
  EXPECT(decisions[0].answer == VSAPI_ANSWER_UNAVAILABLE);
  EXPECT(vsapi_open(engine, &good, NULL, NULL) == VSAPI_E_ARGUMENT);
  EXPECT(vsapi_open_message(engine, items, 0, NULL, decisions) == VSAPI_E_ARGUMENT);
  EXPECT(vsapi_open_async(engine, items, 2, NULL, NULL, NULL) == VSAPI_E_ARGUMENT);
  EXPECT(vsapi_open_async(engine, NULL, 2, NULL, opened, NULL) == VSAPI_E_ARGUMENT);
  EXPECT(vsapi_submitted(engine, NULL, NULL) == VSAPI_E_ARGUMENT);

  decisions[0].struct_size = offsetof(vsapi_decision, finding);
  EXPECT(vsapi_open(engine, &good, NULL, decisions) == VSAPI_E_ARGUMENT);
  decisions[0] = no_decision();

  items[0].struct_size = offsetof(vsapi_item, stamp);
  EXPECT(vsapi_open(engine, &items[0], NULL, decisions) == VSAPI_E_ARGUMENT);
  EXPECT(vsapi_submitted(engine, &items[0], NULL) == VSAPI_E_ARGUMENT);
  items[0] = good;
  items[0].key.size = sizeof good.key.bytes + 1;
  EXPECT(vsapi_open(engine, &items[0], NULL, decisions) == VSAPI_E_ARGUMENT);
  items[0] = good;
  items[1].struct_size += 8;
  EXPECT(vsapi_open_message(engine, items, 2, NULL, decisions) == VSAPI_E_ARGUMENT);

  const int32_t not_for_opening[] = {0, VSAPI_ACCESS_PROACTIVE, VSAPI_ACCESS_BACKGROUND, 99, -1};
  for (size_t i = 0; i < sizeof not_for_opening / sizeof *not_for_opening; ++i) {
    how.access = not_for_opening[i];
    EXPECT(vsapi_open(engine, &good, &how, decisions) == VSAPI_E_ARGUMENT);
  }
  how.access = VSAPI_ACCESS_ON_DEMAND;
  how.timeout_ms = UINT64_MAX;
  EXPECT(vsapi_open(engine, &good, &how, decisions) == VSAPI_E_ARGUMENT);
  how.timeout_ms = 0;
  how.struct_size = offsetof(vsapi_open_options, timeout_ms);
  EXPECT(vsapi_open(engine, &good, &how, decisions) == VSAPI_E_ARGUMENT);
}

static void refuses_wrong_mdbs(vsapi_engine* engine, store* self) {
  uint32_t mdb = 0;
  char long_name[65] = "";
  memset(long_name, 'x', 64);
  vsapi_store_table half = TABLE;
  half.apply = NULL;
  vsapi_store_table shorter = TABLE;
  shorter.struct_size = offsetof(vsapi_store_table, release);
  EXPECT(vsapi_attach(engine, NULL, &TABLE, self, &mdb) == VSAPI_E_ARGUMENT);
  EXPECT(vsapi_attach(engine, "", &TABLE, self, &mdb) == VSAPI_E_ARGUMENT);
  EXPECT(vsapi_attach(engine, long_name, &TABLE, self, &mdb) == VSAPI_E_ARGUMENT);
  EXPECT(vsapi_attach(engine, "\xFF", &TABLE, self, &mdb) == VSAPI_E_ARGUMENT);
  EXPECT(vsapi_attach(engine, "mdb", NULL, self, &mdb) == VSAPI_E_ARGUMENT);
  EXPECT(vsapi_attach(engine, "mdb", &half, self, &mdb) == VSAPI_E_ARGUMENT);
  EXPECT(vsapi_attach(engine, "mdb", &shorter, self, &mdb) == VSAPI_E_ARGUMENT);
  EXPECT(vsapi_attach(engine, "mdb", &TABLE, self, NULL) == VSAPI_E_ARGUMENT);
  EXPECT(vsapi_detach(engine, 0) == VSAPI_E_ABSENT && vsapi_detach(engine, 99) == VSAPI_E_ABSENT);
  EXPECT(vsapi_flush(engine, 99) == VSAPI_E_ABSENT);
  EXPECT(self->released == 0);
}

static void refuses_wrong_engines(void) {
  vsapi_engine* engine = NULL;
  vsapi_engine_options options = {0};
  vsapi_setting setting = {"NoSuchSetting", "1"};
  char error[80] = "untouched";
  EXPECT(vsapi_engine_create(NULL, &engine, error, sizeof error) == VSAPI_E_ARGUMENT);
  EXPECT(vsapi_engine_create(&options, &engine, error, sizeof error) == VSAPI_E_ARGUMENT);
  options.struct_size = sizeof options;
  EXPECT(vsapi_engine_create(&options, NULL, error, sizeof error) == VSAPI_E_ARGUMENT);
  options.settings = &setting;
  options.setting_count = 1;
  EXPECT(vsapi_engine_create(&options, &engine, error, sizeof error) == VSAPI_E_ARGUMENT);
  EXPECT(strstr(error, "NoSuchSetting") != NULL);
  EXPECT(vsapi_engine_create(&options, &engine, NULL, 0) == VSAPI_E_ARGUMENT);
  EXPECT(engine == NULL);
  vsapi_engine_destroy(NULL);
}

int main(int count, char** arguments) {
  if (count != 2) {
    fprintf(stderr, "usage: host_in_c_test VENDOR\n");
    return 2;
  }
  refuses_wrong_engines();

  atomic_int events = 0;
  const vsapi_setting settings[] = {
      {"Enabled", "1"}, {"Library", arguments[1]}, {"ProactiveScanning", "1"}};
  vsapi_engine_options options = {0};
  options.struct_size = sizeof options;
  options.settings = settings;
  options.setting_count = sizeof settings / sizeof *settings;
  options.on_event = on_event;
  options.context = &events;
  vsapi_engine* engine = NULL;
  char error[200];
  EXPECT(vsapi_engine_create(&options, &engine, error, sizeof error) == VSAPI_OK);

  store self = {.lock = PTHREAD_MUTEX_INITIALIZER,
                .rows = {{.text = "harmless"},
                         {.text = "INFECTED:Worm.Test"},
                         {.text = "harmless too"},
                         {.text = "new in the store"}}};
  uint32_t mdb = 0;
  EXPECT(vsapi_attach(engine, "mailbox store", &TABLE, &self, &mdb) == VSAPI_OK);
  EXPECT(mdb != 0);

  opens_one(engine, &self, mdb);
  opens_a_message(engine, &self, mdb);
  opens_later(engine, &self, mdb);
  opens_for_an_older_host(engine, &self, mdb);
  opens_longer_items(engine, &self, mdb);
  fills_longer_decisions(engine, &self, mdb);
  submits(engine, &self, mdb);
  looks_at_it(engine);
  knows_what_is_current(engine, &self, mdb);
  takes_a_shorter_table(engine, &self);
  refuses_wrong_opens(engine, &self, mdb);
  refuses_wrong_mdbs(engine, &self);

  EXPECT(vsapi_detach(engine, mdb) == VSAPI_OK);
  EXPECT(self.released == 1);
  EXPECT(vsapi_engine_shutdown(engine, 60000) == VSAPI_OK);
  vsapi_engine_destroy(engine);
  EXPECT(self.opened == self.closed && self.opened >= 4 && self.applied >= 4);
  EXPECT(events > 0);
  return 0;
}
