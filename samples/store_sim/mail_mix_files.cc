// SPDX-License-Identifier: Apache-2.0
#include "mail_mix_files.h"

#include <archive.h>
#include <archive_entry.h>
#include <zlib.h>

#include <cmath>
#include <memory>
#include <stdexcept>
#include <vector>

namespace store_sim {
namespace {

std::string BigEndian(uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16),
          static_cast<char>(value >> 8), static_cast<char>(value)};
}

const Bytef* AsBytes(std::string_view text) { return reinterpret_cast<const Bytef*>(text.data()); }

std::string PngChunk(std::string_view type, std::string_view data) {
  const std::string body = std::string(type) + std::string(data);
  const auto sum = static_cast<uint32_t>(crc32(0, AsBytes(body), static_cast<uInt>(body.size())));
  return BigEndian(static_cast<uint32_t>(data.size())) + body + BigEndian(sum);
}

std::string Deflate(std::string_view bytes) {
  uLongf size = compressBound(bytes.size());
  std::string packed(size, '\0');
  if (compress2(reinterpret_cast<Bytef*>(packed.data()), &size, AsBytes(bytes), bytes.size(), 6) !=
      Z_OK) {
    throw std::runtime_error("zlib can't compress");
  }
  packed.resize(size);
  return packed;
}

std::string PdfStream(std::string_view bytes) {
  return "<< /Length " + std::to_string(bytes.size()) + " >>\nstream\n" + std::string(bytes) +
         "\nendstream";
}

struct ArchiveFree {
  void operator()(archive* a) const { archive_write_free(a); }
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};

}  // namespace

std::string MakeCsv(MixRandom& random, size_t size) {
  std::string csv = "number;name;amount\r\n";
  for (int row = 1; csv.size() < size; ++row) {
    csv += std::to_string(row) + ";\"" + random.Sentence() + "\";" +
           std::to_string(random.Below(100'000)) + "\r\n";
  }
  return csv;
}

std::string MakePdf(MixRandom& random, size_t size) {
  const std::string page = "BT /F1 12 Tf 72 720 Td (" + random.Sentence(true) + ") Tj ET";
  const std::vector<std::string> objects = {
      "<< /Type /Catalog /Pages 2 0 R >>",
      "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
      "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
      "/Resources << /Font << /F1 5 0 R >> >> >>",
      PdfStream(page),
      "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
      PdfStream(random.Bytes(size))};
  std::string pdf = "%PDF-1.4\n%\xE2\xE3\xCF\xD3\n";
  std::string table = "xref\n0 " + std::to_string(objects.size() + 1) + "\n0000000000 65535 f \n";
  for (size_t i = 0; i < objects.size(); ++i) {
    const std::string offset = std::to_string(pdf.size());
    table += std::string(10 - offset.size(), '0') + offset + " 00000 n \n";
    pdf += std::to_string(i + 1) + " 0 obj\n" + objects[i] + "\nendobj\n";
  }
  const std::string start = std::to_string(pdf.size());
  return pdf + table + "trailer\n<< /Size " + std::to_string(objects.size() + 1) +
         " /Root 1 0 R >>\nstartxref\n" + start + "\n%%EOF\n";
}

std::string MakePng(MixRandom& random, size_t size) {
  const auto side = static_cast<uint32_t>(std::sqrt(static_cast<double>(size) / 3)) + 1;
  std::string pixels;
  for (uint32_t row = 0; row < side; ++row) pixels += '\0' + random.Bytes(side * 3);
  const std::string header = BigEndian(side) + BigEndian(side) + std::string("\x08\x02\0\0\0", 5);
  return "\x89PNG\r\n\x1a\n" + PngChunk("IHDR", header) + PngChunk("IDAT", Deflate(pixels)) +
         PngChunk("IEND", "");
}

std::string MakeZip(std::string_view entry_name, std::string_view bytes) {
  const std::unique_ptr<archive, ArchiveFree> zip(archive_write_new());
  const std::unique_ptr<archive_entry, ArchiveFree> entry(archive_entry_new());
  std::string packed(bytes.size() + bytes.size() / 8 + 4096, '\0');
  size_t used = 0;
  archive_entry_set_pathname(entry.get(), std::string(entry_name).c_str());
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(bytes.size()));
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), 0644);
  archive_entry_set_mtime(entry.get(), 1'700'000'000, 0);
  const bool good =
      archive_write_set_format_zip(zip.get()) == ARCHIVE_OK &&
      archive_write_set_bytes_in_last_block(zip.get(), 1) == ARCHIVE_OK &&
      archive_write_open_memory(zip.get(), packed.data(), packed.size(), &used) == ARCHIVE_OK &&
      archive_write_header(zip.get(), entry.get()) == ARCHIVE_OK &&
      archive_write_data(zip.get(), bytes.data(), bytes.size()) ==
          static_cast<la_ssize_t>(bytes.size()) &&
      archive_write_close(zip.get()) == ARCHIVE_OK;
  if (!good) throw std::runtime_error("libarchive can't write a zip");
  packed.resize(used);
  return packed;
}

}  // namespace store_sim
