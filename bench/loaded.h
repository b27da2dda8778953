// SPDX-License-Identifier: GPL-2.0-only
//
// One set of definitions, and the ways to scan with it: bare libclamav, the DLL, the proxy.
//
// Thread safety: one thread's.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "bare_clamav.h"
#include "one_call.h"

namespace vsapi::bench {

// Definitions and what has loaded them: made once for a program, since loading takes a second.
class Loaded {
 public:
  explicit Loaded(const DefinitionsShape& shape) : shape_(shape), folder_(shape) {}

  static Loaded& Of(const DefinitionsShape& shape) {
    static std::map<std::string, std::unique_ptr<Loaded>> all;
    auto& loaded = all[shape.name];
    if (!loaded) loaded = std::make_unique<Loaded>(shape);
    return *loaded;
  }

  const BareClamav& Bare(Step step) {
    auto& bare = bare_[step];
    if (!bare) bare = std::make_unique<BareClamav>(step, shape_, folder_.path());
    return *bare;
  }
  DirectCall& Dll() {
    if (!dll_) dll_ = std::make_unique<DirectCall>(VSAPI_BENCH_CLAMAV, parameters());
    return *dll_;
  }
  ProxyCall& Proxy() {
    if (!proxy_) proxy_ = std::make_unique<ProxyCall>(VSAPI_BENCH_CLAMAV, parameters());
    return *proxy_;
  }
  std::string parameters() const {
    return "definitions=" + folder_.path() + ";temp=" + MemoryFolder();
  }

 private:
  const DefinitionsShape& shape_;
  const DefinitionsFolder folder_;
  std::map<Step, std::unique_ptr<BareClamav>> bare_;
  std::unique_ptr<DirectCall> dll_;
  std::unique_ptr<ProxyCall> proxy_;
};

}  // namespace vsapi::bench
