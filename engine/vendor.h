// SPDX-License-Identifier: Apache-2.0
//
// A started vendor as the engine uses it, wherever it runs: in this process (vendor_proxy.h) or in
// others (sandbox.h).
//
// Thread safety: Scan from any number of threads, each with its own session; the rest on the
// control thread.
#pragma once

#include <string>

#include "vendor_call.h"

namespace vsapi::engine {

class Vendor {
 public:
  struct Signatures {
    uint64_t version = 0;
    vsapi_digest digest = {};
    uint64_t count = 0;
    int64_t built_ns = 0;
  };

  virtual ~Vendor() = default;

  // [scan & started] Session numbers are 0 to `sessions` - 1.
  virtual ScanReport Scan(size_t session, const ScanJob& job) = 0;

  // [control & started] A scan of the self-test, by the first session.
  virtual ScanReport TestScan(const ScanJob& job) = 0;

  // [control & started]
  virtual bool ReadSignatures(Signatures& signatures, std::string& problem) = 0;
  // Also true if this instance is of no use any more.
  virtual bool HasNewerSignatures() = 0;
  // The vendor's own positive sample; empty if it has no such extension. False with `problem`
  // filled if it has one that fails.
  virtual bool ReadPositiveSample(std::string& sample, std::string& problem) = 0;

  virtual const std::string& name() const = 0;
  virtual size_t sessions() const = 0;
  // Does it take one scan at a time?
  virtual bool is_serial() const = 0;
  // Can it scan no more?
  virtual bool is_lost() const { return false; }
  // Bytes that it holds in other processes.
  virtual uint64_t memory_elsewhere() const { return 0; }
};

}  // namespace vsapi::engine
