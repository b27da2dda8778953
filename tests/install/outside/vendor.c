/* SPDX-License-Identifier: Apache-2.0
 *
 * The least that is a vendor: everything is clean to it. Shows that the installed headers and
 * vsapi_add_vendor are enough to build one. */
#include <stdlib.h>
#include <vsapi/abi/vsapi_vendor.h>

static int32_t start(vsapi_vendor* vendor) { return vendor != NULL ? VSAPI_OK : VSAPI_E_ARGUMENT; }

static void stop(vsapi_vendor* vendor) { (void)vendor; }

static void destroy(vsapi_vendor* vendor) { free(vendor); }

/* There is nothing to remember from one scan to the next: the instance is each one's session. */
static int32_t open_session(vsapi_vendor* vendor, vsapi_session** session) {
  *session = (vsapi_session*)vendor;
  return VSAPI_OK;
}

static void close_session(vsapi_vendor* vendor, vsapi_session* session) {
  (void)vendor;
  (void)session;
}

static int32_t scan(vsapi_vendor* vendor, vsapi_session* session, const vsapi_scan_request* request,
                    vsapi_scan_result* result) {
  (void)vendor;
  (void)session;
  (void)request;
  result->verdict = VSAPI_VERDICT_CLEAN;
  return VSAPI_OK;
}

static const vsapi_vendor_table TABLE = {start,         stop, destroy, open_session,
                                         close_session, scan, NULL};

static int32_t create(const vsapi_create* how, vsapi_vendor** vendor) {
  (void)how;
  *vendor = malloc(sizeof **vendor);
  if (*vendor == NULL) return VSAPI_E_NO_MEMORY;
  (*vendor)->table = &TABLE;
  return VSAPI_OK;
}

/* An internal function that is not static must not become a symbol of the DLL. */
int outside_internal(int value);
int outside_internal(int value) { return value + 1; }

static const vsapi_vendor_info INFO = {sizeof INFO, 0, "OutsideVendor",
                                       "Vendor of an outside project", 1};

VSAPI_EXPORT_ENTRY = {sizeof(vsapi_entry), VSAPI_ABI_MAJOR, VSAPI_ABI_MINOR, &INFO, create};
