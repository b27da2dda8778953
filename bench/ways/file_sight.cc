// SPDX-License-Identifier: Apache-2.0
#include "file_sight.h"

#include "file_way.h"
#include "importer.h"
#include "mdb_numbers.h"
#include "save_file.h"
#include "times.h"

namespace store_sim::ways {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kOnePage = 16'384;  // mdb_schema.cc
constexpr size_t kEnough = 10;

struct Sample {
  std::string raw;
  StoredPart part;
};

const StoredPart* LargeAttachmentOf(const StoredMessage& message) {
  for (const StoredPart& part : message.parts)
    if (part.kind == PartKind::kAttachment && part.size > kOnePage) return &part;
  return nullptr;
}

std::vector<Sample> SamplesOf(const fs::path& folder) {
  const Store store(folder, Access::kRead);
  Mdb& mdb = store.mdb("mdb1");
  std::vector<Sample> samples;
  for (const int64_t number : AllNumbers(mdb)) {
    const auto message = mdb.Find(number);
    const StoredPart* part = message ? LargeAttachmentOf(*message) : nullptr;
    if (part && samples.size() < kEnough)
      samples.push_back({mdb.ReadRaw(number).value_or(""), *part});
  }
  return samples;
}

// Of ClamAV's format .hsb.
std::string Signature(const StoredPart& part) {
  return ToHex(part.content) + ":" + std::to_string(part.size) + ":Simulated.Known\n";
}

void StoreAlone(const fs::path& file, const Sample& sample) {
  Mdb::Create(file);
  const IncomingMessage message = Prepare(sample.raw, {"user", "Inbox"}, NowNs());
  Mdb(file, "alone", Access::kWrite).Import({&message, 1});
}

}  // namespace

void RecordFileSight(const fs::path& store, const Places& places, Records& records) {
  const fs::path sight = places.folder / "sight";
  const fs::path mail = sight / "mail", databases = sight / "databases", known = sight / "known";
  for (const fs::path& each : {mail, databases, known}) fs::create_directories(each);
  const std::vector<Sample> samples = SamplesOf(store);
  std::string signatures;
  for (size_t i = 0; i < samples.size(); ++i) {
    signatures += Signature(samples[i].part);
    SaveFile(mail / (std::to_string(i) + ".eml"), samples[i].raw);
    StoreAlone(databases / (std::to_string(i) + ".db"), samples[i]);
  }
  SaveFile(known / "known.hsb", signatures);
  const auto add = [&](const char* metric, uint64_t value) {
    records.Add(metric, static_cast<double>(value), "items", Better::kMore);
  };
  records.About("attachments over a page");
  add("attachments", samples.size());
  add("found_as_mail", ScanFiles(mail, known).flagged);
  add("found_in_database", ScanFiles(databases, known).flagged_as_data);
}

}  // namespace store_sim::ways
