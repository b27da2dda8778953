// SPDX-License-Identifier: Apache-2.0
//
// A vendor DLL driven by hand, with no engine between: loads it, takes it through its life, and
// scans scripted contents with it. For the tests of the vendors themselves.
//
// One thread at a time, unless each has a session of its own.
#ifndef VSAPI_TESTS_VENDORS_DIRECT_VENDOR_H_
#define VSAPI_TESTS_VENDORS_DIRECT_VENDOR_H_

#include <dlfcn.h>
#include <vsapi/abi/vsapi_vendor.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace vsapi::test {

// What a vendor gets to scan, and how the reading of it goes.
struct ScriptedContent {
  std::string bytes;
  bool in_memory = true;                                       // else `data` is NULL
  size_t longest_read = std::numeric_limits<size_t>::max();    // every read is at most this long
  uint64_t fails_at = std::numeric_limits<uint64_t>::max();    // reads past here fail
  uint64_t ends_at = std::numeric_limits<uint64_t>::max();     // it turns out to be this short
  uint64_t cancelled_after = std::numeric_limits<int>::max();  // times that is_cancelled said no
  std::map<uint32_t, std::string> text_properties = {};
};

// What the vendor made of it.
struct Answer {
  int32_t status = VSAPI_OK;
  int32_t verdict = VSAPI_VERDICT_NONE;
  int32_t scope = VSAPI_SCOPE_CONTENT;
  std::vector<std::string> findings;  // their names
  std::string text;
  std::string replacement;
};

namespace direct {

struct Request : vsapi_scan_request {
  const ScriptedContent* content = nullptr;
  mutable uint64_t asked = 0;
};

inline const ScriptedContent& ContentOf(const vsapi_scan_request* request) {
  return *static_cast<const Request*>(request)->content;
}

inline int32_t Read(const vsapi_scan_request* request, uint64_t offset, void* buffer, size_t size,
                    size_t* got) {
  const ScriptedContent& content = ContentOf(request);
  const uint64_t end = std::min<uint64_t>(content.bytes.size(), content.ends_at);
  *got = offset >= end ? 0 : std::min({size, content.longest_read, size_t(end - offset)});
  if (offset + *got > content.fails_at) return VSAPI_E_READ_FAILED;
  if (*got > 0) std::memcpy(buffer, content.bytes.data() + offset, *got);
  return VSAPI_OK;
}

inline int32_t Property(const vsapi_scan_request* request, uint32_t id, uint32_t index,
                        vsapi_value* value) {
  const auto& properties = ContentOf(request).text_properties;
  const auto found = properties.find(id);
  if (found == properties.end() || index > 0) return VSAPI_E_ABSENT;
  value->type = VSAPI_TYPE_TEXT;
  value->text = found->second.c_str();
  value->text_size = found->second.size();
  return VSAPI_OK;
}

inline int32_t IsCancelled(const vsapi_scan_request* request) {
  const auto* self = static_cast<const Request*>(request);
  return self->asked++ >= self->content->cancelled_after;
}

inline uint64_t RemainingNs(const vsapi_scan_request* request) { return request->budget_ns; }

struct Result : vsapi_scan_result {
  Answer* answer = nullptr;
};

inline int32_t AddFinding(vsapi_scan_result* result, const vsapi_finding* finding) {
  static_cast<Result*>(result)->answer->findings.emplace_back(finding->name);
  return VSAPI_OK;
}

inline int32_t SetText(vsapi_scan_result* result, const char* text) {
  static_cast<Result*>(result)->answer->text = text;
  return VSAPI_OK;
}

inline int32_t WriteReplacement(vsapi_scan_result* result, const void* data, size_t size) {
  static_cast<Result*>(result)->answer->replacement.append(static_cast<const char*>(data), size);
  return VSAPI_OK;
}

inline constexpr vsapi_scan_request_calls kRequestCalls = {Read, Property, IsCancelled,
                                                           RemainingNs};
inline constexpr vsapi_scan_result_calls kResultCalls = {AddFinding, SetText, WriteReplacement};

inline const void* NoExtension(const vsapi_services*, const char*) { return nullptr; }
inline constexpr vsapi_services kNoServices = {sizeof(vsapi_services), NoExtension};

}  // namespace direct

class DirectVendor {
 public:
  // Loads and creates; throws std::runtime_error where one of them fails.
  explicit DirectVendor(const std::string& path, const std::string& parameters = "")
      : library_(dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) {
    if (!library_) throw std::runtime_error(dlerror());
    entry_ = static_cast<const vsapi_entry*>(dlsym(library_.get(), VSAPI_ENTRY_SYMBOL));
    if (entry_ == nullptr) throw std::runtime_error("no " VSAPI_ENTRY_SYMBOL " in " + path);
    const vsapi_create how = {sizeof how, &direct::kNoServices, parameters.c_str(), 1};
    if (entry_->create(&how, &vendor_) != VSAPI_OK) throw std::runtime_error("create failed");
  }
  DirectVendor(const DirectVendor&) = delete;
  DirectVendor& operator=(const DirectVendor&) = delete;
  ~DirectVendor() {
    if (session_ != nullptr) vendor_->table->close_session(vendor_, session_);
    if (started_) vendor_->table->stop(vendor_);
    vendor_->table->destroy(vendor_);
  }

  // Starts and opens the session; the first failure is the answer.
  int32_t Start() {
    const int32_t status = vendor_->table->start(vendor_);
    if (status != VSAPI_OK) return status;
    started_ = true;
    return vendor_->table->open_session(vendor_, &session_);
  }

  Answer Scan(const ScriptedContent& content) { return Scan(content, session_); }
  Answer ScanText(const std::string& text) { return Scan({.bytes = text}, session_); }

  // In a session that the test opened itself, beside another scan.
  Answer Scan(const ScriptedContent& content, vsapi_session* session) {
    Answer answer;
    direct::Request request;
    static_cast<vsapi_scan_request&>(request) = {sizeof(vsapi_scan_request),
                                                 VSAPI_ACCESS_ON_DEMAND,
                                                 VSAPI_LANE_HIGH,
                                                 1,
                                                 content.bytes.size(),
                                                 content.in_memory ? content.bytes.data() : nullptr,
                                                 kBudgetNs,
                                                 &direct::kRequestCalls};
    request.content = &content;
    direct::Result result;
    static_cast<vsapi_scan_result&>(result) = {sizeof(vsapi_scan_result), VSAPI_VERDICT_NONE,
                                               VSAPI_SCOPE_CONTENT, &direct::kResultCalls};
    result.answer = &answer;
    answer.status = vendor_->table->scan(vendor_, session, &request, &result);
    answer.verdict = result.verdict;
    answer.scope = result.scope;
    return answer;
  }
  const vsapi_entry& entry() const { return *entry_; }
  vsapi_vendor* vendor() const { return vendor_; }

  // The vendor's table for `id`, or null.
  template <typename Table>
  const Table* Extension(const char* id) const {
    return static_cast<const Table*>(vendor_->table->get_extension(vendor_, id));
  }

 private:
  static constexpr uint64_t kBudgetNs = 60'000'000'000;

  struct Close {
    void operator()(void* library) const { dlclose(library); }
  };
  std::unique_ptr<void, Close> library_;
  const vsapi_entry* entry_ = nullptr;
  vsapi_vendor* vendor_ = nullptr;
  vsapi_session* session_ = nullptr;
  bool started_ = false;
};

}  // namespace vsapi::test

#endif  // VSAPI_TESTS_VENDORS_DIRECT_VENDOR_H_
