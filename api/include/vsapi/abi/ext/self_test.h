/* SPDX-License-Identifier: Apache-2.0
 *
 * Vendor side: a sample that this vendor finds whatever its definitions are. The engine scans it,
 * and a harmless text, before an instance may serve; an instance that fails either never serves. */
#ifndef VSAPI_ABI_EXT_SELF_TEST_H_
#define VSAPI_ABI_EXT_SELF_TEST_H_

#include "../vendor.h"

#define VSAPI_EXT_SELF_TEST "vsapi.self-test/1"

VSAPI_BEGIN_C

typedef struct vsapi_ext_self_test {
  /* Points `*data` at `*size` bytes that must be found VSAPI_VERDICT_INFECTED; valid until `stop`.
   * [control & started] */
  int32_t(VSAPI_CALL* positive_sample)(vsapi_vendor* vendor, const void** data, size_t* size);
} vsapi_ext_self_test;

VSAPI_END_C

#endif /* VSAPI_ABI_EXT_SELF_TEST_H_ */
