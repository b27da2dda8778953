// SPDX-License-Identifier: Apache-2.0
#include "host.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstring>

#include "desk.h"
#include "words.h"

namespace vendor_check {
namespace {

constexpr size_t kDesksKept = 64;
constexpr size_t kMostBlamed = 100;
constexpr int kPatience = 10;

// What the calling thread is doing for the vendor, for vsapi.thread-check/1.
enum class Role { kNone, kControl, kScan };
thread_local Role role = Role::kNone;

class Acting {
 public:
  explicit Acting(Role as) : before_(role) { role = as; }
  Acting(const Acting&) = delete;
  Acting& operator=(const Acting&) = delete;
  ~Acting() { role = before_; }

 private:
  const Role before_;
};

void WriteLog(const vsapi_services* services, int32_t, const char* text) noexcept {
  static_cast<const Host*>(services)->Log(text);
}

int32_t IsControl(const vsapi_services*) noexcept { return role == Role::kControl; }
int32_t IsScan(const vsapi_services*) noexcept { return role == Role::kScan; }

const void* GetExtension(const vsapi_services*, const char* id) noexcept {
  static constexpr vsapi_ext_log kLog = {WriteLog};
  static constexpr vsapi_ext_thread_check kThreadCheck = {IsControl, IsScan};
  if (std::strcmp(id, VSAPI_EXT_LOG) == 0) return &kLog;
  if (std::strcmp(id, VSAPI_EXT_THREAD_CHECK) == 0) return &kThreadCheck;
  return nullptr;
}

}  // namespace

// ---- Host -------------------------------------------------------------------------------------

Host::Host(Examination& examination)
    : vsapi_services{sizeof(vsapi_services), GetExtension}, examination_(examination) {}

Host::~Host() = default;

void Host::Blame(const char* check, const std::string& what) {
  const std::lock_guard lock(mutex_);
  if (blamed_.size() < kMostBlamed) blamed_.push_back({check, what});
}

void Host::FailIfBlamed(const char* check) {
  const std::lock_guard lock(mutex_);
  for (const Blamed& blamed : blamed_)
    if (blamed.check == check) examination_.Fail(blamed.what);
}

void Host::Log(const char* text) const {
  const std::lock_guard lock(mutex_);
  last_log_line_ = text;
}

std::string Host::LastLogLine() const {
  const std::lock_guard lock(mutex_);
  return last_log_line_.empty() ? "" : "; it logged: " + last_log_line_;
}

void Host::Retire(std::unique_ptr<Desk> desk) {
  const std::lock_guard lock(mutex_);
  if (retired_.size() < kDesksKept) return retired_.push_back(std::move(desk));
  retired_[next_retired_++ % kDesksKept] = std::move(desk);
}

// ---- Library ----------------------------------------------------------------------------------

Library::Library(const std::string& path) : handle_(dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) {
  if (handle_ == nullptr) throw Failure(dlerror());
}

Library::~Library() {
  const bool stays = dlsym(handle_, VSAPI_ENTRY_SYMBOL) != nullptr && entry().info != nullptr &&
                     Has(VSAPI_VENDOR_KEEP_RESIDENT);
  if (!stays) dlclose(handle_);
}

const vsapi_entry& Library::entry() const {
  const void* symbol = dlsym(handle_, VSAPI_ENTRY_SYMBOL);
  if (symbol == nullptr) throw Failure("there is no symbol " VSAPI_ENTRY_SYMBOL);
  return *static_cast<const vsapi_entry*>(symbol);
}

// ---- Instance ---------------------------------------------------------------------------------

Instance::Instance(Host& host, const Library& library, uint32_t sessions)
    : host_(host), is_serial_(library.Has(VSAPI_VENDOR_SERIAL)) {
  const Acting control(Role::kControl);
  const std::string& parameters = host.examination().subject().parameters;
  const vsapi_create how = {sizeof how, &host, parameters.c_str(), sessions};
  const int32_t status = library.entry().create(&how, &vendor_);
  if (status != VSAPI_OK)
    throw Failure("create returned " + StatusName(status) + host.LastLogLine());
  if (vendor_ == nullptr) throw Failure("create returned ok and no instance");
}

Instance::~Instance() {
  const Acting control(Role::kControl);
  Stop();
  table().destroy(vendor_);
}

void Instance::Start() {
  const Acting control(Role::kControl);
  const int32_t status = table().start(vendor_);
  if (status != VSAPI_OK)
    throw Failure("start returned " + StatusName(status) + host_.LastLogLine());
  started_ = true;
}

void Instance::Stop() {
  const Acting control(Role::kControl);
  if (started_) table().stop(vendor_);
  started_ = false;
}

std::unique_lock<std::mutex> Instance::PassGate() {
  return is_serial_ ? std::unique_lock(gate_) : std::unique_lock<std::mutex>();
}

// ---- Session ----------------------------------------------------------------------------------

Session::Session(Instance& instance) : instance_(instance) {
  const Acting control(Role::kControl);
  const int32_t status = instance.table().open_session(instance.get(), &session_);
  if (status != VSAPI_OK)
    throw Failure("open_session returned " + StatusName(status) + instance.host().LastLogLine());
}

Session::~Session() {
  const Acting control(Role::kControl);
  instance_.table().close_session(instance_.get(), session_);
}

Answer Session::Scan(const Content& content) {
  const auto gate = instance_.PassGate();
  const Acting scan(Role::kScan);
  auto desk = std::make_unique<Desk>(instance_.host(), content);
  const Answer answer = desk->Serve(instance_.get(), session_);
  instance_.host().Retire(std::move(desk));
  return answer;
}

Answer Session::ScanPatiently(const Content& content) {
  Answer answer = Scan(content);
  for (int again = 0; answer.status == VSAPI_E_BUSY && again < kPatience; ++again)
    answer = Scan(content);
  return answer;
}

// ---- Contents ---------------------------------------------------------------------------------

std::optional<Content> SelfTestSample(Instance& instance) {
  const Acting control(Role::kControl);
  const auto* test = instance.Extension<vsapi_ext_self_test>(VSAPI_EXT_SELF_TEST);
  if (test == nullptr || test->positive_sample == nullptr) return std::nullopt;
  const void* data = nullptr;
  size_t size = 0;
  const int32_t status = test->positive_sample(instance.get(), &data, &size);
  if (status != VSAPI_OK) throw Failure("positive_sample returned " + StatusName(status));
  return Content{.name = "the vendor's own sample",
                 .bytes = std::string(static_cast<const char*>(data), size)};
}

std::vector<Content> Contents(Instance& instance) {
  const Subject& subject = instance.host().examination().subject();
  std::vector<Content> contents = {{.name = "an empty content", .bytes = ""},
                                   {.name = "one byte", .bytes = "M"},
                                   HarmlessText(),
                                   LongText(3'000)};
  if (subject.expect_eicar) contents.push_back({.name = "EICAR", .bytes = Eicar()});
  if (const auto sample = SelfTestSample(instance)) contents.push_back(*sample);
  for (const Sample& sample : subject.samples)
    contents.push_back({.name = sample.name, .bytes = sample.bytes});
  return contents;
}

}  // namespace vendor_check
