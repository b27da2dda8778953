// SPDX-License-Identifier: Apache-2.0
#include "definitions.h"

#include <cstdlib>
#include <fstream>
#include <functional>
#include <random>
#include <stdexcept>

namespace vsapi::bench {
namespace {

using Generator = std::mt19937_64;

std::string Hex(size_t bytes, Generator& random) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (size_t i = 0; i < 2 * bytes; ++i) hex.push_back(kDigits[random() % 16]);
  return hex;
}

std::string Name(const char* kind, size_t number) {
  return std::string("Bench.") + kind + "-" + std::to_string(number);
}

std::string HashLine(const char* kind, size_t digest_bytes, size_t number, Generator& random) {
  return Hex(digest_bytes, random) + ":" + std::to_string(1 + random() % 1'000'000) + ":" +
         Name(kind, number);
}

std::string Body(Generator& random) {
  constexpr const char* kGaps[] = {"??", "{4-20}", "*", "????"};
  const size_t bytes = 20 + random() % 41;
  if (random() % 4 != 0) return Hex(bytes, random);
  return Hex(bytes / 2, random) + kGaps[random() % 4] + Hex(bytes - bytes / 2, random);
}

std::string BodyLine(size_t number, Generator& random) {
  constexpr const char* kTargets[] = {"1", "3", "4", "7"};
  const char* target = random() % 2 == 0 ? "0" : kTargets[random() % 4];
  return Name("Body", number) + ":" + target + ":*:" + Body(random);
}

std::string LogicalLine(size_t number, Generator& random) {
  constexpr const char* kTargets[] = {"0", "1", "7"};
  return Name("Logical", number) + ";Engine:51-255,Target:" + kTargets[random() % 3] + ";0&1;" +
         Hex(20, random) + ";" + Hex(20, random);
}

std::string FolderOf(const char* variable, const char* otherwise) {
  const char* given = std::getenv(variable);
  return given != nullptr ? given : otherwise;
}

void Write(const std::string& path, size_t count, const std::function<std::string(size_t)>& line) {
  if (count == 0) return;
  std::ofstream file(path, std::ios::binary);
  for (size_t i = 0; i < count; ++i) file << line(i) << '\n';
  if (!file.flush()) throw std::runtime_error("can't write " + path);
}

}  // namespace

TempFolder::TempFolder(const std::filesystem::path& parent)
    : path_((parent / "vsapi-bench-XXXXXX").string()) {
  if (mkdtemp(path_.data()) == nullptr)
    throw std::runtime_error("can't make a folder in " + parent.string());
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string DiskFolder() { return FolderOf("VSAPI_BENCH_DISK", "/var/tmp"); }
std::string MemoryFolder() { return FolderOf("VSAPI_BENCH_MEMORY", "/dev/shm"); }

DefinitionsFolder::DefinitionsFolder(const DefinitionsShape& shape) : folder_(MemoryFolder()) {
  Generator random(7);
  const std::string base = path() + "/bench";
  Write(base + ".hsb", shape.file_hashes,
        [&](size_t i) { return HashLine("Sha256", 32, i, random); });
  Write(base + ".hdb", shape.md5_hashes, [&](size_t i) { return HashLine("Md5", 16, i, random); });
  Write(base + ".ndb", shape.bodies, [&](size_t i) { return BodyLine(i, random); });
  Write(base + ".ldb", shape.logical, [&](size_t i) { return LogicalLine(i, random); });
}

}  // namespace vsapi::bench
