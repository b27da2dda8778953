// SPDX-License-Identifier: Apache-2.0
#include "risk.h"

#include <algorithm>
#include <array>
#include <string>

namespace store_sim {
namespace {

constexpr int64_t kDay = int64_t{86400} * 1'000'000'000;
constexpr int64_t kAttachment = 7 * kDay;
constexpr int64_t kDangerous = 30 * kDay;

// Programs, scripts, what starts them, documents with macros; archives and disk images, in which
// they come.
constexpr std::array kExtensions{
    "exe", "com",  "scr",  "pif",  "dll",  "sys",  "cpl",  "ocx",  "msi",  "msp",  "msix", "appx",
    "jar", "apk",  "elf",  "bat",  "cmd",  "ps1",  "psm1", "js",   "jse",  "vbs",  "vbe",  "wsf",
    "wsh", "hta",  "sct",  "sh",   "py",   "lnk",  "url",  "chm",  "hlp",  "reg",  "inf",  "scf",
    "msc", "docm", "dotm", "xlsm", "xltm", "xlam", "xlsb", "pptm", "potm", "ppam", "ppsm", "sldm",
    "doc", "xls",  "ppt",  "rtf",  "one",  "xll",  "zip",  "rar",  "7z",   "gz",   "bz2",  "xz",
    "tar", "tgz",  "cab",  "arj",  "lzh",  "ace",  "iso",  "img",  "vhd",  "vhdx", "udf",  "dmg"};

constexpr std::array kTypes{"application/x-msdownload",
                            "application/x-dosexec",
                            "application/x-executable",
                            "application/x-msdos-program",
                            "application/java-archive",
                            "application/javascript",
                            "application/x-javascript",
                            "text/javascript",
                            "application/x-sh",
                            "application/hta",
                            "application/zip",
                            "application/x-zip-compressed",
                            "application/x-7z-compressed",
                            "application/vnd.rar"};

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& letter : lower)
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  return lower;
}

// Without the dots and blanks behind it, which Windows does not see.
std::string ExtensionOf(std::string_view name) {
  const size_t last = name.find_last_not_of(". ");
  name = name.substr(0, last == name.npos ? 0 : last + 1);
  const size_t dot = name.rfind('.');
  return dot == name.npos ? "" : LowerCase(name.substr(dot + 1));
}

bool IsDangerous(std::string_view name, std::string_view content_type) {
  return std::ranges::find(kExtensions, ExtensionOf(name)) != kExtensions.end() ||
         std::ranges::find(kTypes, LowerCase(content_type)) != kTypes.end();
}

}  // namespace

int64_t RiskOf(PartKind kind, std::string_view name, std::string_view content_type,
               int64_t received_ns) {
  if (IsBody(kind)) return received_ns;
  return received_ns + (IsDangerous(name, content_type) ? kDangerous : kAttachment);
}

}  // namespace store_sim
