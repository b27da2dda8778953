// SPDX-License-Identifier: GPL-2.0-only
#include "bare_clamav.h"

#include <stdexcept>

namespace vsapi::bench {
namespace {

constexpr long long kMaxFileSize = 64ll << 20;
constexpr long long kMaxScanSize = 128ll << 20;
constexpr size_t kFewBodies = 4000;

void Require(cl_error_t error, const std::string& what) {
  if (error != CL_SUCCESS) throw std::runtime_error(what + ": " + cl_strerror(error));
}

bool IsInfected(cl_error_t result) {
  if (result != CL_VIRUS) Require(result, "scan");
  return result == CL_VIRUS;
}

}  // namespace

const char* NameOf(Step step) {
  switch (step) {
    case Step::kDefaults:
      return "bare_defaults";
    case Step::kTempOnTmpfs:
      return "bare_tmpfs";
    case Step::kNoCache:
      return "bare_no_cache";
    case Step::kNoFuzzyHash:
      return "bare_no_fuzzy";
    case Step::kMatcher:
      return "bare_matcher";
    case Step::kLimits:
      return "bare_same";
  }
  return "";
}

BareClamav::BareClamav(Step step, const DefinitionsShape& shape, const std::string& definitions)
    : step_(step),
      temp_(step == Step::kDefaults ? DiskFolder() : MemoryFolder()),
      engine_(nullptr, cl_engine_free) {
  Require(cl_init(CL_INIT_DEFAULT), "cl_init");
  engine_.reset(cl_engine_new());
  Require(cl_engine_set_str(engine_.get(), CL_ENGINE_TMPDIR, temp_.path().c_str()), "temp folder");
  if (step >= Step::kNoCache) Set(CL_ENGINE_DISABLE_CACHE, 1);
  if (step >= Step::kMatcher) Set(CL_ENGINE_AC_ONLY, shape.bodies + shape.logical < kFewBodies);
  if (step >= Step::kLimits) SetLimits();
  unsigned count = 0;
  Require(cl_load(definitions.c_str(), engine_.get(), &count, CL_DB_STDOPT), "load");
  Require(cl_engine_compile(engine_.get()), "compile");
}

void BareClamav::Set(cl_engine_field field, long long value) {
  Require(cl_engine_set_num(engine_.get(), field, value), "setting");
}

void BareClamav::SetLimits() {
  Set(CL_ENGINE_MAX_SCANSIZE, kMaxScanSize);
  Set(CL_ENGINE_MAX_FILES, 2000);
  Set(CL_ENGINE_MAX_SCANTIME, 60'000);
  for (const cl_engine_field field :
       {CL_ENGINE_MAX_FILESIZE, CL_ENGINE_MAX_HTMLNORMALIZE, CL_ENGINE_MAX_HTMLNOTAGS,
        CL_ENGINE_MAX_SCRIPTNORMALIZE, CL_ENGINE_MAX_EMBEDDEDPE, CL_ENGINE_PCRE_MAX_FILESIZE})
    Set(field, kMaxFileSize);
}

void BareClamav::Scan(std::string_view bytes) const {
  if (Finds(bytes)) throw std::runtime_error("not clean by libclamav");
}

bool BareClamav::Finds(std::string_view bytes) const {
  cl_scan_options options = Options();
  const std::unique_ptr<cl_fmap_t, decltype(&cl_fmap_close)> map(
      cl_fmap_open_memory(bytes.data(), bytes.size()), cl_fmap_close);
  const char* name = nullptr;
  unsigned long scanned = 0;
  return IsInfected(
      cl_scanmap_callback(map.get(), nullptr, &name, &scanned, engine_.get(), &options, nullptr));
}

bool BareClamav::FindsInFile(const std::string& path) const {
  cl_scan_options options = Options();
  const char* name = nullptr;
  unsigned long scanned = 0;
  return IsInfected(cl_scanfile(path.c_str(), &name, &scanned, engine_.get(), &options));
}

cl_scan_options BareClamav::Options() const {
  cl_scan_options options = {};
  options.general = CL_SCAN_GENERAL_HEURISTICS;
  options.parse = ~0u;
  if (step_ >= Step::kNoFuzzyHash)
    options.parse &= ~static_cast<uint32_t>(CL_SCAN_PARSE_IMAGE_FUZZY_HASH);
  if (step_ >= Step::kLimits)
    options.heuristic = CL_SCAN_HEURISTIC_EXCEEDS_MAX | CL_SCAN_HEURISTIC_ENCRYPTED_ARCHIVE |
                        CL_SCAN_HEURISTIC_ENCRYPTED_DOC;
  return options;
}

}  // namespace vsapi::bench
