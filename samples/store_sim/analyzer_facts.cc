// SPDX-License-Identifier: Apache-2.0
#include "analyzer_facts.h"

#include <dlfcn.h>

#include <array>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <thread>

#include "host_client.h"
#include "latencies.h"
#include "registry.h"
#include "registry_file.h"
#include "vsapi/host/vsapi_host.h"

namespace store_sim {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// The names of the processes that scan files when they are opened.
const std::set<std::string> kOnAccessScanners{"clamonacc", "wdavdaemon",  "falcon-sensor", "ds_am",
                                              "savd",      "savscand",    "oaeventd",      "mfetpd",
                                              "kesl",      "drweb-spider"};

void ReadSettings(const fs::path& store, Facts& facts) {
  const fs::path file = store / kRegistryFileName;
  if (!vsapi::engine::ReadRegistry(file, facts.values, facts.settings_problem)) return;
  std::vector<std::string> problems;
  facts.settings = vsapi::engine::MakeSettings(facts.values, problems);
  if (!problems.empty()) facts.settings_problem = problems.front();
}

// The engine looks for it there too: in the folder vsapi beside libvsapi.
fs::path FindLibrary(const std::string& library) {
  if (library.find('/') != std::string::npos) return library;
  Dl_info info = {};
  dladdr(reinterpret_cast<const void*>(&vsapi_engine_create), &info);
  return fs::path(info.dli_fname ? info.dli_fname : "").parent_path() / "vsapi" / library;
}

std::string LibraryProblem(const std::string& library) {
  if (library.empty()) return "Library is not set";
  const fs::path file = FindLibrary(library);
  std::ifstream stream(file, std::ios::binary);
  std::array<char, 4> magic{};
  if (!stream.read(magic.data(), magic.size())) return file.string() + " can't be read";
  const bool is_elf = std::string_view(magic.data(), magic.size()) ==
                      "\x7f"
                      "ELF";
  return is_elf ? "" : file.string() + " is not a DLL";
}

uint64_t SlowestVendorTime(const json& latencies) {
  uint64_t slowest = 0;
  for (const json& each : latencies)
    if (each.at("name") == "Vendor Time")
      slowest = std::max(slowest, each.at("p90_ns").get<uint64_t>());
  return slowest;
}

void AskHost(const fs::path& store, Facts& facts) {
  const auto host = HostClient::Find(store);
  if (!host) return;
  const json status = host->Ask({{"command", "status"}, {"mdbs", false}});
  const json& vendor = status.at("vendor");
  facts.vendor_serves = !vendor.is_null();
  facts.queue_length = status.at("queued_p90").get<uint64_t>();
  facts.vendor_time_ns = SlowestVendorTime(host->Ask({{"command", "counters"}}).at(kLatencies));
  if (vendor.is_null() || vendor.at("definitions").at("age_seconds").is_null()) return;
  facts.definitions_age_s = vendor.at("definitions").at("age_seconds").get<int64_t>();
}

bool IsWithin(const fs::path& path, const fs::path& folder) {
  const fs::path relative = path.lexically_relative(folder);
  return !relative.empty() && *relative.begin() != "..";
}

// clamd.conf says what clamonacc watches, and what not.
std::vector<std::string> WatchedByClamonacc(const fs::path& store, const fs::path& config) {
  std::ifstream stream(config);
  std::vector<std::string> watching;
  bool excluded = false;
  for (std::string line; std::getline(stream, line);) {
    std::istringstream words(line);
    std::string name, path;
    words >> name >> path;
    if (path.empty() || !IsWithin(store, path)) continue;
    excluded = excluded || name == "OnAccessExcludePath";
    const bool watches = name == "OnAccessIncludePath" || name == "OnAccessMountPath";
    if (watches) watching.push_back(config.string() + ": " + name + " " + path);
  }
  return excluded ? std::vector<std::string>{} : watching;
}

std::vector<std::string> RunningScanners(const fs::path& proc) {
  std::set<std::string> found;
  std::error_code error;
  for (fs::directory_iterator entry(proc, error), end; !error && entry != end;
       entry.increment(error)) {
    std::ifstream stream(entry->path() / "comm");
    std::string name;
    if (std::getline(stream, name) && kOnAccessScanners.contains(name)) found.insert(name);
  }
  return {found.begin(), found.end()};
}

}  // namespace

Facts CollectFacts(const fs::path& store, const fs::path& root) {
  Facts facts;
  facts.processors = std::max(1u, std::thread::hardware_concurrency());
  ReadSettings(store, facts);
  facts.library_problem = LibraryProblem(facts.settings.library);
  AskHost(store, facts);
  facts.covering_scanners =
      WatchedByClamonacc(fs::weakly_canonical(store), root / "etc/clamav/clamd.conf");
  facts.running_scanners = RunningScanners(root / "proc");
  return facts;
}

}  // namespace store_sim
