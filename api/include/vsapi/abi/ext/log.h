/* SPDX-License-Identifier: Apache-2.0
 *
 * Engine side: the vendor's lines in the engine's event log. */
#ifndef VSAPI_ABI_EXT_LOG_H_
#define VSAPI_ABI_EXT_LOG_H_

#include "../services.h"

#define VSAPI_EXT_LOG "vsapi.log/1"

VSAPI_BEGIN_C

enum {
  VSAPI_LOG_DEBUG = 0,
  VSAPI_LOG_INFO = 1,
  VSAPI_LOG_WARNING = 2, /* it goes on, but somebody should look */
  VSAPI_LOG_ERROR = 3
};

typedef struct vsapi_ext_log {
  /* Writes one line; never blocks; the engine may drop lines when there are too many. [any] */
  void(VSAPI_CALL* write)(const vsapi_services* services, int32_t severity, const char* text);
} vsapi_ext_log;

VSAPI_END_C

#endif /* VSAPI_ABI_EXT_LOG_H_ */
