// SPDX-License-Identifier: GPL-2.0-only
//
// Does libclamav still take mail apart? A single *.ftm among the definitions replaces the list of
// all formats that it knows, and a *.cfg can switch its parsers off: then messages and archives are
// plain data, and called clean. So an engine has to find EICAR in a zip in a message before it is
// used. [control]
#ifndef VSAPI_VENDOR_DLL_CLAMAV_UNPACKING_H_
#define VSAPI_VENDOR_DLL_CLAMAV_UNPACKING_H_

#include <clamav.h>

namespace vsapi::clamav {

// `engine` is compiled, has the rule for EICAR, and no callbacks yet.
bool TakesMailApart(const cl_engine* engine);

}  // namespace vsapi::clamav

#endif  // VSAPI_VENDOR_DLL_CLAMAV_UNPACKING_H_
