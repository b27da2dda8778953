// SPDX-License-Identifier: Apache-2.0
//
// What is used up over time: memory, file descriptors, mappings, files. Each check does one thing
// over and over; the first times are not counted, since caches may fill.
#include <filesystem>
#include <functional>

#include "checks.h"
#include "host.h"
#include "process_state.h"
#include "words.h"

namespace vendor_check {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kMayGrow = int64_t{16} << 20;

// One thing that is done over and over.
struct Loop {
  std::string what;  // in the plural
  int times;
  int warm_up;
  int64_t mappings_may_grow;
  std::function<void(int)> turn;
};

class Watch {
 public:
  explicit Watch(Examination& examination) : examination_(examination), before_(Usage::Now()) {}

  bool MemoryIsFlat() const {
    return Usage::Now().resident_bytes - before_.resident_bytes <= kMayGrow;
  }

  void Compare(const Loop& loop, int done) const {
    const Usage now = Usage::Now();
    const std::string after = " after " + std::to_string(done) + " " + loop.what;
    const auto flat = [&](const char* what, int64_t growth, int64_t allowed) {
      examination_.Expect(growth <= allowed, std::to_string(growth) + " more " + what + after);
    };
    flat("open descriptors", now.descriptors - before_.descriptors, 0);
    flat("threads", now.threads - before_.threads, 0);
    CompareMemory(now, after);
    if (WhyMemoryTellsNothing().empty())
      flat("mappings", now.mappings - before_.mappings, loop.mappings_may_grow);
  }

 private:
  void CompareMemory(const Usage& now, const std::string& after) const {
    const int64_t growth = now.resident_bytes - before_.resident_bytes;
    const std::string reason = WhyMemoryTellsNothing();
    if (!reason.empty()) return examination_.Note("memory not compared: " + reason);
    examination_.Expect(growth <= kMayGrow, InMebibytes(growth) + " more memory" + after);
    examination_.Note(InMebibytes(growth) + " more memory" + after);
  }

  Examination& examination_;
  const Usage before_;
};

// Stops early when memory has grown past what is allowed, and at half the time of the check.
void Run(Examination& examination, const Loop& loop) {
  constexpr int kTurnsBetweenLooks = 100;
  const auto until = std::chrono::steady_clock::now() + examination.subject().limit / 2;
  const auto is_time_left = [&] { return std::chrono::steady_clock::now() < until; };
  for (int i = 0; i < loop.warm_up && (i == 0 || is_time_left()); ++i) loop.turn(i);
  const Watch watch(examination);
  int done = 0;
  while (done < loop.times && (done == 0 || is_time_left())) {
    loop.turn(done++);
    if (done % kTurnsBetweenLooks != 0) continue;
    examination.Step(loop.what + ", " + std::to_string(done) + " so far");
    if (WhyMemoryTellsNothing().empty() && !watch.MemoryIsFlat()) break;
  }
  watch.Compare(loop, done);
}

void Scans(Examination& examination) {
  Running running(examination);
  const std::vector<Content> contents = Contents(running.instance);
  const auto scan = [&](int turn) {
    running.session->Scan(contents[static_cast<size_t>(turn) % contents.size()]);
  };
  Run(examination, {"scans", 10'000, 200, 64, scan});
}

void Sessions(Examination& examination) {
  Running running(examination);
  running.session.reset();
  const auto open = [&](int) { Session(running.instance).ScanPatiently(HarmlessText()); };
  Run(examination, {"sessions", 1'000, 50, 64, open});
}

void Instances(Examination& examination) {
  Host host(examination);
  const auto live = [&](int) {
    const Library library(examination.subject().library);
    Instance instance(host, library);
    instance.Start();
    Session(instance).ScanPatiently(HarmlessText());
  };
  Run(examination, {"loads, starts and unloads", 20, 3, 10, live});
}

void Unloading(Examination& examination) {
  const auto load = [&](int) { const Library library(examination.subject().library); };
  Run(examination, {"loads and unloads", 20, 1, 10, load});
}

void Files(Examination& examination) {
  const fs::path folder = fs::temp_directory_path();
  {
    Running running(examination);
    for (const Content& content : Contents(running.instance)) running.session->Scan(content);
  }
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    examination.Fail("it left " + entry.path().lexically_relative(folder).string() +
                     " in the temp folder");
}

}  // namespace

std::vector<Check> LeakChecks() {
  constexpr const char* kMemory = "abi/base.h: Memory";
  return {
      {"leaks.scans", "scan.judged",
       "Ten thousand scans leave memory, descriptors and threads as they were", kMemory, Scans},
      {"leaks.sessions", "life.start", "So do a thousand sessions, each opened and closed",
       "abi/vendor.h: vsapi_vendor_table.close_session", Sessions},
      {"leaks.instances", "life.start", "So do twenty instances, each with its library",
       "abi/vendor.h: vsapi_vendor_table.destroy", Instances},
      {"leaks.library", "entry.sizes", "So does loading and unloading the library alone",
       "abi/entry.h: VSAPI_VENDOR_KEEP_RESIDENT", Unloading},
      {"leaks.files", "scan.judged", "After destroy no file is left in TMPDIR",
       "abi/vendor.h: vsapi_vendor_table.stop", Files},
  };
}

}  // namespace vendor_check
