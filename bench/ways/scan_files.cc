// SPDX-License-Identifier: GPL-2.0-only
//
// scan_files FOLDER DEFINITIONS: libclamav over each file of a folder, once, as clamscan does and
// with its defaults. Of each it prints "NAME BYTES LOOKED_AT FOUND AS_DATA", - where nothing is
// found; LOOKED_AT is libclamav's own count, of everything that it has unpacked too.
//
// libclamav knows SQLite's files by how they begin and leaves them out, as data of no risk. AS_DATA
// is what it finds when they begin elsewhere: what a scanner would that does not.
#include <clamav.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>

namespace {

namespace fs = std::filesystem;
using Engine = std::unique_ptr<cl_engine, cl_error_t (*)(cl_engine*)>;

void Require(cl_error_t error, const std::string& what) {
  if (error != CL_SUCCESS) throw std::runtime_error(what + ": " + cl_strerror(error));
}

Engine Load(const char* definitions) {
  Require(cl_init(CL_INIT_DEFAULT), "cl_init");
  Engine engine(cl_engine_new(), cl_engine_free);
  unsigned count = 0;
  Require(cl_load(definitions, engine.get(), &count, CL_DB_STDOPT), "load");
  Require(cl_engine_compile(engine.get()), "compile");
  return engine;
}

cl_scan_options Options() {
  cl_scan_options options = {};
  options.general = CL_SCAN_GENERAL_HEURISTICS;
  options.parse = ~0u;
  return options;
}

std::string TextOf(cl_error_t error, const char* name) {
  if (error == CL_VIRUS) return name;
  return error == CL_CLEAN ? "-" : "failed";
}

std::string FoundIn(const fs::path& file, const cl_engine& engine, unsigned long& looked_at) {
  cl_scan_options options = Options();
  const char* name = nullptr;
  const cl_error_t error = cl_scanfile(file.c_str(), &name, &looked_at, &engine, &options);
  return TextOf(error, name);
}

std::string FoundAsData(const fs::path& file, const cl_engine& engine) {
  constexpr std::streamoff kBeginning = 16;  // "SQLite format 3", or a log's magic number
  std::ifstream stream(file, std::ios::binary);
  stream.seekg(kBeginning);
  const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  if (bytes.empty()) return "-";
  const std::unique_ptr<cl_fmap_t, decltype(&cl_fmap_close)> map(
      cl_fmap_open_memory(bytes.data(), bytes.size()), cl_fmap_close);
  cl_scan_options options = Options();
  const char* name = nullptr;
  unsigned long looked_at = 0;
  const cl_error_t error =
      cl_scanmap_callback(map.get(), nullptr, &name, &looked_at, &engine, &options, nullptr);
  return TextOf(error, name);
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 3) throw std::runtime_error("usage: scan_files FOLDER DEFINITIONS");
  const Engine engine = Load(argv[2]);
  for (const auto& entry : fs::directory_iterator(argv[1])) {
    std::error_code gone;
    const uintmax_t size = entry.file_size(gone);
    if (gone || !entry.is_regular_file(gone)) continue;
    unsigned long looked_at = 0;
    const std::string found = FoundIn(entry.path(), *engine, looked_at);
    std::cout << entry.path().filename().string() << ' ' << size << ' '
              << looked_at * CL_COUNT_PRECISION << ' ' << found << ' '
              << FoundAsData(entry.path(), *engine) << '\n';
  }
  return 0;
} catch (const std::exception& error) {
  std::cerr << "scan_files: " << error.what() << '\n';
  return 1;
}
