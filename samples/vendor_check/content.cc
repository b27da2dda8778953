// SPDX-License-Identifier: Apache-2.0
#include "content.h"

#include <vsapi/abi/vsapi_vendor.h>

#include <algorithm>

#include "words.h"

namespace vendor_check {

Content ByReads(Content content, size_t longest) {
  content.in_memory = false;
  content.longest_read = longest;
  return content;
}

bool Answer::is_clean() const { return status == VSAPI_OK && IsClean(verdict); }

bool Answer::was_given() const {
  if (status != VSAPI_OK) return IsKnownStatus(status);
  return verdict != VSAPI_VERDICT_NONE && IsKnownVerdict(verdict);
}

std::string Answer::Describe() const {
  std::string all = status == VSAPI_OK ? VerdictName(verdict) : "status " + StatusName(status);
  for (const Finding& finding : findings) all += ", found " + Quoted(finding.name);
  return text.empty() ? all : all + ", text " + Quoted(text);
}

bool Answer::SaysTheSameAs(const Answer& other) const {
  if (status != other.status) return false;
  return status != VSAPI_OK ||
         (verdict == other.verdict && replacement == other.replacement &&
          std::ranges::equal(findings, other.findings, {}, &Finding::name, &Finding::name));
}

std::string Eicar() {
  std::string sample = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EI";
  for (const char* piece : {"CAR-STANDARD-ANT", "IVIRUS-TEST-FILE!$H+H*"}) sample += piece;
  return sample;
}

Content HarmlessText() {
  return {.name = "a harmless text",
          .bytes = "Dear Bob,\r\n\r\nthe meeting is on Monday at ten. Best regards,\r\nAlice\r\n"};
}

Content LongText(size_t size) {
  Content content{.name = "a text of " + std::to_string(size) + " bytes", .bytes = {}};
  for (unsigned line = 0; content.bytes.size() < size; ++line)
    content.bytes += "This is line " + std::to_string(line) + " of a long and harmless letter.\r\n";
  content.bytes.resize(size);
  return content;
}

Content Zeros(uint64_t size) {
  return {.name = InMebibytes(static_cast<int64_t>(size)) + " of zeros",
          .bytes = {},
          .zeros = size,
          .in_memory = false};
}

}  // namespace vendor_check
