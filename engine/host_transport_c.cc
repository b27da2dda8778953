// SPDX-License-Identifier: Apache-2.0
//
// The C face of transport: messages on their way.
#include "host_c.h"
#include "words.h"

namespace {

using namespace vsapi::engine;

bool IsReader(const vsapi_store_table* reader) {
  return reader != nullptr && VSAPI_HAS_FIELD(reader, vsapi_store_table, release) &&
         reader->open_content != nullptr && reader->close_content != nullptr;
}

bool IsMessage(const vsapi_message* message) {
  return message != nullptr && VSAPI_HAS_FIELD(message, vsapi_message, message_id) &&
         IsReader(message->reader) && AreItems(message->parts, message->part_count);
}

bool TakeHow(const vsapi_submission_options* from, Transport::How& how) {
  if (from == nullptr) return true;
  if (!VSAPI_HAS_FIELD(from, vsapi_submission_options, traces)) return false;
  if (from->timeout_ms > kYearMs) return false;
  if (from->traces != nullptr && !VSAPI_HAS_FIELD(from->traces, vsapi_trace, reading_ns))
    return false;
  how.scan = {.access = from->access,
              .lane = from->bulk != 0 ? Lane::kLow : Lane::kHigh,
              .timeout = std::chrono::milliseconds(from->timeout_ms),
              .traces = from->traces,
              .client = from->client,
              .user = from->user};
  how.outgoing = from->outgoing != 0;
  how.tries = from->tries;
  return how.scan.access == VSAPI_ACCESS_TRANSPORT || IsExempt(how.scan.access);
}

// `judge` is one of Transport's two.
template <class Judge>
int32_t Submit(const vsapi_message* message, const vsapi_submission_options* how,
               vsapi_message_judged judged, Judge judge) {
  Transport::How asked;
  if (!IsMessage(message) || judged == nullptr || !TakeHow(how, asked)) return VSAPI_E_ARGUMENT;
  return Guarded([&] {
    judge(asked);
    return static_cast<int32_t>(VSAPI_OK);
  });
}

}  // namespace

extern "C" {

const char* vsapi_message_text(int32_t answer) { return MessageText(answer); }

int32_t vsapi_on_submission(vsapi_engine* engine, const vsapi_message* message,
                            const vsapi_submission_options* how, vsapi_message_judged judged,
                            void* context) {
  return Submit(message, how, judged, [&](const Transport::How& asked) {
    engine->engine->transport().Judge(*message, asked, judged, context);
  });
}

int32_t vsapi_on_submission_async(vsapi_engine* engine, const vsapi_message* message,
                                  const vsapi_submission_options* how, vsapi_message_judged judged,
                                  void* context) {
  return Submit(message, how, judged, [&](const Transport::How& asked) {
    engine->engine->transport().JudgeAsync(*message, asked, judged, context);
  });
}

}  // extern "C"
