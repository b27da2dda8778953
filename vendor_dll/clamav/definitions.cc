// SPDX-License-Identifier: GPL-2.0-only
#include "definitions.h"

#include <clamav.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>
#include <string_view>

#include "../common/sha256.h"
#include "built_in_definitions.h"

namespace vsapi::clamav {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kNanoseconds = 1'000'000'000;
constexpr size_t kFewLines = 4000;

// What cl_load() takes from a folder (CLI_DBEXT in libclamav's readdb.h).
const std::set<std::string_view> kDatabaseContainers = {".cvd", ".cld", ".cud", ".cbc"};
const std::set<std::string_view> kHashes = {".hdb", ".hdu", ".hsb", ".hsu", ".mdb", ".mdu", ".msb",
                                            ".msu", ".fp",  ".sfp", ".imp", ".ign", ".ign2"};
const std::set<std::string_view> kBodies = {
    ".db",  ".ndb", ".ndu", ".ldb", ".ldu", ".sdb", ".zmd", ".rmd", ".pdb",  ".gdb",  ".wdb",
    ".ftm", ".cfg", ".cdb", ".cat", ".crb", ".idb", ".ioc", ".yar", ".yara", ".pwdb", ".info"};

bool IsDefinition(const std::string& extension) {
  return kDatabaseContainers.contains(extension) || kHashes.contains(extension) ||
         kBodies.contains(extension);
}

std::string Extension(const std::string& name) { return fs::path(name).extension().string(); }

std::string PathOf(const Definitions& definitions, const DefinitionFile& file) {
  return definitions.folder + "/" + file.name;
}

uint64_t BuildTime(const std::string& path, const DefinitionFile& file) {
  if (Extension(file.name) != ".cbc" && kDatabaseContainers.contains(Extension(file.name))) {
    const std::unique_ptr<cl_cvd, decltype(&cl_cvdfree)> header(cl_cvdhead(path.c_str()),
                                                                cl_cvdfree);
    if (header) return uint64_t{header->stime} * kNanoseconds;
  }
  return static_cast<uint64_t>(std::max<int64_t>(file.modified_ns, 1));
}

size_t CountLines(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return static_cast<size_t>(
      std::count(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>(), '\n'));
}

// Behind its header of 512 bytes a container is a tar, packed by gzip or not.
bool IsPacked(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return file.seekg(512) && file.get() == 0x1f && file.get() == 0x8b;
}

// Bytes in memory for one byte of the file, rounded up from what README.md lists.
uint64_t Growth(const Definitions& definitions, const DefinitionFile& file) {
  const std::string extension = Extension(file.name);
  if (kHashes.contains(extension)) return 3;
  if (kDatabaseContainers.contains(extension)) return IsPacked(PathOf(definitions, file)) ? 6 : 3;
  return extension.starts_with(".yar") ? 110 : 50;
}

}  // namespace

Definitions FindDefinitions(const std::string& given) {
  if (!given.empty()) return {given, ListFiles(given, IsDefinition)};
  const std::string system = cl_retdbdir();
  auto files = ListFiles(system, IsDefinition);
  if (files.empty()) return {};
  return {system, std::move(files)};
}

DefinitionsIdentity Identify(const Definitions& definitions) {
  DefinitionsIdentity identity;
  Sha256 digest;
  digest.Add(kEicarRule);
  if (!definitions.installed()) digest.Add(kTestFilesRule);
  for (const DefinitionFile& file : definitions.files) {
    const std::string path = PathOf(definitions, file);
    digest.Add(file.name);
    digest.AddFile(path, file.size);
    identity.version = std::max(identity.version, BuildTime(path, file));
  }
  identity.digest = digest.Finish();
  return identity;
}

uint64_t EstimateMemory(const Definitions& definitions) {
  constexpr uint64_t kEmptyEngine = uint64_t{8} << 20;
  uint64_t bytes = kEmptyEngine;
  for (const DefinitionFile& file : definitions.files)
    bytes += file.size * Growth(definitions, file);
  return bytes;
}

bool AreFew(const Definitions& definitions) {
  size_t lines = 0;
  for (const DefinitionFile& file : definitions.files) {
    if (kDatabaseContainers.contains(Extension(file.name))) return false;
    if (kHashes.contains(Extension(file.name))) continue;
    // A line of a signature is longer than ten bytes: a large file needs no counting.
    lines += file.size > kFewLines * 1000 ? kFewLines : CountLines(PathOf(definitions, file));
    if (lines >= kFewLines) return false;
  }
  return true;
}

}  // namespace vsapi::clamav
