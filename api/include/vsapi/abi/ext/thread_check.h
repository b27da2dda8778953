/* SPDX-License-Identifier: Apache-2.0
 *
 * Engine side: which role does the calling thread have now? For assertions in vendors. */
#ifndef VSAPI_ABI_EXT_THREAD_CHECK_H_
#define VSAPI_ABI_EXT_THREAD_CHECK_H_

#include "../services.h"

#define VSAPI_EXT_THREAD_CHECK "vsapi.thread-check/1"

VSAPI_BEGIN_C

typedef struct vsapi_ext_thread_check {
  /* Non-zero inside a call marked [control] of this instance. [any] */
  int32_t(VSAPI_CALL* is_control)(const vsapi_services* services);
  /* Non-zero inside a call marked [scan] of this instance. [any] */
  int32_t(VSAPI_CALL* is_scan)(const vsapi_services* services);
} vsapi_ext_thread_check;

VSAPI_END_C

#endif /* VSAPI_ABI_EXT_THREAD_CHECK_H_ */
