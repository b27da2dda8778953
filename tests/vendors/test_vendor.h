// SPDX-License-Identifier: Apache-2.0
//
// A vendor that behaves, for the test DLLs to deviate from in one place. It judges a content by the
// words in it (see README.md), has a session per scan thread, the self-test extension, and a gate
// that holds a scan until the test lets it go.
//
// Each DLL is one source: it copies kGoodTable, replaces what it does wrong, and ends with
// VSAPI_TEST_VENDOR. Everything here has internal linkage or is inline in a DLL of one source.
#ifndef VSAPI_TESTS_VENDORS_TEST_VENDOR_H_
#define VSAPI_TESTS_VENDORS_TEST_VENDOR_H_

#include <unistd.h>
#include <vsapi/abi/vsapi_vendor.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <string>
#include <string_view>

// The state of one scan. The engine must never let two scans into one session.
struct vsapi_session {
  std::atomic<bool> in_use{false};
};

namespace vsapi::test_vendor {

struct Instance : vsapi_vendor {
  std::string parameters;
  std::atomic<int> scans_inside{0};
  std::atomic<bool> ever_overlapped{false};
  std::atomic<int> refused{0};
  int sessions = 0;  // [control] only
};

inline Instance& Self(vsapi_vendor* vendor) { return *static_cast<Instance*>(vendor); }

// The value of `key` in Parameters of the form "key=value;key=value".
inline std::string Parameter(const Instance& self, const std::string& key,
                             const std::string& otherwise) {
  const std::string text = ";" + self.parameters + ";";
  const size_t found = text.find(";" + key + "=");
  if (found == std::string::npos) return otherwise;
  const size_t begin = found + key.size() + 2;
  return text.substr(begin, text.find(';', begin) - begin);
}

inline int Number(const Instance& self, const std::string& key, int otherwise) {
  return std::atoi(Parameter(self, key, std::to_string(otherwise)).c_str());
}

inline bool Has(std::string_view content, std::string_view word) {
  return content.find(word) != std::string_view::npos;
}

// The whole content by `data` or by as many reads as it takes.
inline int32_t ReadAll(const vsapi_scan_request* request, std::string* content) {
  if (request->data != nullptr) {
    content->assign(static_cast<const char*>(request->data), request->size);
    return VSAPI_OK;
  }
  char buffer[4096];
  for (size_t got = 1; got > 0; content->append(buffer, got)) {
    if (request->calls->is_cancelled(request)) return VSAPI_E_CANCELLED;
    const int32_t status =
        request->calls->read(request, content->size(), buffer, sizeof buffer, &got);
    if (status != VSAPI_OK) return status;
  }
  return content->size() < request->size ? VSAPI_E_READ_FAILED : VSAPI_OK;
}

// Sets the verdict, with its finding unless `name` is empty.
inline int32_t Say(vsapi_scan_result* result, int32_t verdict, int32_t kind,
                   const std::string& name) {
  result->verdict = verdict;
  if (name.empty()) return VSAPI_OK;
  const vsapi_finding finding = {sizeof finding, kind, name.c_str(), nullptr};
  return result->calls->add_finding(result, &finding);
}

// ---- The good judgement ---------------------------------------------------------------------

struct WordVerdict {
  const char* word;
  int32_t verdict;
  int32_t kind;
  const char* finding;
};

inline constexpr WordVerdict kWords[] = {
    {"SUSPICIOUS", VSAPI_VERDICT_SUSPICIOUS, VSAPI_FINDING_HEURISTIC, "Heuristic.Test"},
    {"ENCRYPTED", VSAPI_VERDICT_ENCRYPTED, VSAPI_FINDING_ENCRYPTED, "Encrypted.Test"},
    {"OVERLIMIT", VSAPI_VERDICT_OVER_LIMIT, VSAPI_FINDING_LIMIT, "Limit.Test"},
    {"MALFORMED", VSAPI_VERDICT_MALFORMED, VSAPI_FINDING_MALFORMED, "Malformed.Test"},
    {"UNSUPPORTED", VSAPI_VERDICT_UNSUPPORTED, VSAPI_FINDING_POLICY, "Unsupported.Test"},
    {"DELETE", VSAPI_VERDICT_DELETE_MESSAGE, VSAPI_FINDING_THREAT, "Delete.Test"},
    {"PERMANENT", VSAPI_VERDICT_CLEAN_PERMANENT, 0, ""},
};

// "INFECTED:<name>": the name ends at the first blank or control character.
inline std::string NameAfter(const std::string& content, size_t begin) {
  size_t end = begin;
  while (end < content.size() && static_cast<unsigned char>(content[end]) > ' ') ++end;
  return content.substr(begin, end - begin);
}

// "CLEANED": the replacement is the content without that word.
inline int32_t Clean(std::string content, vsapi_scan_result* result) {
  constexpr std::string_view kWord = "CLEANED";
  for (size_t at; (at = content.find(kWord)) != std::string::npos;) content.erase(at, kWord.size());
  const int32_t status = result->calls->write_replacement(result, content.data(), content.size());
  if (status != VSAPI_OK) return status;
  return Say(result, VSAPI_VERDICT_CLEANED, VSAPI_FINDING_THREAT, "Cleaned.Test");
}

// An attachment called blocked.* is forbidden whatever is in it: a verdict on the item.
inline bool IsBlockedByName(const vsapi_scan_request* request) {
  vsapi_value value = {};
  value.struct_size = sizeof value;
  const int32_t status =
      request->calls->property(request, VSAPI_PROPERTY_ATTACHMENT_NAME, 0, &value);
  return status == VSAPI_OK &&
         std::string_view(value.text, value.text_size).starts_with("blocked.");
}

inline int32_t Judge(const std::string& content, vsapi_scan_result* result) {
  constexpr std::string_view kInfected = "INFECTED:";
  const size_t infected = content.find(kInfected);
  if (infected != std::string::npos) {
    return Say(result, VSAPI_VERDICT_INFECTED, VSAPI_FINDING_THREAT,
               NameAfter(content, infected + kInfected.size()));
  }
  if (Has(content, "CLEANED")) return Clean(content, result);
  for (const WordVerdict& row : kWords) {
    if (Has(content, row.word)) return Say(result, row.verdict, row.kind, row.finding);
  }
  result->verdict = VSAPI_VERDICT_CLEAN;
  return VSAPI_OK;
}

// Holds a scan of a content with the word GATE: tells the test by `entered_fd`, then waits for a
// token in `gate_fd`, both eventfds (the second a semaphore). Heeds no cancellation meanwhile.
inline void PassGate(const Instance& self, const std::string& content) {
  if (!Has(content, "GATE")) return;
  const int entered = Number(self, "entered_fd", -1), gate = Number(self, "gate_fd", -1);
  uint64_t one = 1;
  if (entered >= 0 && write(entered, &one, sizeof one) != sizeof one) std::abort();
  if (gate >= 0 && read(gate, &one, sizeof one) != sizeof one) std::abort();
}

// ---- The functions of the good table ----------------------------------------------------------

inline int32_t Start(vsapi_vendor*) { return VSAPI_OK; }
inline void Stop(vsapi_vendor*) {}
inline void Destroy(vsapi_vendor* vendor) { delete &Self(vendor); }

inline int32_t OpenSession(vsapi_vendor* vendor, vsapi_session** session) {
  ++Self(vendor).sessions;
  *session = new vsapi_session;
  return VSAPI_OK;
}

inline void CloseSession(vsapi_vendor*, vsapi_session* session) { delete session; }

// A scan in a session, also one that throws. A second one in it is the engine's misdeed, and ends
// the test.
class Inside {
 public:
  explicit Inside(vsapi_session& session) : session_(session) {
    if (session_.in_use.exchange(true)) std::abort();
  }
  ~Inside() { session_.in_use = false; }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;

 private:
  vsapi_session& session_;
};

// Fetches the content and has `judge` say what it is: int32_t(Instance&, request, content, result).
template <auto judge>
int32_t ScanBy(vsapi_vendor* vendor, vsapi_session* session, const vsapi_scan_request* request,
               vsapi_scan_result* result) {
  const Inside inside(*session);
  std::string content;
  const int32_t status = ReadAll(request, &content);
  return status == VSAPI_OK ? judge(Self(vendor), request, content, result) : status;
}

inline int32_t JudgeWell(Instance& self, const vsapi_scan_request* request,
                         const std::string& content, vsapi_scan_result* result) {
  PassGate(self, content);
  if (IsBlockedByName(request)) {
    result->scope = VSAPI_SCOPE_ITEM;
    return Say(result, VSAPI_VERDICT_BLOCKED, VSAPI_FINDING_POLICY, "Name.Test");
  }
  return Judge(content, result);
}

inline int32_t PositiveSample(vsapi_vendor*, const void** data, size_t* size) {
  static constexpr std::string_view kSample = "INFECTED:SelfTest";
  *data = kSample.data();
  *size = kSample.size();
  return VSAPI_OK;
}

inline const void* GetExtension(vsapi_vendor*, const char* id) {
  static constexpr vsapi_ext_self_test kSelfTest = {PositiveSample};
  return std::strcmp(id, VSAPI_EXT_SELF_TEST) == 0 ? &kSelfTest : nullptr;
}

inline constexpr vsapi_vendor_table kGoodTable = {
    Start, Stop, Destroy, OpenSession, CloseSession, ScanBy<JudgeWell>, GetExtension};

// kGoodTable with another scan, for the misdeeds that show only there.
template <auto judge>
constexpr vsapi_vendor_table TableThatJudgesBy() {
  vsapi_vendor_table table = kGoodTable;
  table.scan = ScanBy<judge>;
  return table;
}

template <const vsapi_vendor_table& table, typename AnInstance = Instance>
int32_t Create(const vsapi_create* how, vsapi_vendor** vendor) {
  auto* instance = new AnInstance;
  instance->table = &table;
  instance->parameters = how->parameters;
  *vendor = instance;
  return VSAPI_OK;
}

}  // namespace vsapi::test_vendor

// Ends a DLL's source: the entry of vendor `name` whose functions are in `table`. A type of
// instance may follow.
#define VSAPI_TEST_VENDOR(name, flags, ...)                                            \
  static constexpr vsapi_vendor_info kInfo = {sizeof(vsapi_vendor_info), flags, name,  \
                                              "Test vendor " name, 1};                 \
  VSAPI_EXPORT_ENTRY = {sizeof(vsapi_entry), VSAPI_ABI_MAJOR, VSAPI_ABI_MINOR, &kInfo, \
                        vsapi::test_vendor::Create<__VA_ARGS__>}

#endif  // VSAPI_TESTS_VENDORS_TEST_VENDOR_H_
