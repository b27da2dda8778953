// SPDX-License-Identifier: GPL-2.0-only
#include "clam_engine.h"

#include <vsapi/vendor.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "built_in_definitions.h"
#include "messages.h"
#include "scanner.h"
#include "unpacking.h"

namespace vsapi::clamav {
namespace {

// Definitions of our own as a file, since cl_load() takes nothing else; gone after loading.
class BuiltInFile {
 public:
  BuiltInFile(const std::string& path, const char* text) : path_(path) {
    std::ofstream file(path_, std::ios::binary);
    file << text << std::flush;
    if (!file) throw Failure(VSAPI_E_BUSY, "temp folder: can't write " + path_);
  }
  ~BuiltInFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// A call of cl_load(), and what libclamav said meanwhile.
struct Loaded {
  Loaded(cl_engine* engine, const std::string& path, unsigned options)
      : error(cl_load(path.c_str(), engine, &count, options)) {}

  bool refused() const {
    return error != CL_SUCCESS || messages.errors() + messages.warnings() > 0;
  }
  std::string why() const {
    if (error == CL_SUCCESS) return messages.text();
    return std::string(cl_strerror(error)) + " (" + messages.text() + ")";
  }

  MessageSink messages;
  unsigned count = 0;
  cl_error_t error;
};

// What libclamav complained of in a folder it seldom names: so each file is loaded alone.
std::string Culprit(const std::string& path, unsigned options) {
  for (const DefinitionFile& file : FindDefinitions(path).files) {
    const std::string alone = path + "/" + file.name;
    const EnginePointer engine(cl_engine_new(), cl_engine_free);
    if (engine && Loaded(engine.get(), alone, options).refused()) return alone;
  }
  return path;
}

[[noreturn]] void RefuseLoad(const std::string& path, const std::string& why) {
  throw Failure(VSAPI_E_INTERNAL, "definitions: " + path + " can't be used: " + why +
                                      "; remove or replace the file that is named");
}

}  // namespace

ClamEngine::ClamEngine(const Parameters& parameters, const Definitions& definitions,
                       const std::string& temp_folder, const Log& log)
    : engine_(cl_engine_new(), cl_engine_free),
      longest_scan_ms_(parameters.max_scan_seconds * 1000) {
  if (!engine_) throw Failure(VSAPI_E_NO_MEMORY, "libclamav has no memory for an engine");
  SetLimits(parameters);
  UseTempFolder(temp_folder);
  // Halves the time of a scan with few body signatures, and slows it down with many.
  Set(CL_ENGINE_AC_ONLY, AreFew(definitions));
  const unsigned options = CL_DB_STDOPT | (parameters.pua ? CL_DB_PUA : 0);
  if (definitions.installed()) {
    signature_count_ += Load(definitions.folder, options, log);
  } else {
    const BuiltInFile rule(temp_folder + "/clamav-testfiles.hdb", kTestFilesRule);
    signature_count_ += Load(rule.path(), options, log);
  }
  const BuiltInFile eicar(temp_folder + "/eicar.ndb", kEicarRule);
  signature_count_ += Load(eicar.path(), options, log);
  if (const cl_error_t error = cl_engine_compile(engine_.get()); error != CL_SUCCESS)
    RefuseLoad(definitions.folder, cl_strerror(error));
  if (!TakesMailApart(engine_.get()))
    RefuseLoad(definitions.folder,
               "with them EICAR is not found in a zip in a message, as if by a "
               "*.ftm, *.cfg, *.fp or *.ign2 of which that is the effect");
  cl_engine_set_clcb_pre_cache(engine_.get(), &OnLayer);
  cl_engine_set_clcb_file_inspection(engine_.get(), &OnLayerContent);
  cl_engine_set_clcb_meta(engine_.get(), &OnMember);
  cl_engine_set_clcb_virus_found(engine_.get(), &OnFound);
}

void ClamEngine::KeepToBudget(uint64_t budget_ns) {
  constexpr uint64_t kNsPerMs = 1'000'000;
  const uint64_t limit = std::clamp<uint64_t>(budget_ns / kNsPerMs, 1, longest_scan_ms_);
  if (time_limit_ms_.exchange(limit, std::memory_order_relaxed) != limit)
    Set(CL_ENGINE_MAX_SCANTIME, limit);
}

void ClamEngine::UseTempFolder(const std::string& temp_folder) {
  if (cl_engine_set_str(engine_.get(), CL_ENGINE_TMPDIR, temp_folder.c_str()) != CL_SUCCESS)
    throw Failure(VSAPI_E_INTERNAL, "libclamav refuses the temp folder " + temp_folder);
}

void ClamEngine::Set(cl_engine_field field, uint64_t value) {
  const cl_error_t error = cl_engine_set_num(engine_.get(), field, static_cast<long long>(value));
  if (error != CL_SUCCESS)
    throw Failure(VSAPI_E_INTERNAL, "libclamav refuses the value " + std::to_string(value) +
                                        " for its setting " + std::to_string(field));
}

// What is larger than one of the second group's limits is passed over without any sign, so they all
// are as large as the largest file that is looked into.
void ClamEngine::SetLimits(const Parameters& parameters) {
  Set(CL_ENGINE_MAX_FILESIZE, parameters.max_file_size);
  Set(CL_ENGINE_MAX_SCANSIZE, parameters.max_scan_size);
  Set(CL_ENGINE_MAX_RECURSION, parameters.max_recursion);
  Set(CL_ENGINE_MAX_FILES, parameters.max_files);

  for (const cl_engine_field silent :
       {CL_ENGINE_MAX_HTMLNORMALIZE, CL_ENGINE_MAX_HTMLNOTAGS, CL_ENGINE_MAX_SCRIPTNORMALIZE,
        CL_ENGINE_MAX_EMBEDDEDPE, CL_ENGINE_PCRE_MAX_FILESIZE})
    Set(silent, parameters.max_file_size);

  // Its key is MD5: a harmless twin would vouch for a malicious one.
  Set(CL_ENGINE_DISABLE_CACHE, 1);
}

unsigned ClamEngine::Load(const std::string& path, unsigned options, const Log& log) {
  const Loaded loaded(engine_.get(), path, options);
  if (*loaded.messages.notice())
    log.Warning("definitions: " + path + ": " + loaded.messages.notice());
  if (loaded.refused()) RefuseLoad(Culprit(path, options), loaded.why());
  if (loaded.count == 0) RefuseLoad(path, "it holds no signature");
  return loaded.count;
}

}  // namespace vsapi::clamav
