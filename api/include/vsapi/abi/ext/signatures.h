/* SPDX-License-Identifier: Apache-2.0
 *
 * Vendor side: definitions that change while the library does not. */
#ifndef VSAPI_ABI_EXT_SIGNATURES_H_
#define VSAPI_ABI_EXT_SIGNATURES_H_

#include "../vendor.h"

#define VSAPI_EXT_SIGNATURES "vsapi.signatures/1"

VSAPI_BEGIN_C

/* Which definitions a started instance holds. */
typedef struct vsapi_signatures_identity {
  uint32_t struct_size;
  uint64_t version;   /* rises with newer definitions; never a hash, never a signed 32-bit number */
  uint8_t digest[32]; /* of everything loaded: equal definitions, equal digest */
  uint64_t count;     /* signatures loaded */
  int64_t built_ns;   /* when the newest of them was made, nanoseconds since 1970 UTC; 0 unknown */
} vsapi_signatures_identity;

typedef struct vsapi_ext_signatures {
  /* The identity of this instance; the same at each call. [control & started] */
  int32_t(VSAPI_CALL* identity)(vsapi_vendor* vendor, vsapi_signatures_identity* identity);

  /* Sets `*newer` non-zero if a new instance would now load other definitions than this one holds.
   * Cheap (stat, not read): called about once a minute. [control & started] */
  int32_t(VSAPI_CALL* poll)(vsapi_vendor* vendor, int32_t* newer);
} vsapi_ext_signatures;

VSAPI_END_C

#endif /* VSAPI_ABI_EXT_SIGNATURES_H_ */
