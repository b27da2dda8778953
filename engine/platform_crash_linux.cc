// SPDX-License-Identifier: Apache-2.0
//
// The signal handler runs in a process that is broken: it takes no lock and no memory, and only
// notes addresses. What they mean is found out by the zygote, which has the same libraries at the
// same places.
#include <cxxabi.h>
#include <elfutils/libdwfl.h>
#include <execinfo.h>
#include <link.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <memory>

#include "platform_worker.h"

namespace vsapi::engine::platform {
namespace {

constexpr int kDeadly[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS, SIGTRAP};

constexpr int kOwnFrames = 2;  // the handler, and what the kernel puts before it

CrashNote* crash_note = nullptr;
alignas(16) std::array<char, 65536> stack_for_crashes;  // its own one may be used up

void NoteCrash(int signal) {
  void* frames[CrashNote::kMostFrames + kOwnFrames];
  const int count = backtrace(frames, static_cast<int>(std::size(frames))) - kOwnFrames;
  for (int i = 0; i < count; ++i)
    crash_note->frame[i] = reinterpret_cast<uint64_t>(frames[i + kOwnFrames]);
  crash_note->frames = static_cast<uint32_t>(std::max(count, 0));
  crash_note->signal = static_cast<uint32_t>(signal);
  ::signal(signal, SIG_DFL);
  raise(signal);  // comes when this returns
}

// ---- What addresses mean ------------------------------------------------------------------------

// Where the modules are that this process has loaded.
class Modules {
 public:
  explicit Modules(const std::string& library) : library_(library), modules_(dwfl_begin(&kHow)) {
    dwfl_report_begin(modules_);
    dl_iterate_phdr(Report, this);
    dwfl_report_end(modules_, nullptr, nullptr);
  }
  Dwfl_Module* At(uint64_t address) const { return dwfl_addrmodule(modules_, address); }

 private:
  static constexpr Dwfl_Callbacks kHow = {dwfl_build_id_find_elf, dwfl_standard_find_debuginfo,
                                          dwfl_offline_section_address, nullptr};

  static int Report(dl_phdr_info* info, size_t, void* self) {
    const auto& modules = *static_cast<Modules*>(self);
    std::string path = *info->dlpi_name == '\0' ? "/proc/self/exe" : info->dlpi_name;
    if (path.starts_with("/proc/self/fd/")) path = modules.library_;
    dwfl_report_elf(modules.modules_, path.c_str(), path.c_str(), -1, info->dlpi_addr, true);
    return 0;
  }

  const std::string library_;
  Dwfl* const modules_;
};

std::string Demangled(const char* name) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> text(
      abi::__cxa_demangle(name, nullptr, nullptr, &status), std::free);
  return status == 0 ? text.get() : name;
}

std::string Place(Dwfl_Module* module, uint64_t address) {
  Dwfl_Line* const line = dwfl_module_getsrc(module, address);
  int number = 0;
  const char* const file =
      line == nullptr ? nullptr : dwfl_lineinfo(line, nullptr, &number, nullptr, nullptr, nullptr);
  if (file == nullptr) return "";
  return std::filesystem::path(file).filename().string() + ":" + std::to_string(number) + " ";
}

}  // namespace

void NoteCrashes(CrashNote& note) {
  crash_note = &note;
  void* warm[1];
  backtrace(warm, 1);  // loads what it needs while that can be done
  stack_t stack = {};
  stack.ss_sp = stack_for_crashes.data();
  stack.ss_size = stack_for_crashes.size();
  sigaltstack(&stack, nullptr);
  struct sigaction action = {};
  action.sa_handler = NoteCrash;
  action.sa_flags = SA_ONSTACK;
  for (const int signal : kDeadly) sigaction(signal, &action, nullptr);
}

// They are looked up once: nothing is loaded after the vendor.
std::string SymbolOf(uint64_t address, const std::string& library) {
  static const Modules modules(library);
  Dwfl_Module* const module = modules.At(address);
  if (module == nullptr) return "?";
  const char* const name = dwfl_module_addrname(module, address - 1);  // it is where it returns to
  return Place(module, address - 1) + (name == nullptr ? "?" : Demangled(name));
}

}  // namespace vsapi::engine::platform
