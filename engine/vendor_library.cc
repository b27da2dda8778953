// SPDX-License-Identifier: Apache-2.0
#include "vendor_library.h"

#include <cstring>
#include <optional>

#include "platform.h"
#include "text.h"
#include "vsapi/host/vsapi_host.h"

namespace vsapi::engine {
namespace {

std::string Version(unsigned major, unsigned minor) {
  return std::to_string(major) + "." + std::to_string(minor);
}

// What is wrong with the entry, or nothing. Reads no field before it is known to be there.
std::optional<std::string> WrongEntry(const vsapi_entry& entry) {
  if (!VSAPI_HAS_FIELD(&entry, vsapi_entry, abi_minor))
    return "its entry is too small to have a version";
  if (entry.abi_major != VSAPI_ABI_MAJOR ||
      (VSAPI_ABI_MAJOR == 0 && entry.abi_minor != VSAPI_ABI_MINOR))
    return "it is built for vendor contract " + Version(entry.abi_major, entry.abi_minor) +
           ", this engine speaks " + Version(VSAPI_ABI_MAJOR, VSAPI_ABI_MINOR);
  if (!VSAPI_HAS_FIELD(&entry, vsapi_entry, create))
    return "its entry has " + std::to_string(entry.struct_size) + " bytes, at least " +
           std::to_string(sizeof(vsapi_entry)) + " are needed";
  if (entry.create == nullptr) return "its entry has no create function";
  if (entry.info == nullptr) return "its entry has no vendor information";
  if (!VSAPI_HAS_FIELD(entry.info, vsapi_vendor_info, version))
    return "its vendor information has " + std::to_string(entry.info->struct_size) +
           " bytes, at least " + std::to_string(sizeof(vsapi_vendor_info)) + " are needed";
  const char* name = entry.info->name;
  if (name == nullptr || *name == '\0') return "its vendor name is empty";
  if (std::strlen(name) >= VSAPI_VENDOR_SIZE) return "its vendor name is longer than 47 bytes";
  if (!IsUtf8(name)) return "its vendor name is not UTF-8";
  if (CleanLine(name, VSAPI_VENDOR_SIZE) != name) return "its vendor name has control characters";
  return std::nullopt;
}

}  // namespace

std::shared_ptr<VendorLibrary> VendorLibrary::Open(const std::string& path, std::string& problem) {
  platform::Failure failure;
  void* library = platform::OpenLibrary(path, failure);
  if (library == nullptr) {
    problem = failure.text;
    return nullptr;
  }
  const auto* entry =
      static_cast<const vsapi_entry*>(platform::FindSymbol(library, VSAPI_ENTRY_SYMBOL));
  const auto wrong = entry == nullptr
                         ? std::optional<std::string>("it exports no " VSAPI_ENTRY_SYMBOL
                                                      ", so it is no vendor DLL")
                         : WrongEntry(*entry);
  if (wrong) {
    platform::CloseLibrary(library);
    problem = path + ": " + *wrong;
    return nullptr;
  }
  return std::shared_ptr<VendorLibrary>(new VendorLibrary(library, *entry, path));
}

VendorLibrary::~VendorLibrary() {
  if ((entry_.info->flags & VSAPI_VENDOR_KEEP_RESIDENT) == 0) platform::CloseLibrary(library_);
}

std::string VendorLibrary::Find(const std::string& library) {
  if (library.find('/') != std::string::npos) return library;
  return platform::VendorFolder() + "/" + library;
}

}  // namespace vsapi::engine
