// SPDX-License-Identifier: Apache-2.0
//
// Drives a vendor DLL through the C ABI, as an engine would, but one call at a time and with every
// answer in the test's hands: scripted reads, cancellation and budget, captured findings and log.
// Depends on no test framework.
//
//   LoadedVendor library(path);
//   VendorInstance vendor(library, "key=value");
//   vendor.Start();
//   VendorSession session(vendor);
//   Outcome outcome = session.Scan("some bytes");
//
// or, where all that must go well, StartedVendor(path, "key=value").Scan("some bytes").
//
// Thread safety: an instance is driven from one thread; sessions of one instance may scan on as
// many threads as there are sessions. The captured log may be read at any time.
#ifndef VSAPI_TESTS_SUPPORT_VENDOR_HARNESS_H_
#define VSAPI_TESTS_SUPPORT_VENDOR_HARNESS_H_

#include <vsapi/abi/vsapi_vendor.h>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <ostream>
#include <string>
#include <vector>

namespace vsapi::test {

// A library that is mapped; it stays if it asks to.
class LoadedVendor {
 public:
  // Throws std::runtime_error if it can't be loaded or has no entry.
  explicit LoadedVendor(const std::string& path);

  const vsapi_entry& entry() const { return *entry_; }

 private:
  std::shared_ptr<void> handle_;
  const vsapi_entry* entry_;
};

struct LogLine {
  int32_t severity;
  std::string text;
};

// What the engine offers, as far as tests need it: vsapi.log/1.
class CapturingServices : public vsapi_services {
 public:
  CapturingServices();
  std::vector<LogLine> log() const;

 private:
  static const void* GetExtension(const vsapi_services* services, const char* id) noexcept;
  static void Write(const vsapi_services* services, int32_t severity, const char* text) noexcept;

  mutable std::mutex mutex_;
  mutable std::vector<LogLine> log_;  // guarded by mutex_
};

// One instance; stopped and destroyed with its owner.
class VendorInstance {
 public:
  explicit VendorInstance(const LoadedVendor& library, const std::string& parameters = "",
                          uint32_t sessions = 4);
  ~VendorInstance();
  VendorInstance(const VendorInstance&) = delete;
  VendorInstance& operator=(const VendorInstance&) = delete;

  int32_t create_status() const { return create_status_; }
  vsapi_vendor* get() const { return vendor_; }
  int32_t Start();
  void Stop();

  template <typename Table>
  const Table* Extension(const char* id) const {
    return static_cast<const Table*>(vendor_->table->get_extension(vendor_, id));
  }

  std::vector<LogLine> log() const { return services_.log(); }
  // Is there a line of this severity that contains `part`?
  bool Logged(int32_t severity, const std::string& part) const;
  // All lines, for the message of a failed expectation.
  std::string LogText() const;

 private:
  CapturingServices services_;
  vsapi_vendor* vendor_ = nullptr;
  int32_t create_status_;
  bool started_ = false;
};

// A request, and how its functions behave.
struct Script {
  std::string content;
  bool in_memory = true;                                          // else it has to be read
  uint64_t declared_size = std::numeric_limits<uint64_t>::max();  // default: that of `content`
  size_t longest_read = std::numeric_limits<size_t>::max();
  uint64_t read_fails_at = std::numeric_limits<uint64_t>::max();  // offset
  int32_t read_failure = VSAPI_E_READ_FAILED;
  // After this many questions, whether or not the scan may go on, the answer is no.
  unsigned cancelled_after = std::numeric_limits<unsigned>::max();
  unsigned expired_after = std::numeric_limits<unsigned>::max();
  // As the request names it; only `expired_after` makes it run out.
  std::chrono::nanoseconds budget = std::chrono::minutes(1);
  std::map<uint32_t, std::string> properties = {};
  int32_t access = VSAPI_ACCESS_ON_DEMAND;
  int32_t lane = VSAPI_LANE_HIGH;
};

struct Finding {
  int32_t kind;
  std::string name;
  std::string part_path;
};

struct Outcome {
  int32_t status = VSAPI_OK;
  int32_t verdict = VSAPI_VERDICT_NONE;
  int32_t scope = VSAPI_SCOPE_CONTENT;
  std::vector<Finding> findings;
  std::string text;
  std::string replacement;
  unsigned reads = 0;
  unsigned questions = 0;  // is_cancelled and remaining_ns

  std::vector<std::string> names() const;  // of the findings
  // Status and verdict by name, findings, text: for the message of a failed expectation.
  std::string Describe() const;
  friend std::ostream& operator<<(std::ostream& out, const Outcome& outcome) {
    return out << outcome.Describe();
  }
};

class VendorSession {
 public:
  // Throws std::runtime_error if the vendor refuses.
  explicit VendorSession(const VendorInstance& instance);
  ~VendorSession();
  VendorSession(const VendorSession&) = delete;
  VendorSession& operator=(const VendorSession&) = delete;

  Outcome Scan(const Script& script);
  Outcome Scan(const std::string& content) {
    Script script;
    script.content = content;
    return Scan(script);
  }

 private:
  vsapi_vendor* vendor_;
  vsapi_session* session_ = nullptr;
};

// A vendor that is ready to scan: library, instance and session in one.
class StartedVendor {
 public:
  // Throws std::runtime_error if it does not get that far.
  explicit StartedVendor(const std::string& path, const std::string& parameters = "");

  Outcome Scan(const Script& script) { return session_->Scan(script); }
  // A template, so that a list in braces is always a Script.
  template <std::convertible_to<std::string> Text>
  Outcome Scan(const Text& content) {
    return session_->Scan(std::string(content));
  }

  const vsapi_entry& entry() const { return library_.entry(); }
  const VendorInstance& instance() const { return instance_; }
  vsapi_vendor* get() const { return instance_.get(); }
  template <typename Table>
  const Table* Extension(const char* id) const {
    return instance_.Extension<Table>(id);
  }

 private:
  LoadedVendor library_;
  VendorInstance instance_;
  std::unique_ptr<VendorSession> session_;
};

}  // namespace vsapi::test

#endif  // VSAPI_TESTS_SUPPORT_VENDOR_HARNESS_H_
