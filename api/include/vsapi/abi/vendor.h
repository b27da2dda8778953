/* SPDX-License-Identifier: Apache-2.0
 *
 * A vendor instance and its sessions.
 *
 * Life cycle
 * ----------
 *   loaded --create--> created --start--> started <--> stopped --destroy--> destroyed --> unloaded
 *
 * `destroy` is also allowed from created, and after a failed `start`. Sessions live only while the
 * instance is started: the engine opens all of them before the first scan and closes all of them
 * before `stop`. Several instances of one library may live side by side: that is how the engine
 * changes definitions without a gap. The version and the definitions of a started instance never
 * change; newer definitions are found by a new instance.
 *
 * A vendor makes no threads, changes no signal handlers, and calls back only on the thread that it
 * was called on. */
#ifndef VSAPI_ABI_VENDOR_H_
#define VSAPI_ABI_VENDOR_H_

#include "base.h"
#include "scan.h"
#include "services.h"

VSAPI_BEGIN_C

typedef struct vsapi_vendor vsapi_vendor;   /* an instance */
typedef struct vsapi_session vsapi_session; /* opaque to the engine: the vendor's state of one scan */

/* The functions of an instance. All but `get_extension` are required. */
typedef struct vsapi_vendor_table {
  /* Makes ready to scan: loads definitions, takes what must not fail later. May take seconds.
   * [control & (created | stopped)] */
  int32_t(VSAPI_CALL* start)(vsapi_vendor* vendor);

  /* Gives back what `start` took. Cannot fail. [control & started] */
  void(VSAPI_CALL* stop)(vsapi_vendor* vendor);

  /* Frees the instance. [control & (created | stopped)] */
  void(VSAPI_CALL* destroy)(vsapi_vendor* vendor);

  /* Makes a session. A failure refuses the whole instance. [control & started] */
  int32_t(VSAPI_CALL* open_session)(vsapi_vendor* vendor, vsapi_session** session);

  /* Frees a session; no scan is in it. [control & started] */
  void(VSAPI_CALL* close_session)(vsapi_vendor* vendor, vsapi_session* session);

  /* Judges one content. At most one scan per session at a time, but from one scan to the next a
   * session may change threads. With VSAPI_OK `result->verdict` must be set; with anything else it
   * is ignored. [scan & started] */
  int32_t(VSAPI_CALL* scan)(vsapi_vendor* vendor, vsapi_session* session,
                            const vsapi_scan_request* request, vsapi_scan_result* result);

  /* The vendor's table for extension `id`, or NULL. Constant while the instance lives. This
   * function itself may be NULL: then there are no extensions.
   * [control & (created | started | stopped)] */
  const void*(VSAPI_CALL* get_extension)(vsapi_vendor* vendor, const char* id);
} vsapi_vendor_table;

/* An instance begins with its table; what follows is the vendor's own. */
struct vsapi_vendor {
  const vsapi_vendor_table* table;
};

VSAPI_END_C

#endif /* VSAPI_ABI_VENDOR_H_ */
