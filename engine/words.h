// SPDX-License-Identifier: Apache-2.0
//
// The words that people read for answers, reasons and verdicts. Static text, never null.
#pragma once

#include <cstdint>

namespace vsapi::engine {

const char* AnswerText(int32_t answer);
const char* ReasonText(int32_t reason);
const char* VerdictText(int32_t verdict);

}  // namespace vsapi::engine
