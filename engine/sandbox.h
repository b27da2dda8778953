// SPDX-License-Identifier: Apache-2.0
//
// A vendor in processes of its own. The host never forks: it starts the program `vsapi_worker`, the
// zygote, which loads the vendor once and forks a worker for each session when that is first used;
// all of them share the definitions copy-on-write. Content goes to a worker by memory that it can
// only read; worker_talk.h has the rest.
//
// A worker that dies, hangs past its budget, answers what is no answer, or runs out of its memory
// is replaced by a new one with new memory, within a fork. What is made of that is the caller's:
// the report has the fault. Where the zygote itself is lost, `on_loss` is called and nothing is
// scanned by this instance any more.
//
// Thread safety: as vendor.h says. The thread that calls Start must live as long as the object: its
// workers go with it.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "clock.h"
#include "event_log.h"
#include "platform_process.h"
#include "vendor.h"
#include "vendor_times.h"
#include "worker_talk.h"

namespace vsapi::engine {

class Sandbox final : public Vendor {
 public:
  struct How {
    std::string program;  // vsapi_worker
    std::string library;
    std::string parameters;
    std::string user;         // whom the workers run as, where the host is root
    uint64_t memory_mib = 0;  // that each may take beside the definitions
    std::string cores;        // the folder for core files; "": none are made
    size_t sessions = 1;
    int loads_lower = 0;  // steps of nice, while it loads
  };

  // Null with `problem` filled.
  static std::unique_ptr<Sandbox> Start(const How& how, Clock& clock, EventLog& events,
                                        VendorTimes& times, std::function<void()> on_loss,
                                        std::string& problem);
  ~Sandbox() override;
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;

  ScanReport Scan(size_t session, const ScanJob& job) override;
  ScanReport TestScan(const ScanJob& job) override;
  bool ReadSignatures(Signatures& signatures, std::string& problem) override;
  bool HasNewerSignatures() override;
  bool ReadPositiveSample(std::string& sample, std::string& problem) override;
  const std::string& name() const override { return name_; }
  size_t sessions() const override { return cells_.size(); }
  bool is_lost() const override { return is_lost_; }
  bool is_serial() const override { return false; }  // each worker has an instance of its own
  uint64_t memory_elsewhere() const override { return memory_; }

  // How long a worker may take to come back when its time is over, or it is told to stop.
  static constexpr auto kGrace = std::chrono::seconds(1);

 private:
  // One worker and what it shares with us; all of it new for each worker.
  struct Cell {
    Talk& talk() { return *reinterpret_cast<Talk*>(shared.data()); }
    std::string_view all() const { return {shared.data(), shared.Size()}; }
    platform::SharedMemory content, shared;
    platform::Bell asked, answered;
    platform::Process worker = {};
    std::optional<platform::Priority> priority = {};  // the worker's, as far as we know
    bool is_worn = false;
  };
  // What became of a worker that was replaced.
  struct End {
    bool by_signal = false;
    int number = 0;  // signal or exit code
  };

  Sandbox(const How& how, Clock& clock, EventLog& events, VendorTimes& times,
          std::function<void()> on_loss);
  bool StartZygote(std::string& problem);
  bool Load(std::string& problem);

  struct Reply {
    std::string bytes;
    std::vector<platform::Handle> handles;
  };
  std::optional<Reply> Call(ZygoteCall call, const Packer& arguments,
                            std::chrono::milliseconds patience,
                            const std::vector<int>& handles = {});
  std::optional<Reply> ReceiveLocked(std::chrono::milliseconds patience) VSAPI_REQUIRES(mutex_);
  void Lose();
  void Tell(const std::vector<SaidEvent>& said);

  static std::unique_ptr<Cell> MakeCell(platform::Failure& failure);
  Cell* Ready(size_t session, std::string& problem);
  static bool Follow(Cell& cell);
  bool Replace(size_t session, End& end, std::string& problem);
  bool FillContent(Cell& cell, const ScanJob& job, ScanReport& report);
  static int32_t ReadInto(char* to, const ScanJob& job);
  void Converse(size_t session, const ScanJob& job, ScanReport& report);
  bool Attend(Cell& cell, const ScanJob& job, TimePoint& ends);
  void TakeAnswer(size_t session, ScanReport& report);
  void LoseWorker(size_t session, std::string how, bool is_worth_another_try, ScanReport& report);
  std::string Symbolise(const CrashNote& crash);

  const How how_;
  std::string name_;
  Clock& clock_;
  EventLog& events_;
  VendorTimes& times_;
  const std::function<void()> on_loss_;
  Signatures signatures_;
  std::string sample_;
  uint64_t memory_ = 0;
  std::string temp_folder_;
  platform::Process zygote_;
  std::atomic<bool> is_lost_ = false;  // publishes nothing
  Mutex mutex_;                        // held over calls of the zygote
  std::optional<platform::Channel> channel_ VSAPI_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<Cell>> cells_;  // by session, each of its thread; null: not used yet
};

}  // namespace vsapi::engine
