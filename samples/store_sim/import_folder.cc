// SPDX-License-Identifier: Apache-2.0
#include "import_folder.h"

#include <strings.h>

#include <vector>

namespace store_sim {
namespace {

struct Other {
  const char* name;
  const char* ours;
};
constexpr Other kOthers[] = {{"inbox", "Inbox"},           {"sent", "Sent Items"},
                             {"sent mail", "Sent Items"},  {"sent messages", "Sent Items"},
                             {"trash", "Deleted Items"},   {"deleted messages", "Deleted Items"},
                             {"unsent messages", "Outbox"}};

std::string Ours(const std::string& name) {
  for (const Other& other : kOthers)
    if (strcasecmp(name.c_str(), other.name) == 0) return other.ours;
  return name;
}

// Without what marks it as an mbox, or as what holds the mboxes below one.
std::string BareName(std::string name) {
  for (const char* ending : {".mbox", ".mbx", ".sbd"})
    if (name.ends_with(ending)) return name.substr(0, name.rfind('.'));
  return name;
}

// No empty names, and none that a tree could not have.
std::vector<std::string> NamesOf(const std::string& path) {
  std::vector<std::string> names;
  for (size_t at = 0; at <= path.size();) {
    const size_t slash = std::min(path.find('/', at), path.size());
    if (slash > at) names.push_back(BareName(path.substr(at, slash - at)));
    at = slash + 1;
  }
  return names;
}

}  // namespace

std::string FolderOf(const MailFile& file, const Origin& origin, const std::string& base) {
  const bool is_mbox = origin.index > 0 && !file.given;
  auto names = NamesOf(file.folder + (is_mbox ? "/" + file.path.filename().string() : ""));
  std::string folder;
  if (!base.empty()) {
    for (const std::string& name : NamesOf(base)) folder += (folder.empty() ? "" : "/") + name;
  } else if (!names.empty()) {
    names.front() = Ours(names.front());
  }
  for (const std::string& name : names) folder += (folder.empty() ? "" : "/") + name;
  return folder.empty() ? "Inbox" : folder;
}

}  // namespace store_sim
