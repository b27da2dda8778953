// SPDX-License-Identifier: Apache-2.0
//
// A file-level scanner: a program from outside that reads the store's database and its log as
// files, pass after pass, while the store works on them. What it does about what it finds is tried
// on copies of the files (file_damage.h): done to the store itself it would end the run.
//
// Thread safety: as Way.
#pragma once

#include <thread>

#include "way.h"

namespace store_sim::ways {

// One run of scan_files over a store's folder.
struct FilePass {
  uint64_t bytes = 0;
  uint64_t looked_at = 0;
  uint64_t flagged = 0;          // files in which something was found
  uint64_t flagged_as_data = 0;  // or would be by a scanner that does not leave databases out
};
// Throws Error if the program fails.
FilePass ScanFiles(const std::filesystem::path& folder, const std::filesystem::path& definitions);

class FileWay final : public Way {
 public:
  explicit FileWay(Places places) : places_(std::move(places)) {}

  void Begin(Host& host, const Mailboxes& mailboxes) override;
  void End() override;
  void Report(Records& records) override;

 private:
  std::filesystem::path as_running() const { return places_.folder / "as-running"; }

  const Places places_;
  uint64_t passes_ = 0;  // of scanner_, until it is joined; so are those below
  FilePass last_;
  std::jthread scanner_;
};

}  // namespace store_sim::ways
