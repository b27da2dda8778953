/* SPDX-License-Identifier: Apache-2.0
 *
 * The host contract: how a mail store links the engine. C; engine.h is a C++ face over it.
 *
 * The host owns messages, their parts and the stamps beside them. It attaches each messaging
 * database (MDB) with a table of callbacks, and then asks the engine before it lets content out:
 *
 *   vsapi_open           may this client have this item? waits at most ScanTimeout
 *   vsapi_open_message   the same for all parts of a message: in parallel, one wait, one deadline
 *   vsapi_submitted      this item is new in the store; scan it when nobody waits
 *   vsapi_on_submission  what is to become of this message on its way? it needs no store
 *
 * The engine answers from the item's stamp where that is current, and else has the content scanned.
 * The conventions of abi/base.h (growth, memory, text, errors) hold here too.
 *
 * Thread roles on functions: [any] every thread at any time. On store callbacks: [caller] the
 * thread that is inside a call of the engine; [scan] a thread of the engine's pool, many at once;
 * [writer] the one thread of this MDB that writes outcomes; [background] the one thread of this MDB
 * that looks for what is to be scanned again. vsapi_open must not be called while holding a lock
 * that a store callback takes. [scan] callbacks are made by background threads too. */
#ifndef VSAPI_HOST_VSAPI_HOST_H_
#define VSAPI_HOST_VSAPI_HOST_H_

#include "../abi/base.h"
#include "../abi/property.h"
#include "../abi/scan.h"
#include "../abi/verdict.h"

#if defined(_WIN32) && defined(VSAPI_BUILDS_ENGINE)
#define VSAPI_HOST_FUNCTION __declspec(dllexport)
#elif defined(_WIN32)
#define VSAPI_HOST_FUNCTION __declspec(dllimport)
#else
#define VSAPI_HOST_FUNCTION __attribute__((visibility("default")))
#endif

VSAPI_BEGIN_C

/* ---- Words ------------------------------------------------------------------------------------
 */

typedef struct vsapi_engine vsapi_engine;

/* SHA-256 of the decoded bytes: the identity of content. */
typedef struct vsapi_digest {
  uint8_t bytes[32];
} vsapi_digest;

/* The host's own key of an item within its MDB; the engine only copies it. */
typedef struct vsapi_key {
  uint8_t size; /* bytes used */
  uint8_t bytes[63];
} vsapi_key;

enum { VSAPI_VENDOR_SIZE = 48, VSAPI_FINDING_SIZE = 96, VSAPI_PROBLEM_SIZE = 512 };

/* What the host keeps beside an item that was judged: store it whole, give it back unchanged.
 * All zero (verdict VSAPI_VERDICT_NONE) means: never judged. */
typedef struct vsapi_stamp {
  int32_t verdict; /* VSAPI_VERDICT_... */
  int32_t scope;   /* VSAPI_SCOPE_...: content, or this item alone */
  uint64_t version;
  uint64_t generation;
  int64_t time_ns;          /* when it was judged, nanoseconds since 1970 UTC */
  vsapi_digest definitions; /* digest of the definitions that judged */
  char vendor[VSAPI_VENDOR_SIZE];
  char finding[VSAPI_FINDING_SIZE]; /* name of what was found, or "" */
} vsapi_stamp;

/* What the host keeps beside an item that could not be judged. */
typedef struct vsapi_attempt {
  uint32_t count;           /* attempts so far; 0: none */
  int64_t not_before_ns;    /* background leaves the item alone until then, or other definitions */
  vsapi_digest definitions; /* that the last attempt was made with */
} vsapi_attempt;

/* Who judges now, and when that is: what stamps are compared with in the background. Clients are
 * given what is current without regard to `since_generation`. */
typedef struct vsapi_level {
  uint32_t struct_size;
  uint64_t version;
  uint64_t generation;
  int64_t now_ns; /* nanoseconds since 1970 UTC */
  vsapi_digest definitions;
  char vendor[VSAPI_VENDOR_SIZE];
  uint64_t since_generation; /* Parameters have changed then, or all was to be scanned again: a
                                stamp of a generation before it is not current, unless it says
                                "clean for ever"; 0: there is none */
} vsapi_level;

/* Does `stamp` still hold under `level`? 1 or 0. The rules are in engine/README.md; what they use
 * of a stamp is its verdict, vendor, version and definitions, and that its generation is not before
 * `level->since_generation`. So stamps that share the first four and vsapi_outcome.since_generation
 * can be asked about at once, with that as their generation. [any] */
VSAPI_HOST_FUNCTION int32_t vsapi_stamp_is_current(const vsapi_stamp* stamp,
                                                   const vsapi_level* level);

enum {
  VSAPI_ITEM_BODY = 1,       /* a message body */
  VSAPI_ITEM_ATTACHMENT = 2, /* an attachment */
  VSAPI_ITEM_MESSAGE = 3,    /* a whole message as it was received */
  VSAPI_ITEM_RTF_BODY = 4    /* a message body in rich text (RTF): see the setting ScanRTF */
};

/* One place that holds content. A small value: fill it from the row that the client asked for. */
typedef struct vsapi_item {
  uint32_t struct_size;
  uint32_t mdb;  /* from vsapi_attach */
  int32_t kind;  /* VSAPI_ITEM_... */
  uint64_t size; /* bytes of decoded content */
  vsapi_digest digest;
  vsapi_key key;
  vsapi_stamp stamp;   /* as read with the row */
  uint64_t message;    /* the host's number of the top-level message that holds it, for the counters
                          of messages; 0: not told, so it counts there for none */
  int64_t received_ns; /* when that message came in, nanoseconds since 1970 UTC, for the setting
                          OnAccessScanningRollingLowerAgeLimit; 0: not told, so it is never old */
} vsapi_item;

/* ---- The answer -------------------------------------------------------------------------------
 */

enum {
  VSAPI_ANSWER_NONE = 0,          /* nobody was asked: the content must not go out */
  VSAPI_ANSWER_ALLOW = 1,         /* give the content, the bytes of item->digest, to the client */
  VSAPI_ANSWER_DENY_INFECTED = 2, /* permanent; code 0x50B (ecVirusDetected) */
  VSAPI_ANSWER_DELETED = 3, /* permanent, done: retry nothing; code 0x50E (ecVirusMessageDeleted) */
  VSAPI_ANSWER_IN_PROGRESS = 4, /* transient: ask again; code 0x50A (ecVirusScanInProgress) */
  VSAPI_ANSWER_UNAVAILABLE = 5  /* can't be judged now; transient; code 0x480 (ecServerBusy) */
};

/* Why it was answered so. */
enum {
  VSAPI_REASON_STAMP = 1,     /* the stamp is current */
  VSAPI_REASON_SCANNED = 2,   /* a scan decided */
  VSAPI_REASON_DISABLED = 3,  /* the setting Enabled, or VirusScanEnabled of its MDB, is 0 */
  VSAPI_REASON_EXEMPT = 4,    /* the access class is released unscanned */
  VSAPI_REASON_NO_VENDOR = 5, /* no vendor could be loaded; see the events */
  VSAPI_REASON_FAILED = 6,    /* the vendor failed; see the events */
  VSAPI_REASON_TIMED_OUT = 7, /* the deadline came first; the scan goes on */
  VSAPI_REASON_TOO_MANY = 8,  /* MaxWaiters or MaxRequests is reached */
  VSAPI_REASON_SHUTTING_DOWN = 9,
  VSAPI_REASON_GONE = 10,    /* the MDB is detached, or the item no longer there */
  VSAPI_REASON_CHANGED = 11, /* the content changed meanwhile: read the row again and ask again */
  VSAPI_REASON_READ_FAILED = 12, /* the store could not read the content */
  VSAPI_REASON_GRACE = 13, /* its old stamp says clean, and background scanning is catching up: the
                             setting BackgroundGrace */
  VSAPI_REASON_BEING_SCANNED = 14,  /* Profile 1.0: nobody waits; ask again after OpenRetryDelay */
  VSAPI_REASON_NOT_IN_PROFILE = 15, /* the Profile's VSAPI does not scan such content */
  VSAPI_REASON_EXCLUDED =
      16, /* the setting TransportExclusion: it leaves the store for transport */
  VSAPI_REASON_VENDOR_HANGS = 17, /* more threads hang in the vendor than MaxHungThreads */
  VSAPI_REASON_OLD_STAMP = 18,    /* its old stamp says clean, and is good enough for the setting
                                     OnAccessThresholdVersion */
  VSAPI_REASON_OLD_ITEM = 19,     /* the setting OnAccessScanningRollingLowerAgeLimit */
  VSAPI_REASON_RTF_BODY = 20      /* the setting ScanRTF */
};

typedef struct vsapi_decision {
  uint32_t struct_size;
  int32_t answer;                   /* VSAPI_ANSWER_... */
  uint32_t code;                    /* what a MAPI client would see; 0 for allow */
  int32_t reason;                   /* VSAPI_REASON_... */
  int32_t verdict;                  /* VSAPI_VERDICT_...; NONE if nothing judged it */
  char finding[VSAPI_FINDING_SIZE]; /* name of what was found, or "" */
} vsapi_decision;

/* "allow", "infected" ...; "stamp is current" ...; "clean" ...; "on-demand" ...: static text, never
 * NULL. [any] */
VSAPI_HOST_FUNCTION const char* vsapi_answer_text(int32_t answer);
VSAPI_HOST_FUNCTION const char* vsapi_reason_text(int32_t reason);
VSAPI_HOST_FUNCTION const char* vsapi_verdict_text(int32_t verdict);
VSAPI_HOST_FUNCTION const char* vsapi_access_text(int32_t access);

/* ---- The store --------------------------------------------------------------------------------
 */

/* One content opened for reading; filled by open_content. */
typedef struct vsapi_content {
  uint32_t struct_size;
  uint64_t size;
  const void* data; /* the whole content in memory until close_content, or NULL */
  void* handle;     /* the host's own */
} vsapi_content;

/* What to do to an item. */
enum {
  VSAPI_ACTION_STAMP = 1, /* keep the content, keep the stamp beside it */
  VSAPI_ACTION_REPLACE_BY_NOTICE = 2,
  VSAPI_ACTION_REPLACE = 3,    /* put `replacement` in its place */
  VSAPI_ACTION_QUARANTINE = 4, /* out of every client's reach, kept for the administrator */
  VSAPI_ACTION_DELETE_PART = 5,
  VSAPI_ACTION_DELETE_MESSAGE = 6,
  VSAPI_ACTION_ATTEMPT = 7 /* keep the attempt; there is no stamp */
};

/* One outcome to apply, in one transaction with its stamp. */
typedef struct vsapi_outcome {
  uint32_t struct_size;
  int32_t action; /* VSAPI_ACTION_... */
  const vsapi_item* item;
  vsapi_stamp stamp;
  vsapi_attempt attempt;   /* its count is to be added to the item's */
  const void* replacement; /* NULL unless VSAPI_ACTION_REPLACE */
  size_t replacement_size;
  const vsapi_finding* findings; /* see VSAPI_AT */
  size_t finding_count;
  const char* text; /* for the administrator, or "" */
  /* Set by the host: VSAPI_OK, VSAPI_E_CHANGED (the item's content is no longer item->digest; leave
   * it unstamped), VSAPI_E_GONE, or what went wrong. VSAPI_E_INTERNAL when the call begins. */
  int32_t result;
  /* That of the level under which the stamp was made, or 0: not above stamp.generation. For a store
   * that keeps it beside the stamp: see vsapi_stamp_is_current. */
  uint64_t since_generation;
} vsapi_outcome;

/* Which of the stale items a walk is for. */
enum {
  VSAPI_STALE_UNSCANNED = 1,       /* only those without any stamp */
  VSAPI_STALE_WITH_ATTACHMENTS = 2 /* only those of messages with an attachment */
};

/* One step of a walk over the items of an MDB that are not judged under a level. */
typedef struct vsapi_stale_page {
  uint32_t struct_size;
  vsapi_key
      cursor; /* where the step before ended, all zero: at the start; set to where this one did */
  vsapi_item* items; /* to be filled, see VSAPI_AT; their `struct_size` and `mdb` are set already */
  size_t room;       /* items that fit, 0: none are asked for */
  /* Set by the host; 0 when the call begins. */
  size_t count;      /* items found; 0 ends the walk */
  uint64_t messages; /* messages that this step came to, and folders that it is through with: for */
  uint64_t folders;  /* the counters alone */
  /* What is wanted, set when the call begins. A store that does not look at it gives more, and that
   * is scanned. */
  uint32_t wanted;           /* VSAPI_STALE_..., or-ed; 0: all */
  int64_t received_since_ns; /* only of messages that came in since then, nanoseconds since 1970
                                UTC; 0: of all */
} vsapi_stale_page;

/* The host's side of an MDB. `store` is what vsapi_attach was given. It grows at its end as data
 * does: what `struct_size` does not reach counts as NULL. */
typedef struct vsapi_store_table {
  uint32_t struct_size;

  /* Opens the content of `item` for reading. VSAPI_E_GONE or VSAPI_E_CHANGED: not that content any
   * more. Anything else but VSAPI_OK counts as VSAPI_E_READ_FAILED, and the administrator is told
   * which: VSAPI_E_DAMAGED, say. [scan] */
  int32_t(VSAPI_CALL* open_content)(void* store, const vsapi_item* item, vsapi_content* content);

  /* As vsapi_scan_request_calls.read. May be NULL if `data` is always given. [scan] */
  int32_t(VSAPI_CALL* read_content)(void* store, vsapi_content* content, uint64_t offset,
                                    void* buffer, size_t size, size_t* got);

  /* As vsapi_scan_request_calls.property; text is valid until close_content. May be NULL. [scan] */
  int32_t(VSAPI_CALL* property)(void* store, vsapi_content* content, uint32_t id, uint32_t index,
                                vsapi_value* value);

  /* Ends what open_content began. Called once for each success. [scan] */
  void(VSAPI_CALL* close_content)(void* store, vsapi_content* content);

  /* Reads the stamp of `item` anew: `item->stamp` was not current. Leave `*stamp` zero if there is
   * none. VSAPI_E_GONE, VSAPI_E_CHANGED as above. [caller], and [scan] before content is read. */
  int32_t(VSAPI_CALL* read_stamp)(void* store, const vsapi_item* item, vsapi_stamp* stamp);

  /* Makes `count` outcomes (see VSAPI_AT) durable, in one transaction if it can, each only if the
   * item still holds content `item->digest`, none over a stamp of a later generation. Sets each
   * `result`. Durable means: a crash right after the return keeps it. Where none could be written,
   * what is returned says why (VSAPI_E_BUSY, VSAPI_E_NO_ROOM, VSAPI_E_READ_ONLY, ...): the
   * administrator is told, and the background walks over the MDB again after a while. Where it is
   * on it does so too when a message was changed, mostly at once; what is new in the message may be
   * submitted all the same. [writer] */
  int32_t(VSAPI_CALL* apply)(void* store, vsapi_outcome* outcomes, size_t count);

  /* The engine will not call this store again; may be NULL. [any] */
  void(VSAPI_CALL* release)(void* store);

  /* The next items, in an order of the store's own, that hold content with no stamp or one that
   * vsapi_stamp_is_current refuses, but not those with an attempt by the definitions of `level`
   * whose `not_before_ns` is after `level->now_ns`. What is current must cost nothing: find it by
   * an index on what makes a stamp stale. What comes in behind the cursor meanwhile may be left to
   * the next walk; stamps of the step before are written. NULL, or VSAPI_E_ABSENT to the first
   * call, without room: not scanned in the background. [background] */
  int32_t(VSAPI_CALL* next_stale)(void* store, const vsapi_level* level, vsapi_stale_page* page);
} vsapi_store_table;

/* ---- Events -----------------------------------------------------------------------------------
 */

enum {
  VSAPI_SEVERITY_DEBUG = 0,
  VSAPI_SEVERITY_INFO = 1,
  VSAPI_SEVERITY_WARNING = 2,
  VSAPI_SEVERITY_ERROR = 3
};

typedef struct vsapi_event_field {
  const char* name;
  const char* value;
} vsapi_event_field;

typedef struct vsapi_event {
  uint32_t struct_size;
  uint32_t id;      /* stable: the table in engine/events.md */
  int32_t severity; /* VSAPI_SEVERITY_... */
  int64_t time_ns;  /* nanoseconds since 1970 UTC */
  const char* category;
  const char* text; /* one line: what happened; engine/events.md says what to do */
  const vsapi_event_field* fields;
  size_t field_count;
} vsapi_event;

/* ---- Life of an engine ------------------------------------------------------------------------
 */

/* A setting given by the host; it rules over the settings file. */
typedef struct vsapi_setting {
  const char* name;  /* VSAPI's registry name: "Library" */
  const char* value; /* as text; numbers in decimal or 0x... */
} vsapi_setting;

typedef struct vsapi_engine_options {
  uint32_t struct_size;
  const char* settings_file; /* a .reg file (Windows Registry Editor 5.00 text), or NULL; it is
                                watched, and read anew when it changes: engine/settings.md */
  const char* state_folder; /* where the engine keeps its generation number; NULL: none is kept, the
                               clock seeds it */
  const char* server;       /* name of this server for vendors and events, or NULL */
  const vsapi_setting* settings;
  size_t setting_count;
  /* Called for each event, one at a time, on a thread of the engine. Must not call the engine. When
   * it is slow, events are dropped and counted; when it does not come back by the end of a
   * shutdown, it is left behind: then keep `context`. */
  void(VSAPI_CALL* on_event)(void* context, const vsapi_event* event);
  void* context;
} vsapi_engine_options;

/* For a host whose vendor scans in the host's own process, best before its first thread: what a scan
 * frees is kept for the next one, up to 256 MiB, where glibc would give it back to the system each
 * time. With libclamav that is a quarter to three quarters of a scan's time (vendor_dll/clamav). It
 * changes the allocator of the whole process, so neither engine nor vendor does it unasked; worker
 * processes do. Nothing happens where the C library is another one. [any] */
VSAPI_HOST_FUNCTION void vsapi_keep_freed_memory(void);

/* Makes an engine and starts it. It never fails because of the vendor: that is an event, and
 * opening is answered by the policy for "no vendor" until one can be loaded. Fails on a settings
 * file that can't be read or has a wrong line, on an unknown or out-of-range setting of
 * `options->settings`, and for lack of resources; then `error` (may be NULL) gets one line of text.
 * Returns when the vendor has been loaded or has failed to. [any] */
VSAPI_HOST_FUNCTION int32_t vsapi_engine_create(const vsapi_engine_options* options,
                                                vsapi_engine** engine, char* error,
                                                size_t error_size);

/* Stops admission, drops queued low work (it stays unscanned in the store), answers queued high
 * work and everyone who waits with in-progress, cancels what is at the vendor, writes what is
 * decided, and waits at most `deadline_ms`; then hung threads are left behind with what they use.
 * VSAPI_E_TIMEOUT says that there were some. May be called again. [any] */
VSAPI_HOST_FUNCTION int32_t vsapi_engine_shutdown(vsapi_engine* engine, uint64_t deadline_ms);

/* Shuts down (10 s) if that was not done, and frees the engine. No call may be inside it. [any] */
VSAPI_HOST_FUNCTION void vsapi_engine_destroy(vsapi_engine* engine);

/* Attaches an MDB under `name` (1 to 63 bytes). `table` is copied; `store` stays valid until
 * `table->release(store)`. `*mdb` is the number to put into items. [any] */
VSAPI_HOST_FUNCTION int32_t vsapi_attach(vsapi_engine* engine, const char* name,
                                         const vsapi_store_table* table, void* store,
                                         uint32_t* mdb);

/* Detaches: its background scanning ends, what is decided is written, then reads of it answer
 * "gone" and late results are dropped. `release` comes when the last scan of it has returned. [any]
 */
VSAPI_HOST_FUNCTION int32_t vsapi_detach(vsapi_engine* engine, uint32_t mdb);

/* Waits until every outcome decided so far for `mdb` has been written. [any] */
VSAPI_HOST_FUNCTION int32_t vsapi_flush(vsapi_engine* engine, uint32_t mdb);

/* ---- Asking -----------------------------------------------------------------------------------
 */

#define VSAPI_NEVER INT64_MIN

/* The steps of one item on its way to its decision, in nanoseconds after the call, or VSAPI_NEVER.
 * Less than 0: it was made before, for somebody else whose scan this call joined. */
typedef struct vsapi_trace {
  uint32_t struct_size;
  int32_t joined;      /* 1: a scan of this content had been asked for already */
  int64_t queued_ns;   /* the store's stamp was read anew and is not current: a scan is asked for */
  int64_t taken_ns;    /* a thread has it */
  int64_t opened_ns;   /* the store has opened the content; not told if joined while at work */
  int64_t called_ns;   /* the vendor was called, after those before it if it is a serial one */
  int64_t returned_ns; /* the vendor returned, for the last time if it was tried again */
  int64_t durable_ns;  /* the store has made the outcome durable; nobody waits for a clean one's */
  int64_t released_ns; /* the decision is there */
  int64_t reading_ns;  /* of what the vendor took, how long the store read; as opened_ns */
} vsapi_trace;

typedef struct vsapi_open_options {
  uint32_t struct_size;
  int32_t access;      /* VSAPI_ACCESS_...; on-demand, transport or an exempt one */
  uint64_t timeout_ms; /* 0: the setting ScanTimeout */
  vsapi_trace* traces; /* NULL, or one for each item (see VSAPI_AT; the caller sets `struct_size`),
                          to be filled, and valid, until the answer is there */
  /* Who asks, for the vendor (the first one only) and for the events; UTF-8, cut off where too
   * long. Read before the call returns. NULL: not known. */
  const char* client; /* by which protocol: "imap" ...; at most 23 bytes */
  const char* user;   /* at most 63 bytes; events only */
} vsapi_open_options;

/* May this item go out? Blocks at most the time-out. `how` may be NULL (on-demand). The caller sets
 * `decision->struct_size`, and the rest is always filled: with anything but VSAPI_OK (wrong
 * arguments, out of memory) the answer is "unavailable". A decision without its size is refused
 * with VSAPI_E_ARGUMENT and left as it is. [any] */
VSAPI_HOST_FUNCTION int32_t vsapi_open(vsapi_engine* engine, const vsapi_item* item,
                                       const vsapi_open_options* how, vsapi_decision* decision);

/* The same for `count` items at once (items[0].struct_size bytes apart): scanned in parallel, one
 * wait, one deadline. `decisions` has room for `count`, decisions[0].struct_size bytes apart. [any]
 */
VSAPI_HOST_FUNCTION int32_t vsapi_open_message(vsapi_engine* engine, const vsapi_item* items,
                                               size_t count, const vsapi_open_options* how,
                                               vsapi_decision* decisions);

/* Gets the `count` decisions (see VSAPI_AT) in the order of the items, valid during the call.
 * Called exactly once per successful call below: on a thread of the engine, or on the calling one
 * before it returns. Must not block. */
typedef void(VSAPI_CALL* vsapi_opened)(void* context, const vsapi_decision* decisions,
                                       size_t count);

/* As vsapi_open_message, without a thread that waits; bounded by MaxRequests. [any] */
VSAPI_HOST_FUNCTION int32_t vsapi_open_async(vsapi_engine* engine, const vsapi_item* items,
                                             size_t count, const vsapi_open_options* how,
                                             vsapi_opened opened, void* context);

enum {
  VSAPI_SUBMITTED_QUEUED = 1,  /* in the low lane, or joined to a scan in flight */
  VSAPI_SUBMITTED_CURRENT = 2, /* its stamp is current: nothing to do */
  VSAPI_SUBMITTED_LEFT = 3,    /* 30 are waiting already: it stays in the store unscanned */
  VSAPI_SUBMITTED_OFF = 4      /* ProactiveScanning or Enabled is 0, or there is no vendor */
};

/* Tells of an item that is new in the store, or has new content. Never blocks on a scan. What
 * became of it goes to `*result` (VSAPI_SUBMITTED_..., may be NULL). [any] */
VSAPI_HOST_FUNCTION int32_t vsapi_submitted(vsapi_engine* engine, const vsapi_item* item,
                                            int32_t* result);

/* ---- Transport --------------------------------------------------------------------------------
 *
 * VSAPI 2.5's OnSubmission: a message is judged on its way, before it is delivered or sent. The
 * host needs no MDB for it: it gives its own reader along with the message. Off unless the setting
 * TransportAVAPI\Enabled is 1: then each message is delivered unscanned, and counted. */

/* What is to become of a message. */
enum {
  VSAPI_MESSAGE_NONE = 0,            /* nobody was asked: it must not go on */
  VSAPI_MESSAGE_DELIVER = 1,         /* as it is, byte for byte */
  VSAPI_MESSAGE_DELIVER_CLEANED = 2, /* with the vendor's replacements in the place of some parts */
  VSAPI_MESSAGE_REPLACE_PARTS = 3,   /* the same, and notices in the place of others; what comes of
                                        either is to be submitted again before it goes */
  VSAPI_MESSAGE_DELETE = 4,     /* gone, by order of the vendor. A success for who handed it over:
                                   nothing is to be retried (KB883522) */
  VSAPI_MESSAGE_QUARANTINE = 5, /* kept for the administrator; for who handed it over a success */
  VSAPI_MESSAGE_REJECT = 6,     /* refused for good */
  VSAPI_MESSAGE_DEFER = 7       /* not judged: submit it again after `retry_after_ms` */
};

/* A message on its way. `parts` are its bodies and attachments, and the message whole as one of
 * kind VSAPI_ITEM_MESSAGE: what one MIME parser misses another one may find. (The whole may be left
 * out where each part carries a stamp that the host trusts and there is one reading only.) Of an
 * item `mdb` and `key` are the host's own; `stamp` is one that the host trusts, or zero. */
typedef struct vsapi_message {
  uint32_t struct_size;
  /* Its open_content, read_content, property, close_content and release are called, the first
   * with the items of `parts`, the last once. All of it is copied but `source`. */
  const vsapi_store_table* reader;
  void* source; /* handed to the reader's functions, in the place of the store */
  const vsapi_item* parts;
  size_t part_count;      /* 1 or more */
  const char* message_id; /* Internet Message-ID, for the events; UTF-8, or NULL */
} vsapi_message;

typedef struct vsapi_submission_options {
  uint32_t struct_size;
  int32_t access;      /* VSAPI_ACCESS_TRANSPORT; or an exempt one: public folder replication is
                          delivered unscanned, and counted (KB828646) */
  int32_t bulk;        /* 1: bulk mail (Precedence, List-Id): the low lane, outside of the 30 */
  int32_t outgoing;    /* 1: picked up from a store of this host; see TransportExclusion */
  uint64_t timeout_ms; /* of the whole message; 0: the setting ScanTimeout */
  uint32_t tries; /* how often it was submitted, with this time; 0: the host does not count, and the
                     message is never given up */
  const char* client; /* as in vsapi_open_options */
  const char* user;
  vsapi_trace* traces; /* the same; one for each part, or NULL */
} vsapi_submission_options;

/* What was decided about one part. */
typedef struct vsapi_part_decision {
  uint32_t struct_size;
  int32_t answer;  /* VSAPI_ANSWER_... */
  int32_t reason;  /* VSAPI_REASON_... */
  int32_t verdict; /* VSAPI_VERDICT_... */
  int32_t action;  /* VSAPI_ACTION_STAMP: stays; _REPLACE: by `replacement`; _REPLACE_BY_NOTICE */
  const void* replacement;
  size_t replacement_size;
  vsapi_stamp stamp; /* of the content, or of its replacement: keep it beside that wherever it goes,
                        so that it is not scanned again there. Zero: there is none */
  char finding[VSAPI_FINDING_SIZE];
} vsapi_part_decision;

typedef struct vsapi_message_decision {
  uint32_t struct_size;
  int32_t answer; /* VSAPI_MESSAGE_... */
  uint32_t code;  /* as of a vsapi_decision; 0 for what is delivered */
  int32_t reason; /* of the part that decided, as its verdict and finding */
  int32_t verdict;
  char finding[VSAPI_FINDING_SIZE];
  uint64_t retry_after_ms; /* of VSAPI_MESSAGE_DEFER */
  int32_t given_up;  /* 1: it was deferred as often as the settings allow, and so the answer is
                        that of TransportFailedAction */
  size_t decided_by; /* the part that decided */
  const vsapi_part_decision* parts; /* in the order of the message's; see VSAPI_AT */
  size_t part_count;
} vsapi_message_decision;

/* Gets the decision, valid during the call. Must not block. */
typedef void(VSAPI_CALL* vsapi_message_judged)(void* context,
                                               const vsapi_message_decision* decision);

/* What is to become of this message? Blocks at most the time-out; `judged` is called once, on this
 * thread, before the return. With VSAPI_OK the engine owns `message->source` until `release`, which
 * may come later, when a scan of it that nobody waits for any more has ended. With anything else
 * nothing was called, and the message must not go on. `how` may be NULL. [any] */
VSAPI_HOST_FUNCTION int32_t vsapi_on_submission(vsapi_engine* engine, const vsapi_message* message,
                                                const vsapi_submission_options* how,
                                                vsapi_message_judged judged, void* context);

/* The same without a thread that waits: `judged` is called on a thread of the engine, or on this
 * one before the return. Bounded by MaxRequests. [any] */
VSAPI_HOST_FUNCTION int32_t vsapi_on_submission_async(vsapi_engine* engine,
                                                      const vsapi_message* message,
                                                      const vsapi_submission_options* how,
                                                      vsapi_message_judged judged, void* context);

/* "deliver", "reject" ...: static text, never NULL. [any] */
VSAPI_HOST_FUNCTION const char* vsapi_message_text(int32_t answer);

/* ---- Looking after it -------------------------------------------------------------------------
 */

/* Reads the settings again and builds a new generation of the vendor beside the running one; waits
 * for the end of that. VSAPI_OK if a new one serves; VSAPI_E_ARGUMENT if the settings are wrong,
 * VSAPI_E_INTERNAL if the vendor is, VSAPI_E_BUSY if there is no memory for a second one now; then
 * the old one serves on, and the events say why. [any] */
VSAPI_HOST_FUNCTION int32_t vsapi_reload(vsapi_engine* engine);

/* What decides how many threads the pool has: for n processors 2n+1, unless ScanningThreads is set.
 */
enum {
  VSAPI_THREADS_BY_AFFINITY = 1, /* n: the processors that the process may run on */
  VSAPI_THREADS_BY_CGROUP = 2,   /* n: the processor time that its cgroup is given, rounded up */
  VSAPI_THREADS_BY_SETTING = 3   /* ScanningThreads */
};

typedef struct vsapi_status_report {
  uint32_t struct_size;
  int32_t enabled;       /* the setting, or VirusScanEnabled of an MDB */
  int32_t serving;       /* a vendor is loaded and answers */
  uint32_t threads;      /* of the pool */
  uint32_t threads_high; /* of these, kept for the high lane */
  uint32_t queued_high;
  uint32_t queued_low;
  uint32_t scanning; /* requests at the vendor */
  uint32_t waiters;  /* blocked threads in vsapi_open */
  char vendor[VSAPI_VENDOR_SIZE];
  uint64_t version;
  uint64_t generation;
  uint64_t signatures;          /* signatures loaded, 0 unknown */
  int64_t definitions_built_ns; /* nanoseconds since 1970 UTC, 0 unknown */
  vsapi_digest definitions;
  uint32_t processors; /* that the process may use */
  int32_t threads_by;  /* VSAPI_THREADS_BY_... */
  int32_t nice_low;    /* nice value of the threads that serve the low lane */
  int32_t may_raise; /* a thread's priority may be raised again: a client that joins a low scan has
                        its thread lifted, and else gets a second scan */
  char problem[VSAPI_PROBLEM_SIZE]; /* why the latest settings or the latest vendor were not taken:
                                       what was before goes on; empty: all is well */
  uint64_t since_generation;        /* that of the level of background scanning */
  uint32_t catching_up;             /* MDBs that background scanning is going over now */
  int32_t grace; /* meanwhile old clean stamps are good for reading: BackgroundGrace */
  /* What the host has to know of the settings. */
  uint32_t profile; /* 10, 20, 25 or 26 */
  uint64_t
      open_retry_delay_ms; /* Profile 1.0: when to ask again for what is being scanned; else 0 */
  uint32_t hung;           /* scans that the vendor has not come back from in their time */
} vsapi_status_report;

/* A look at the engine; each number is exact for some moment during the call. [any] */
VSAPI_HOST_FUNCTION int32_t vsapi_status(vsapi_engine* engine, vsapi_status_report* report);

/* Calls `each` for every counter and gauge, by its name in engine/README.md. [any] */
VSAPI_HOST_FUNCTION int32_t vsapi_counters(vsapi_engine* engine,
                                           void(VSAPI_CALL* each)(void* context, const char* name,
                                                                  uint64_t value),
                                           void* context);

/* How long the vendor takes for one kind of call that the engine's control thread makes, over all
 * generations of this engine. Scans are not among them: see the counters. */
typedef struct vsapi_vendor_times {
  uint32_t struct_size;
  const char* call; /* "create", "start", "poll" ...: the contract's name of the function, or
                       "self-test"; static text */
  uint64_t calls;   /* that have returned */
  uint64_t last_ns;
  uint64_t longest_ns;
  uint64_t running_ns; /* so long one is under way now; 0: none is */
} vsapi_vendor_times;

/* Calls `each` for every kind of control call, in the order of a vendor's life. [any] */
VSAPI_HOST_FUNCTION int32_t vsapi_control_times(
    vsapi_engine* engine, void(VSAPI_CALL* each)(void* context, const vsapi_vendor_times* times),
    void* context);

/* A time that a vendor brought down, or kept, who ran it. */
typedef struct vsapi_fault {
  uint32_t struct_size;
  int64_t time_ns; /* nanoseconds since 1970 UTC */
  const char* vendor;
  const char* how;       /* "died of signal 11 (Segmentation fault)", "hangs" ... */
  const char* step;      /* what it did last */
  const char* backtrace; /* the innermost function first; "" unless a worker process crashed */
  const char* mdb;       /* that the item is in; "" not known */
  vsapi_digest digest;   /* of the content */
  uint64_t number;       /* of the scan in the events */
} vsapi_fault;

/* Calls `each` for the last 16 of them, the oldest first; it is valid during the call. [any] */
VSAPI_HOST_FUNCTION int32_t vsapi_faults(vsapi_engine* engine,
                                         void(VSAPI_CALL* each)(void* context,
                                                                const vsapi_fault* fault),
                                         void* context);

/* How long something took, for one access class: how many of them took so long. */
typedef struct vsapi_histogram {
  uint32_t struct_size;
  int32_t access;   /* VSAPI_ACCESS_... */
  const char* name; /* "Queue Wait", "Vendor Time", "Total Wait": engine/README.md */
  uint64_t sum_ns;
  const uint64_t* counts;   /* `bucket_count` of them */
  const uint64_t* up_to_ns; /* the longest time of each bucket, rising; the last one's UINT64_MAX */
  size_t bucket_count;
} vsapi_histogram;

/* Calls `each` for every histogram; it is valid during the call. [any] */
VSAPI_HOST_FUNCTION int32_t vsapi_histograms(
    vsapi_engine* engine, void(VSAPI_CALL* each)(void* context, const vsapi_histogram* histogram),
    void* context);

VSAPI_END_C

#endif /* VSAPI_HOST_VSAPI_HOST_H_ */
