// SPDX-License-Identifier: Apache-2.0
//
// The host side of the vendor contract, as strict as no engine is: it drives a vendor by hand and
// keeps a record of each rule that the vendor breaks on the way, by the id of the check that the
// rule belongs to. Whether that fails is the check's business.
//
//   Host > Library > Instance > Session, each living longer than those behind it; Running is all
//   four in one.
//
// Thread safety: [control] calls from one thread at a time; sessions scan on as many threads as
// there are sessions. A serial vendor's scans wait for each other.
#pragma once

#include <vsapi/abi/vsapi_vendor.h>

#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "content.h"
#include "examination.h"

namespace vendor_check {

struct Desk;

// The vendor does not do what nothing can go on without.
class Failure : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

// What the vendor is offered, and the record of what it broke.
class Host : public vsapi_services {
 public:
  explicit Host(Examination& examination);
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;
  ~Host();

  Examination& examination() { return examination_; }

  void Blame(const char* check, const std::string& what);
  // Passes on to the examination what was broken of `check`.
  void FailIfBlamed(const char* check);
  // What the vendor logged last, to be said together with a failure; with ": " before it.
  std::string LastLogLine() const;
  void Log(const char* text) const;

  // Keeps the last requests and results in place after their scans, so that a call that comes too
  // late lands where it is seen.
  void Retire(std::unique_ptr<Desk> desk);

  // Called within each call back from the vendor, on its thread. Set before the first scan.
  std::function<void()> on_call_back = [] {};

 private:
  struct Blamed {
    std::string check;
    std::string what;
  };

  Examination& examination_;
  mutable std::mutex mutex_;
  mutable std::string last_log_line_;           // guarded by mutex_
  std::vector<Blamed> blamed_;                  // guarded by mutex_
  std::vector<std::unique_ptr<Desk>> retired_;  // guarded by mutex_; a ring
  size_t next_retired_ = 0;                     // guarded by mutex_
};

// The loaded DLL; stays if the vendor asks for that.
class Library {
 public:
  explicit Library(const std::string& path);
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  ~Library();

  const vsapi_entry& entry() const;
  bool Has(uint32_t flag) const { return (entry().info->flags & flag) != 0; }

 private:
  void* handle_;
};

// One instance; stopped and destroyed with its owner.
class Instance {
 public:
  Instance(Host& host, const Library& library, uint32_t sessions = 1);
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;
  ~Instance();

  void Start();
  void Stop();

  Host& host() const { return host_; }
  vsapi_vendor* get() const { return vendor_; }
  const vsapi_vendor_table& table() const { return *vendor_->table; }

  // The vendor's table for `id`, or null.
  template <typename Table>
  const Table* Extension(const char* id) const {
    if (table().get_extension == nullptr) return nullptr;
    return static_cast<const Table*>(table().get_extension(vendor_, id));
  }

  // Locks what keeps the scans of a serial vendor apart; nothing for others.
  std::unique_lock<std::mutex> PassGate();

 private:
  Host& host_;
  const bool is_serial_;
  std::mutex gate_;
  vsapi_vendor* vendor_ = nullptr;
  bool started_ = false;
};

class Session {
 public:
  explicit Session(Instance& instance);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  Answer Scan(const Content& content);
  // Asks again while the vendor is busy, some times.
  Answer ScanPatiently(const Content& content);

 private:
  Instance& instance_;
  vsapi_session* session_ = nullptr;
};

// A vendor that is ready to scan.
struct Running {
  explicit Running(Examination& examination)
      : host(examination), library(examination.subject().library), instance(host, library) {
    instance.Start();
    session.emplace(instance);
  }

  Host host;
  Library library;
  Instance instance;
  std::optional<Session> session;
};

// What a vendor with no special definitions can be tried with: some everyday contents, EICAR, the
// sample of its own self-test if it has one, and the samples of the command line.
std::vector<Content> Contents(Instance& instance);

// The sample of the vendor's own self-test, if it has one.
std::optional<Content> SelfTestSample(Instance& instance);

}  // namespace vendor_check
