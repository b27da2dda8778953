// SPDX-License-Identifier: Apache-2.0
#include "file_sight.h"

#include "file_way.h"
#include "importer.h"
#include "large_mail.h"
#include "save_file.h"
#include "times.h"

namespace store_sim::ways {
namespace {

namespace fs = std::filesystem;

void StoreAlone(const fs::path& file, const std::string& mail) {
  Mdb::Create(file);
  const IncomingMessage message = Prepare(mail, {"user", "Inbox"}, NowNs());
  Mdb(file, "alone", Access::kWrite).Import({&message, 1});
}

}  // namespace

void RecordFileSight(const Places& places, Records& records) {
  const fs::path sight = places.folder / "sight";
  const fs::path mail = sight / "mail", databases = sight / "databases", known = sight / "known";
  for (const fs::path& each : {mail, databases}) fs::create_directories(each);
  const std::vector<LargeMail> mails = LargeMails();
  WriteDefinitions(known, mails);
  for (size_t i = 0; i < mails.size(); ++i) {
    SaveFile(mail / (std::to_string(i) + ".eml"), mails[i].raw);
    StoreAlone(databases / (std::to_string(i) + ".db"), mails[i].raw);
  }
  const auto add = [&](const char* metric, uint64_t value) {
    records.Add(metric, static_cast<double>(value), "items", Better::kMore);
  };
  records.About("known attachments over a page");
  add("bad_mails", mails.size());
  add("seen_as_mail", ScanFiles(mail, known).flagged);
  add("seen", ScanFiles(databases, known).flagged_as_data);
}

}  // namespace store_sim::ways
