// SPDX-License-Identifier: Apache-2.0
#include "desk.h"

#include <algorithm>
#include <cstring>

#include "words.h"

namespace vendor_check {
namespace {

// As much as the engine keeps of one.
constexpr size_t kLargestReplacement = size_t{1} << 30;

Desk& Of(const vsapi_scan_request* request) {
  return *static_cast<const Desk::Request*>(request)->desk;
}

Desk& Of(vsapi_scan_result* result) { return *static_cast<Desk::Result*>(result)->desk; }

void Copy(const Content& content, uint64_t offset, char* buffer, size_t size) {
  const size_t in_bytes =
      offset < content.bytes.size() ? std::min<size_t>(size, content.bytes.size() - offset) : 0;
  if (in_bytes > 0) std::memcpy(buffer, content.bytes.data() + offset, in_bytes);
  std::memset(buffer + in_bytes, 0, size - in_bytes);
}

int32_t Read(const vsapi_scan_request* request, uint64_t offset, void* buffer, size_t size,
             size_t* got) noexcept {
  Desk& desk = Of(request);
  if (!desk.Admits("read")) return VSAPI_E_STATE;
  *got = 0;
  const Content& content = desk.content;
  // The end may be looked for even then: nothing is withheld there.
  if (desk.IsCancelled() && offset < content.size()) return VSAPI_E_CANCELLED;
  const uint64_t end = std::min({content.size(), content.ends_at, content.fails_at});
  if (offset >= end) return end == content.fails_at ? VSAPI_E_READ_FAILED : VSAPI_OK;
  // A cancellation comes at its very byte, however much is asked for at once.
  const uint64_t until = std::min({end, content.cancelled_at, content.expired_at});
  const uint64_t left = (offset < until ? until : end) - offset;
  *got = static_cast<size_t>(std::min<uint64_t>({size, content.longest_read, left}));
  Copy(content, offset, static_cast<char*>(buffer), *got);
  desk.read_up_to = std::max(desk.read_up_to, offset + *got);
  desk.IsCancelled();  // from here on time is taken, whether or not the vendor asks
  return VSAPI_OK;
}

int32_t TextOf(const std::vector<std::string>& texts, uint32_t index, vsapi_value* value) {
  if (index >= texts.size()) return VSAPI_E_ABSENT;
  value->type = VSAPI_TYPE_TEXT;
  value->text = texts[index].c_str();
  value->text_size = texts[index].size();
  return VSAPI_OK;
}

int32_t Property(const vsapi_scan_request* request, uint32_t id, uint32_t index,
                 vsapi_value* value) noexcept {
  Desk& desk = Of(request);
  if (!desk.Admits("property")) return VSAPI_E_STATE;
  if (!VSAPI_HAS_FIELD(value, vsapi_value, integer)) return VSAPI_E_ARGUMENT;
  const Properties& properties = desk.content.properties;
  const auto text = properties.texts.find(id);
  if (text != properties.texts.end()) return TextOf(text->second, index, value);
  const auto integer = properties.integers.find(id);
  if (integer == properties.integers.end() || index > 0) return VSAPI_E_ABSENT;
  value->type = VSAPI_TYPE_INTEGER;
  value->integer = integer->second;
  return VSAPI_OK;
}

int32_t IsCancelled(const vsapi_scan_request* request) noexcept {
  Desk& desk = Of(request);
  return !desk.Admits("is_cancelled") || desk.IsCancelled() ? 1 : 0;
}

uint64_t RemainingNs(const vsapi_scan_request* request) noexcept {
  Desk& desk = Of(request);
  return desk.Admits("remaining_ns") ? desk.RemainingNs() : 0;
}

int32_t AddFinding(vsapi_scan_result* result, const vsapi_finding* finding) noexcept {
  Desk& desk = Of(result);
  if (!desk.Admits("add_finding")) return VSAPI_E_STATE;
  const char* name = finding->name != nullptr ? finding->name : "";
  desk.answer.findings.push_back({finding->kind, name});
  return VSAPI_OK;
}

int32_t SetText(vsapi_scan_result* result, const char* text) noexcept {
  Desk& desk = Of(result);
  if (!desk.Admits("set_text")) return VSAPI_E_STATE;
  desk.answer.text = text;
  return VSAPI_OK;
}

int32_t WriteReplacement(vsapi_scan_result* result, const void* data, size_t size) noexcept {
  Desk& desk = Of(result);
  if (!desk.Admits("write_replacement")) return VSAPI_E_STATE;
  if (!desk.answer.replacement) desk.answer.replacement.emplace();
  std::string& replacement = *desk.answer.replacement;
  if (size > kLargestReplacement - replacement.size()) {
    desk.answer.replacement_refused = true;
    return VSAPI_E_NO_MEMORY;
  }
  if (size > 0) replacement.append(static_cast<const char*>(data), size);
  return VSAPI_OK;
}

constexpr vsapi_scan_request_calls kRequestCalls = {Read, Property, IsCancelled, RemainingNs};
constexpr vsapi_scan_result_calls kResultCalls = {AddFinding, SetText, WriteReplacement};

}  // namespace

Desk::Desk(Host& the_host, const Content& the_content) : host(the_host), content(the_content) {
  const bool in_memory = content.in_memory && content.zeros == 0 && content.size() > 0;
  static_cast<vsapi_scan_request&>(request) = {
      sizeof(vsapi_scan_request),
      VSAPI_ACCESS_ON_DEMAND,
      VSAPI_LANE_HIGH,
      1,
      content.size(),
      in_memory ? content.bytes.data() : nullptr,
      static_cast<uint64_t>(
          std::chrono::nanoseconds(host.examination().subject().budget()).count()),
      &kRequestCalls};
  static_cast<vsapi_scan_result&>(result) = {sizeof(vsapi_scan_result), VSAPI_VERDICT_NONE,
                                             VSAPI_SCOPE_CONTENT, &kResultCalls};
  request.desk = this;
  result.desk = this;
}

Answer Desk::Serve(vsapi_vendor* vendor, vsapi_session* session) {
  const vsapi_scan_request given = request;
  thread = std::this_thread::get_id();
  began = Clock::now();
  is_open = true;
  IsCancelled();
  answer.status = vendor->table->scan(vendor, session, &request, &result);
  is_open = false;
  answer.took = Clock::now() - began;
  if (stopped) answer.took_to_stop = stopped->Since();
  answer.verdict = result.verdict;
  answer.scope = result.scope;
  LookAtWhatIsLeft(given);
  return answer;
}

void Desk::LookAtWhatIsLeft(const vsapi_scan_request& given) {
  constexpr const char* kCheck = "scan.untouched";
  const auto& now = static_cast<const vsapi_scan_request&>(request);
  if (std::memcmp(&now, &given, sizeof given) != 0)
    host.Blame(kCheck, "the request was written to by the scan of " + content.name);
  if (result.struct_size != sizeof(vsapi_scan_result) || result.calls != &kResultCalls)
    host.Blame(kCheck,
               "struct_size or calls of the result were written to by the scan of " + content.name);
}

bool Desk::Admits(const char* function) {
  if (!is_open) {
    host.Blame("scan.late-calls", std::string(function) + " was called after scan had returned");
    return false;
  }
  // Served all the same: no other check is to fail for it.
  if (std::this_thread::get_id() != thread)
    host.Blame("threads.own", std::string(function) + " was called on another thread than scan");
  host.on_call_back();
  return true;
}

bool Desk::HasStopped(bool now) {
  if (now && !stopped) stopped.emplace();
  return now;
}

bool Desk::IsExpired() {
  return HasStopped(read_up_to >= content.expired_at ||
                    Clock::now() - began >= host.examination().subject().budget());
}

bool Desk::IsCancelled() { return HasStopped(read_up_to >= content.cancelled_at) || IsExpired(); }

uint64_t Desk::RemainingNs() {
  if (IsExpired()) return 0;
  const auto spent = std::chrono::nanoseconds(Clock::now() - began).count();
  return request.budget_ns - std::min(request.budget_ns, static_cast<uint64_t>(spent));
}

}  // namespace vendor_check
