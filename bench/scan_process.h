// SPDX-License-Identifier: GPL-2.0-only
//
// A process that does nothing but scan in one way, as a scanner's own would be: glibc's allocator
// learns from what else a process frees, and what it has learnt can halve the cost of a scan.
//
// Thread safety: one thread's. To be made before the process has threads or a used heap.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "definitions.h"

namespace vsapi::bench {

enum class ScanWay {
  kDefaults,  // libclamav as it comes
  kDll,
  kDllTuned,  // with the allocator's thresholds that worker processes set
};

class ScanProcess {
 public:
  ScanProcess(ScanWay way, const DefinitionsShape& shape);
  ~ScanProcess();
  ScanProcess(const ScanProcess&) = delete;
  ScanProcess& operator=(const ScanProcess&) = delete;

  // To be called first; it takes as long as loading does.
  void Load(const std::string& definitions);
  // Scans them one after another: the CPU time that it took, in nanoseconds. Throws
  // std::runtime_error unless all are clean.
  int64_t Scan(const std::vector<std::string>& contents);

 private:
  int64_t Ask(const std::vector<size_t>& sizes);
  [[noreturn]] void Serve(int socket, ScanWay way, const DefinitionsShape& shape);
  void ServeUntilEnd(int socket, ScanWay way, const DefinitionsShape& shape) const;
  // Nothing once the other end is gone.
  std::vector<std::string_view> Receive(int socket) const;

  char* shared_;     // contents, one after another
  int socket_ = -1;  // sizes there, times back
  pid_t child_ = -1;
};

}  // namespace vsapi::bench
