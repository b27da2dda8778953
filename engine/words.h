// SPDX-License-Identifier: Apache-2.0
//
// The words that people read for answers, reasons, verdicts and statuses. Static text, never null.
#pragma once

#include <cstdint>
#include <string>

namespace vsapi::engine {

const char* AnswerText(int32_t answer);
const char* ReasonText(int32_t reason);
const char* VerdictText(int32_t verdict);
const char* AccessText(int32_t access);
const char* MessageText(int32_t answer);  // VSAPI_MESSAGE_...
// Is it one that a vendor may return?
bool IsKnownStatus(int32_t status);
bool IsKnownVerdict(int32_t verdict);
std::string StatusText(int32_t status);  // of an unknown one with its number

}  // namespace vsapi::engine
