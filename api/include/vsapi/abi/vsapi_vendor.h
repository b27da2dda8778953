/* SPDX-License-Identifier: Apache-2.0
 *
 * The whole vendor contract in one include. Read in this order: entry.h, vendor.h, scan.h; then
 * verdict.h and property.h for the words; then the extensions you need. */
#ifndef VSAPI_ABI_VSAPI_VENDOR_H_
#define VSAPI_ABI_VSAPI_VENDOR_H_

#include "base.h"
#include "entry.h"
#include "ext/fork.h"
#include "ext/log.h"
#include "ext/self_test.h"
#include "ext/signatures.h"
#include "ext/thread_check.h"
#include "property.h"
#include "scan.h"
#include "services.h"
#include "vendor.h"
#include "verdict.h"

#endif /* VSAPI_ABI_VSAPI_VENDOR_H_ */
