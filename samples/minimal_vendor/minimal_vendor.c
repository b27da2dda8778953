/* SPDX-License-Identifier: Apache-2.0
 *
 * A whole vendor in one file, to copy from. It finds the EICAR test file, the harmless 68 bytes
 * that every virus scanner agrees to find, wherever they stand in a content.
 *
 * Read it from the bottom up: the exported entry, the life of an instance, its sessions, the scan.
 * The rules are in vsapi/abi/{entry,vendor,scan}.h; this file shows them kept.
 *
 * Threads: the functions marked [control] are never called at once; `scan` is called from many
 * threads, each with a session of its own. So the instance is only read while scans run, and what a
 * scan changes is in its session. That is all the locking there is. */
#include <stdlib.h>
#include <string.h>
#include <vsapi/abi/vsapi_vendor.h>

enum { EICAR_SIZE = 68, WINDOW_SIZE = 64 * 1024 };

/* In two halves, put together in `start`: in one piece, this file and the DLL would be found
 * themselves by the scanner of whoever builds them. */
static const char EICAR_HEAD[] = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR";
static const char EICAR_TAIL[] = "-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";

/* An instance begins with what the engine knows of it; the rest is ours. */
typedef struct minimal_vendor {
  vsapi_vendor base;
  char eicar[EICAR_SIZE];
} minimal_vendor;

/* One scan's state. The engine knows only the name of this struct. */
struct vsapi_session {
  char window[WINDOW_SIZE];
};

/* ---- The scan ---------------------------------------------------------------------------------
 */

static int contains(const char* text, size_t size, const char* pattern) {
  const char* const end = text + size;
  while ((size_t)(end - text) >= EICAR_SIZE) {
    text = memchr(text, pattern[0], (size_t)(end - text) - (EICAR_SIZE - 1));
    if (text == NULL) return 0;
    if (memcmp(text, pattern, EICAR_SIZE) == 0) return 1;
    ++text;
  }
  return 0;
}

/* Gets the bytes at `offset`: from memory where the engine has the content there, else by reading.
 * May get fewer than asked for; `*got` is 0 only at the end. */
static int32_t get_bytes(const vsapi_scan_request* request, uint64_t offset, char* buffer,
                         size_t size, size_t* got) {
  if (request->data == NULL) return request->calls->read(request, offset, buffer, size, got);
  const uint64_t left = request->size - offset;
  *got = left < size ? (size_t)left : size;
  memcpy(buffer, (const char*)request->data + offset, *got);
  return VSAPI_OK;
}

/* Names what was found before the verdict is set: without a name an administrator learns nothing.
 */
static int32_t found_eicar(vsapi_scan_result* result) {
  const vsapi_finding finding = {sizeof finding, VSAPI_FINDING_THREAT, "EICAR-Test-File", NULL};
  result->verdict = VSAPI_VERDICT_INFECTED;
  return result->calls->add_finding(result, &finding);
}

/* [scan & started] Slides a window over the content. Its end is kept as the beginning of the next
 * one, so that a pattern across the border is found. */
static int32_t scan(vsapi_vendor* vendor, vsapi_session* session, const vsapi_scan_request* request,
                    vsapi_scan_result* result) {
  const minimal_vendor* const self = (const minimal_vendor*)vendor;
  uint64_t offset = 0;
  size_t kept = 0;
  for (;;) {
    if (request->calls->is_cancelled(request)) return VSAPI_E_CANCELLED;
    size_t got = 0;
    const int32_t status =
        get_bytes(request, offset, session->window + kept, WINDOW_SIZE - kept, &got);
    if (status != VSAPI_OK) return status; /* what could not be read is not clean */
    if (got == 0) break;
    const size_t filled = kept + got;
    if (contains(session->window, filled, self->eicar)) return found_eicar(result);
    offset += got;
    kept = filled < EICAR_SIZE - 1 ? filled : EICAR_SIZE - 1;
    memmove(session->window, session->window + filled - kept, kept);
  }
  if (offset < request->size) return VSAPI_E_READ_FAILED; /* nor is what ended too early */
  result->verdict = VSAPI_VERDICT_CLEAN;
  return VSAPI_OK;
}

/* ---- Sessions: as many as the engine has scan threads -----------------------------------------
 */

/* [control & started] */
static int32_t open_session(vsapi_vendor* vendor, vsapi_session** session) {
  (void)vendor;
  *session = malloc(sizeof **session);
  return *session != NULL ? VSAPI_OK : VSAPI_E_NO_MEMORY;
}

/* [control & started] */
static void close_session(vsapi_vendor* vendor, vsapi_session* session) {
  (void)vendor;
  free(session);
}

/* ---- The self-test: proves to the engine that this instance finds what it should ---------------
 */

/* [control & started] */
static int32_t positive_sample(vsapi_vendor* vendor, const void** data, size_t* size) {
  *data = ((const minimal_vendor*)vendor)->eicar;
  *size = EICAR_SIZE;
  return VSAPI_OK;
}

/* [control & (created | started | stopped)] */
static const void* get_extension(vsapi_vendor* vendor, const char* id) {
  static const vsapi_ext_self_test self_test = {positive_sample};
  (void)vendor;
  return strcmp(id, VSAPI_EXT_SELF_TEST) == 0 ? &self_test : NULL;
}

/* ---- The life of an instance: create, start, (scans), stop, destroy ----------------------------
 */

/* [control & (created | stopped)] The place to load definitions. */
static int32_t start(vsapi_vendor* vendor) {
  minimal_vendor* const self = (minimal_vendor*)vendor;
  memcpy(self->eicar, EICAR_HEAD, sizeof EICAR_HEAD - 1);
  memcpy(self->eicar + sizeof EICAR_HEAD - 1, EICAR_TAIL, sizeof EICAR_TAIL - 1);
  return VSAPI_OK;
}

/* [control & started] The place to give them back. */
static void stop(vsapi_vendor* vendor) { (void)vendor; }

/* [control & (created | stopped)] */
static void destroy(vsapi_vendor* vendor) { free(vendor); }

static const vsapi_vendor_table TABLE = {
    start, stop, destroy, open_session, close_session, scan, get_extension,
};

/* [control & loaded] A vendor with settings would copy `how->parameters` here. */
static int32_t create(const vsapi_create* how, vsapi_vendor** vendor) {
  (void)how;
  minimal_vendor* const self = calloc(1, sizeof *self);
  if (self == NULL) return VSAPI_E_NO_MEMORY;
  self->base.table = &TABLE;
  *vendor = &self->base;
  return VSAPI_OK;
}

/* ---- The one exported symbol -------------------------------------------------------------------
 */

static const vsapi_vendor_info INFO = {
    sizeof INFO,
    0, /* flags: scans may run in parallel, and the code may be unmapped */
    "MinimalVendor",
    "Minimal sample vendor 1.0: finds the EICAR test file and nothing else",
    1, /* version: raise it whenever a scan may find more than before */
};

VSAPI_EXPORT_ENTRY = {sizeof(vsapi_entry), VSAPI_ABI_MAJOR, VSAPI_ABI_MINOR, &INFO, create};
