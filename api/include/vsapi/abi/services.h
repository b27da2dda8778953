/* SPDX-License-Identifier: Apache-2.0
 *
 * What the engine offers to a vendor: abilities by id. */
#ifndef VSAPI_ABI_SERVICES_H_
#define VSAPI_ABI_SERVICES_H_

#include "base.h"

VSAPI_BEGIN_C

/* Valid from `create` until `destroy` returns. */
typedef struct vsapi_services vsapi_services;
struct vsapi_services {
  uint32_t struct_size;
  /* The extension table for `id`, or NULL if this engine does not have it. The table is constant and
   * valid as long as `services`. [any] */
  const void*(VSAPI_CALL* get_extension)(const vsapi_services* services, const char* id);
};

VSAPI_END_C

#endif /* VSAPI_ABI_SERVICES_H_ */
