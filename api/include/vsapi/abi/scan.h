/* SPDX-License-Identifier: Apache-2.0
 *
 * One scan: the request that the engine hands to the vendor, and the result that the vendor fills.
 * Both belong to the engine and are valid until `scan` returns; their functions may be called only
 * on the thread that `scan` was called on. */
#ifndef VSAPI_ABI_SCAN_H_
#define VSAPI_ABI_SCAN_H_

#include "base.h"
#include "property.h"
#include "verdict.h"

VSAPI_BEGIN_C

typedef struct vsapi_scan_request vsapi_scan_request;
typedef struct vsapi_scan_result vsapi_scan_result;

/* What a vendor may ask of a request. */
typedef struct vsapi_scan_request_calls {
  /* Reads up to `size` bytes at `offset` into `buffer` and sets `*got`. A short read is legal at any
   * place; VSAPI_OK with `*got` 0 means that `offset` is at or past the end, and nothing else does.
   * VSAPI_E_READ_FAILED: the content can't be read to its end; give up and return that status.
   * VSAPI_E_CANCELLED: nobody wants the answer any more.
   * [scan & started] */
  int32_t(VSAPI_CALL* read)(const vsapi_scan_request* request, uint64_t offset, void* buffer,
                            size_t size, size_t* got);

  /* Fetches property `id` (VSAPI_PROPERTY_...) number `index` (0 unless the property has many) into
   * `*value`, whose `struct_size` the vendor has set. VSAPI_E_ABSENT: there is none, or no more.
   * [scan & started] */
  int32_t(VSAPI_CALL* property)(const vsapi_scan_request* request, uint32_t id, uint32_t index,
                                vsapi_value* value);

  /* Non-zero when the scan should stop; the vendor then returns VSAPI_E_CANCELLED soon (within
   * 100 ms where it can). Cheap: ask often. It also turns true when the budget has run out.
   * [scan & started] */
  int32_t(VSAPI_CALL* is_cancelled)(const vsapi_scan_request* request);

  /* Nanoseconds of the budget that are left; 0 when it has run out. By a monotonic clock.
   * [scan & started] */
  uint64_t(VSAPI_CALL* remaining_ns)(const vsapi_scan_request* request);
} vsapi_scan_request_calls;

/* What is to be scanned. */
struct vsapi_scan_request {
  uint32_t struct_size;
  int32_t access;     /* VSAPI_ACCESS_...: the most urgent reason known when the scan began */
  int32_t lane;       /* VSAPI_LANE_... */
  uint64_t number;    /* of this scan in the engine's events */
  uint64_t size;      /* bytes of content */
  const void* data;   /* the whole content in memory, or NULL: then read it; may be NULL if size is 0 */
  uint64_t budget_ns; /* the vendor's whole time for this scan (setting VendorTimeout) */
  const vsapi_scan_request_calls* calls;
};

/* One thing that was found. */
enum {
  VSAPI_FINDING_THREAT = 1,    /* an identified virus, worm, trojan ... */
  VSAPI_FINDING_HEURISTIC = 2, /* looks like one */
  VSAPI_FINDING_POLICY = 3,    /* a rule of the vendor's, not a threat */
  VSAPI_FINDING_LIMIT = 4,     /* the limit that was hit */
  VSAPI_FINDING_ENCRYPTED = 5, /* the object that could not be opened */
  VSAPI_FINDING_MALFORMED = 6  /* what is damaged */
};

typedef struct vsapi_finding {
  uint32_t struct_size;
  int32_t kind;          /* VSAPI_FINDING_... */
  const char* name;      /* 1 to 95 bytes of UTF-8 that the vendor's users know it by */
  const char* part_path; /* where inside the content ("a.zip/b.exe"), or NULL */
} vsapi_finding;

/* What a vendor may tell while it scans. The engine copies what it is given. */
typedef struct vsapi_scan_result_calls {
  /* Adds a finding; the first one names the whole. Any number; beyond 64 they are only counted.
   * [scan & started] */
  int32_t(VSAPI_CALL* add_finding)(vsapi_scan_result* result, const vsapi_finding* finding);

  /* One line for the administrator, up to 500 bytes of UTF-8: why the scan failed, what to do. The
   * last one counts. [scan & started] */
  int32_t(VSAPI_CALL* set_text)(vsapi_scan_result* result, const char* text);

  /* Appends to the content that is to stand in place of the scanned one; only together with the
   * verdict VSAPI_VERDICT_CLEANED. An empty replacement is written by one call with size 0.
   * VSAPI_E_NO_MEMORY: it grew past what the engine keeps; return that status. [scan & started] */
  int32_t(VSAPI_CALL* write_replacement)(vsapi_scan_result* result, const void* data, size_t size);
} vsapi_scan_result_calls;

struct vsapi_scan_result {
  uint32_t struct_size;
  int32_t verdict; /* VSAPI_VERDICT_NONE when the call begins */
  int32_t scope;   /* VSAPI_SCOPE_CONTENT when the call begins */
  const vsapi_scan_result_calls* calls;
};

VSAPI_END_C

#endif /* VSAPI_ABI_SCAN_H_ */
