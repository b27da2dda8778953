// SPDX-License-Identifier: Apache-2.0
#include "layered_mail.h"

#include <archive.h>
#include <archive_entry.h>

#include <memory>
#include <stdexcept>
#include <utility>

#include "corpus.h"
#include "mail_mix_files.h"
#include "mime_parts.h"

namespace vsapi::bench {
namespace {

constexpr size_t kKiB = 1024;

using Entries = std::vector<std::pair<std::string, std::string>>;  // name, bytes

void Add(archive* zip, const std::string& name, const std::string& bytes) {
  const std::unique_ptr<archive_entry, void (*)(archive_entry*)> entry(archive_entry_new(),
                                                                       archive_entry_free);
  archive_entry_set_pathname(entry.get(), name.c_str());
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(bytes.size()));
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), 0644);
  if (archive_write_header(zip, entry.get()) != ARCHIVE_OK ||
      archive_write_data(zip, bytes.data(), bytes.size()) != static_cast<la_ssize_t>(bytes.size()))
    throw std::runtime_error("libarchive can't write " + name);
}

std::string Zip(const Entries& entries) {
  size_t size = 4096;
  for (const auto& [name, bytes] : entries) size += 2 * bytes.size();
  std::string packed(size, '\0');
  size_t used = 0;
  const std::unique_ptr<archive, int (*)(archive*)> zip(archive_write_new(), archive_write_free);
  archive_write_set_format_zip(zip.get());
  archive_write_set_bytes_in_last_block(zip.get(), 1);
  archive_write_open_memory(zip.get(), packed.data(), packed.size(), &used);
  for (const auto& [name, bytes] : entries) Add(zip.get(), name, bytes);
  if (archive_write_close(zip.get()) != ARCHIVE_OK)
    throw std::runtime_error("libarchive can't write a zip");
  packed.resize(used);
  return packed;
}

// The parts that each word processor document has.
std::string Office(const std::string& text) {
  const std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
  const std::string types = "http://schemas.openxmlformats.org/package/2006/content-types";
  const std::string relations = "http://schemas.openxmlformats.org/package/2006/relationships";
  const std::string word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
  return Zip(
      {{"[Content_Types].xml", xml + "<Types xmlns=\"" + types + "\"/>"},
       {"_rels/.rels", xml + "<Relationships xmlns=\"" + relations + "\"/>"},
       {"docProps/core.xml", xml + "<coreProperties/>"},
       {"docProps/app.xml", xml + "<Properties/>"},
       {"word/styles.xml", xml + "<w:styles xmlns:w=\"" + word + "\"/>"},
       {"word/settings.xml", xml + "<w:settings xmlns:w=\"" + word + "\"/>"},
       {"word/document.xml", xml + "<w:document xmlns:w=\"" + word + "\"><w:body><w:p><w:r><w:t>" +
                                 text + "</w:t></w:r></w:p></w:body></w:document>"}});
}

}  // namespace

const std::vector<std::string>& LayeredMails::Kinds() {
  static const std::vector<std::string> kinds = {"plain", "html",       "pdf",    "png",
                                                 "zip",   "zip in zip", "office", "everyday"};
  return kinds;
}

LayeredMail LayeredMails::Next(const std::string& kind) {
  LayeredMail mail{Compose(kind), {}};
  mail.parts = TakeApart(mail.whole);
  return mail;
}

std::vector<std::string> LayeredMails::TakeApart(const std::string& whole) {
  std::vector<std::string> parts;
  for (const store_sim::Part& part : store_sim::TakeApart(whole).parts)
    parts.push_back(store_sim::Decode(whole, part));
  return parts;
}

std::string LayeredMails::Compose(const std::string& kind) {
  return kind == "everyday" ? mix_.Next() : mix_.Carry(File(kind));
}

store_sim::MixFile LayeredMails::File(const std::string& kind) {
  const uint64_t seed = random_.Below(UINT64_MAX);
  const std::string text = Text(64 * kKiB, seed);
  if (kind == "plain") return {"minutes.txt", "text/plain", Text(3 * kKiB, seed)};
  if (kind == "html") return {"page.html", "text/html", Html(16 * kKiB, seed)};
  if (kind == "pdf") return {"report.pdf", "application/pdf", MakePdf(random_, 100 * kKiB)};
  if (kind == "png") return {"photo.png", "image/png", MakePng(random_, 100 * kKiB)};
  if (kind == "zip") return {"minutes.zip", "application/zip", Zip({{"minutes.txt", text}})};
  if (kind == "zip in zip")
    return {"outer.zip", "application/zip", Zip({{"inner.zip", Zip({{"minutes.txt", text}})}})};
  return {"letter.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
          Office(text)};
}

}  // namespace vsapi::bench
