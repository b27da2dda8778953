// SPDX-License-Identifier: Apache-2.0
#include "file_way.h"

#include <cstdio>
#include <sstream>

#include "error.h"
#include "file_damage.h"
#include "file_sight.h"

namespace store_sim::ways {
namespace {

namespace fs = std::filesystem;

// What the program prints. Throws Error if it fails.
std::string OutputOf(const std::string& command) {
  FILE* const pipe = popen(command.c_str(), "re");
  if (!pipe) throw Error(command + ": can't be started");
  std::string output;
  char buffer[4096];
  while (const size_t got = fread(buffer, 1, sizeof buffer, pipe)) output.append(buffer, got);
  if (pclose(pipe) != 0) throw Error(command + ": failed");
  return output;
}

// A file that is gone by then is nothing found.
bool IsFound(const std::string& text) { return text != "-" && text != "failed"; }

}  // namespace

FilePass ScanFiles(const fs::path& folder, const fs::path& definitions) {
  std::istringstream lines(
      OutputOf(VSAPI_WAYS_SCAN_FILES " '" + folder.string() + "' '" + definitions.string() + "'"));
  FilePass pass;
  std::string name, found, as_data;
  for (uint64_t bytes = 0, looked_at = 0;
       lines >> name >> bytes >> looked_at >> found >> as_data;) {
    pass.bytes += bytes;
    pass.looked_at += looked_at;
    pass.flagged += IsFound(found) ? 1 : 0;
    pass.flagged_as_data += IsFound(as_data) ? 1 : 0;
  }
  return pass;
}

// Each pass loads the definitions that are there, as a scanner does that is started by the clock.
void FileWay::Begin(Host&, const Mailboxes&) {
  scanner_ = std::jthread([this](const std::stop_token& stop) {
    do {
      last_ = ScanFiles(places_.store(), places_.definitions());
      ++passes_;
    } while (!stop.stop_requested());
  });
}

// The files as a host leaves them that is killed: what was written last is in the log alone.
void FileWay::End() {
  scanner_.request_stop();
  scanner_.join();
  fs::copy(places_.store(), as_running(), fs::copy_options::recursive);
}

void FileWay::Report(Records& records) {
  const auto add = [&](const char* metric, uint64_t value, const char* unit = "items") {
    records.Add(metric, static_cast<double>(value), unit);
  };
  add("file_passes", passes_);
  add("file_bytes", last_.bytes, "bytes");
  add("file_bytes_looked_at", last_.looked_at, "bytes");
  add("files_flagged", last_.flagged);
  add("files_flagged_as_data", last_.flagged_as_data);
  RecordFileSight(places_, records);
  RecordFileDamage(as_running(), records);
}

}  // namespace store_sim::ways
