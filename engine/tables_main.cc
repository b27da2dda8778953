// SPDX-License-Identifier: Apache-2.0
//
// Writes the pages that come from tables, settings.md and events.md, into the folder it is given.
// `cmake --build build/release --target docs` runs it; a test fails when a page is not as it writes
// it.
#include <fstream>
#include <iostream>

#include "settings_text.h"

namespace {

bool Write(const std::string& file, const std::string& text) {
  std::ofstream stream(file, std::ios::binary);
  stream << text << std::flush;
  if (!stream) std::cerr << file << ": can't be written\n";
  return static_cast<bool>(stream);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: vsapi_tables FOLDER\n";
    return 2;
  }
  const std::string folder = argv[1];
  return Write(folder + "/settings.md", vsapi::engine::SettingsMarkdown()) ? 0 : 1;
}
