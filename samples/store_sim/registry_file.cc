// SPDX-License-Identifier: Apache-2.0
#include "registry_file.h"

#include <fstream>

#include "error.h"

namespace store_sim {
namespace {

constexpr char kText[] = R"(Windows Registry Editor Version 5.00

; Virus scanning of this store. It is read at start, when it changes, and every 60 seconds.
[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\MSExchangeIS\VirusScan]
"Enabled"=dword:00000001
"BackgroundScanning"=dword:00000001
"ProactiveScanning"=dword:00000001

; The vendor DLL that scans, unless the command line names one by --vendor: a path, or a file name
; in the folder vsapi beside libvsapi.
"Library"="vsapi_clamav.so"

; Handed to the vendor as it stands here; vsapi_clamav.so takes for instance:
;"Parameters"="definitions=/var/lib/clamav"

; Scanning of messages on their way, before they are in a store.
[HKEY_LOCAL_MACHINE\Software\Microsoft\Exchange\TransportAVAPI]
"Enabled"=dword:00000000
)";

}  // namespace

void WriteRegistryFile(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / kRegistryFileName;
  if (std::filesystem::exists(file)) return;
  std::ofstream stream(file, std::ios::binary);
  stream << kText << std::flush;
  if (stream) return;
  std::error_code ignored;
  std::filesystem::remove(file, ignored);
  throw Error(file.string() +
              ": can't be written; check the disk, then remove the folder and make it again");
}

}  // namespace store_sim
