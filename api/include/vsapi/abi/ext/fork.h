/* SPDX-License-Identifier: Apache-2.0
 *
 * Vendor side: the started instance may be carried into a forked worker process. */
#ifndef VSAPI_ABI_EXT_FORK_H_
#define VSAPI_ABI_EXT_FORK_H_

#include "../vendor.h"

#define VSAPI_EXT_FORK "vsapi.fork/1"

VSAPI_BEGIN_C

typedef struct vsapi_ext_fork {
  /* Called in the child of a single-threaded parent, once, before any session is opened there:
   * moves everything that must not be shared (temporary files above all) into `temp_folder`, an
   * empty folder of the child's own. [control & started] */
  int32_t(VSAPI_CALL* after_fork)(vsapi_vendor* vendor, const char* temp_folder);
} vsapi_ext_fork;

VSAPI_END_C

#endif /* VSAPI_ABI_EXT_FORK_H_ */
