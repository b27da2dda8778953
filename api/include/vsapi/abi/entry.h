/* SPDX-License-Identifier: Apache-2.0
 *
 * The one thing that a vendor DLL exports.
 *
 *   VSAPI_EXPORT_ENTRY = { sizeof(vsapi_entry), VSAPI_ABI_MAJOR, VSAPI_ABI_MINOR, &info, create };
 */
#ifndef VSAPI_ABI_ENTRY_H_
#define VSAPI_ABI_ENTRY_H_

#include "base.h"
#include "services.h"
#include "vendor.h"

VSAPI_BEGIN_C

enum {
  /* The DLL's code is never unmapped once loaded: something of it outlives its instances. */
  VSAPI_VENDOR_KEEP_RESIDENT = 1u << 0,
  /* One scan at a time in the whole instance: the engine lets calls in one by one, high lane first.
   * Without this flag scans come in parallel, one per session. */
  VSAPI_VENDOR_SERIAL = 1u << 1
};

/* Who the vendor is; constant data. */
typedef struct vsapi_vendor_info {
  uint32_t struct_size;
  uint32_t flags;          /* VSAPI_VENDOR_... */
  const char* name;        /* identity in stamps and settings: 1 to 47 bytes of UTF-8, never changes */
  const char* description; /* one line for an administrator, with the product's own version */
  /* Rises whenever a scan may find more than before. Instances whose definitions change while the
   * library does not give theirs by the extension vsapi.signatures/1, which then rules. */
  uint64_t version;
} vsapi_vendor_info;

/* What a new instance gets; valid until `create` returns, `services` until `destroy` returns. */
typedef struct vsapi_create {
  uint32_t struct_size;
  const vsapi_services* services;
  const char* parameters; /* the setting Parameters, verbatim; "" when absent */
  uint32_t sessions;      /* how many sessions the engine is going to open */
} vsapi_create;

typedef struct vsapi_entry {
  uint32_t struct_size;
  uint16_t abi_major; /* VSAPI_ABI_MAJOR the DLL was built with */
  uint16_t abi_minor;
  const vsapi_vendor_info* info;

  /* Makes an instance that is not started yet. On failure `*vendor` is left alone.
   * [control & loaded] */
  int32_t(VSAPI_CALL* create)(const vsapi_create* how, vsapi_vendor** vendor);
} vsapi_entry;

#define VSAPI_ENTRY_SYMBOL "vsapi_vendor_entry"

/* What the macro below defines; never there in an engine. */
extern VSAPI_EXPORT_SYMBOL const vsapi_entry vsapi_vendor_entry;

/* Begins the definition of the exported constant. */
#define VSAPI_EXPORT_ENTRY const vsapi_entry vsapi_vendor_entry

VSAPI_END_C

#endif /* VSAPI_ABI_ENTRY_H_ */
