// SPDX-License-Identifier: Apache-2.0
#include "registry_file.h"

#include <fstream>

#include "error.h"
#include "settings_text.h"

namespace store_sim {

void WriteRegistryFile(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / kRegistryFileName;
  if (std::filesystem::exists(file)) return;
  std::ofstream stream(file, std::ios::binary);
  stream << vsapi::engine::DefaultRegistryFile({{"Enabled", "1"},
                                                {"BackgroundScanning", "1"},
                                                {"ProactiveScanning", "1"},
                                                {"Library", "vsapi_clamav.so"}})
         << std::flush;
  if (stream) return;
  std::error_code ignored;
  std::filesystem::remove(file, ignored);
  throw Error(file.string() +
              ": can't be written; check the disk, then remove the folder and make it again");
}

}  // namespace store_sim
