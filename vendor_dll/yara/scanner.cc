// SPDX-License-Identifier: Apache-2.0
#include "scanner.h"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <functional>
#include <new>

namespace vsapi::yara {
namespace {

constexpr size_t kKept = size_t{4} << 20;  // of the buffer, from one scan to the next
constexpr char kMaxSize[] = "Limit.MaxSize";
constexpr char kTooManyMatches[] = "Limit.TooManyMatches";

YR_SCANNER* NewScanner(const RuleSet& rules) {
  YR_SCANNER* scanner = nullptr;
  if (yr_scanner_create(rules.compiled(), &scanner) != ERROR_SUCCESS) throw std::bad_alloc();
  return scanner;
}

// A large content's memory goes back after its scan, however that ends.
class TrimAfterwards {
 public:
  explicit TrimAfterwards(std::vector<char>* buffer) : buffer_(*buffer) {}
  ~TrimAfterwards() {
    if (buffer_.capacity() > kKept) std::vector<char>().swap(buffer_);
  }

 private:
  std::vector<char>& buffer_;
};

// libyara counts whole seconds, and takes 0 for no limit.
int SecondsLeft(const Request& request) {
  const auto left = std::chrono::ceil<std::chrono::seconds>(request.remaining()).count();
  return static_cast<int>(std::clamp<int64_t>(left, 1, 24 * 3600));
}

// These limits of libyara depend on the content alone: the same scan would hit them again.
bool IsLimit(int error) {
  return error == ERROR_TOO_MANY_MATCHES || error == ERROR_TOO_MANY_RE_FIBERS ||
         error == ERROR_EXEC_STACK_OVERFLOW;
}

// ".exe" of "Invoice.EXE"; "" where there is no dot.
std::string ExtensionOf(std::string_view name) {
  const size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return "";
  std::string extension(name.substr(dot));
  std::ranges::transform(extension, extension.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension;
}

}  // namespace

Scanner::Scanner(const Parameters& parameters, const RuleSet& rules)
    : parameters_(parameters), rules_(rules), scanner_(NewScanner(rules)) {
  yr_scanner_set_callback(scanner_.get(), OnMessage, this);
  // Signal handlers belong to the host; libyara would set its own for each scan.
  yr_scanner_set_flags(scanner_.get(), SCAN_FLAGS_NO_TRYCATCH | SCAN_FLAGS_REPORT_RULES_MATCHING);
  found_.reserve(rules.meanings().size());
}

int32_t Scanner::Scan(const Request& request, Result& result) {
  request.ThrowIfCancelled();
  if (parameters_.properties) result.LimitToItem();
  if (request.size() > parameters_.max_size) {
    result.AddFinding(VSAPI_FINDING_LIMIT, kMaxSize);
    return VSAPI_VERDICT_OVER_LIMIT;
  }
  const TrimAfterwards trim(&buffer_);
  const Bytes content = request.ReadAll(buffer_);
  if (parameters_.properties) DefineVariables(request);
  Match(request, content);
  return Report(result);
}

// A zero byte would end the text for libyara and hide what comes behind it.
void Scanner::Define(const char* variable, std::string text) {
  std::ranges::replace(text, '\0', '?');
  if (yr_scanner_define_string_variable(scanner_.get(), variable, text.c_str()) != ERROR_SUCCESS)
    throw std::bad_alloc();
}

void Scanner::DefineVariables(const Request& request) {
  for (const Variable& variable : kVariables)
    Define(variable.name, std::string(request.Text(variable.property).value_or("")));
  Define(kExtensionVariable,
         ExtensionOf(request.Text(VSAPI_PROPERTY_ATTACHMENT_NAME).value_or("")));
}

void Scanner::Match(const Request& request, Bytes content) {
  request_ = &request;
  found_.clear();
  hit_limit_ = stopped_ = finished_ = false;
  // libyara keeps the entry point of the last program it saw.
  scanner_->entry_point = YR_UNDEFINED;
  yr_scanner_set_timeout(scanner_.get(), SecondsLeft(request));
  const int error =
      yr_scanner_scan_mem(scanner_.get(), static_cast<const uint8_t*>(content.data), content.size);
  if (stopped_) request.ThrowIfCancelled();
  if (IsLimit(error))
    hit_limit_ = true;
  else if (error != ERROR_SUCCESS || !finished_)
    ThrowFor(error);
}

void Scanner::ThrowFor(int error) const {
  if (error == ERROR_SCAN_TIMEOUT)
    throw Failure(VSAPI_E_TIMEOUT, "libyara did not finish in the time for this scan");
  if (error == ERROR_INSUFFICIENT_MEMORY) throw std::bad_alloc();
  std::string text = "libyara's error " + std::to_string(error);
  if (const YR_RULE* rule = yr_scanner_last_error_rule(scanner_.get()))
    text += ", at rule " + std::string(rule->identifier);
  throw Failure(VSAPI_E_INTERNAL, text);
}

// Anything but CALLBACK_CONTINUE ends the scan. A string with too many matches is left out of the
// rest of it: what is found still counts, but nothing is clean any more.
int Scanner::OnMessage(YR_SCAN_CONTEXT* context, int message, void* data, void* self) noexcept {
  Scanner& scanner = *static_cast<Scanner*>(self);
  if (message == CALLBACK_MSG_RULE_MATCHING)
    scanner.found_.push_back(&scanner.rules_.meanings()[static_cast<const YR_RULE*>(data) -
                                                        context->rules->rules_table]);
  if (message == CALLBACK_MSG_TOO_MANY_MATCHES) scanner.hit_limit_ = true;
  if (message == CALLBACK_MSG_SCAN_FINISHED) scanner.finished_ = true;
  if (!scanner.request_->is_cancelled()) return CALLBACK_CONTINUE;
  scanner.stopped_ = true;
  return CALLBACK_ABORT;
}

// The strongest first: it names the whole.
int32_t Scanner::Report(Result& result) {
  std::ranges::stable_sort(found_, std::greater<>(), &Meaning::strength);
  for (const Meaning* meaning : found_) result.AddFinding(meaning->kind, meaning->name);
  if (hit_limit_) result.AddFinding(VSAPI_FINDING_LIMIT, kTooManyMatches);
  if (!found_.empty()) return found_.front()->verdict;
  return hit_limit_ ? VSAPI_VERDICT_OVER_LIMIT : VSAPI_VERDICT_CLEAN;
}

}  // namespace vsapi::yara
