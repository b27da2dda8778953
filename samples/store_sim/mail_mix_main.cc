// SPDX-License-Identifier: Apache-2.0
//
// mail_mix: writes everyday mail as .eml files, for demos, tests and benchmarks.
#include <CLI/CLI.hpp>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "error.h"
#include "mail_mix.h"

namespace store_sim {
namespace {

namespace fs = std::filesystem;

struct MixOptions {
  fs::path folder;
  uint64_t count = 100;
  uint64_t seed = 1;
  std::vector<std::string> attach;
  bool eicar = false;
};

void Write(const fs::path& file, const std::string& bytes) {
  std::ofstream stream(file, std::ios::binary);
  stream << bytes << std::flush;
  if (!stream) throw Error(file.string() + ": can't be written; check the folder and the disk");
}

std::string Read(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream bytes;
  bytes << stream.rdbuf();
  // An empty file leaves the output failed, not the input.
  if (!stream.is_open() || stream.bad()) {
    throw Error(file.string() + ": can't be read; give a file that exists, and check its rights");
  }
  return bytes.str();
}

// "mail-000007.eml"
fs::path Name(const char* prefix, uint64_t number) {
  const std::string digits = std::to_string(number);
  return prefix + std::string(digits.size() < 6 ? 6 - digits.size() : 0, '0') + digits + ".eml";
}

void Mix(const MixOptions& options) {
  std::error_code error;
  fs::create_directories(options.folder, error);
  if (error) {
    throw Error(options.folder.string() + ": " + error.message() + "; choose another folder");
  }
  MailMix mix(options.seed);
  for (uint64_t i = 1; i <= options.count; ++i)
    Write(options.folder / Name("mail-", i), mix.Next());
  uint64_t number = 0;
  for (const std::string& file : options.attach) {
    const MixFile carried{fs::path(file).filename().string(), "application/octet-stream",
                          Read(file)};
    Write(options.folder / Name("file-", ++number), mix.Carry(carried));
  }
  if (!options.eicar) return;
  number = 0;
  for (const std::string& mail : mix.Eicar())
    Write(options.folder / Name("eicar-", ++number), mail);
}

int Main(int argc, char** argv) {
  MixOptions options;
  CLI::App app("Writes everyday mail as .eml files, the same for the same seed", "mail_mix");
  app.set_version_flag("--version", "mail_mix " VSAPI_VERSION);
  app.add_option("OUT_DIR", options.folder, "Folder to write to")->required();
  app.add_option("--count", options.count, "How many everyday messages, at most a million")
      ->capture_default_str()
      ->check(CLI::Range(uint64_t{0}, uint64_t{1'000'000}));
  app.add_option("--seed", options.seed, "Seed of all choices")
      ->capture_default_str()
      ->check(CLI::Range(uint64_t{0}, uint64_t{INT64_MAX}));
  app.add_option("--attach", options.attach, "One more message for each of these files");
  app.add_flag("--eicar", options.eicar, "A few more messages with the EICAR test file");
  try {
    app.parse(argc, argv);
    Mix(options);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const std::exception& error) {
    std::cerr << "mail_mix: " << error.what() << '\n';
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace store_sim

int main(int argc, char** argv) { return store_sim::Main(argc, argv); }
