// SPDX-License-Identifier: Apache-2.0
#include "elf_exports.h"

#include <elf.h>
#include <link.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace vendor_check {
namespace {

using Header = ElfW(Ehdr);
using Section = ElfW(Shdr);
using Symbol = ElfW(Sym);

[[noreturn]] void Refuse(const std::string& why) {
  throw std::runtime_error("its symbols can't be read: " + why);
}

// Item `index` of the table at `offset`, copied, as a file aligns nothing.
template <typename Item>
Item At(const std::string& file, uint64_t offset, uint64_t index = 0) {
  const uint64_t begin = offset + index * sizeof(Item);
  if (begin > file.size() || file.size() - begin < sizeof(Item)) Refuse("the file is cut off");
  Item item;
  std::memcpy(&item, file.data() + begin, sizeof item);
  return item;
}

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) Refuse("the file can't be opened");
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

Section DynamicSymbols(const std::string& file, const Header& header) {
  for (unsigned i = 0; i < header.e_shnum; ++i) {
    const auto section = At<Section>(file, header.e_shoff, i);
    if (section.sh_type == SHT_DYNSYM) return section;
  }
  Refuse("there is no table of dynamic symbols");
}

bool IsExported(const Symbol& symbol) {
  const auto binding = ELF64_ST_BIND(symbol.st_info);
  return symbol.st_shndx != SHN_UNDEF && symbol.st_shndx != SHN_ABS &&
         (binding == STB_GLOBAL || binding == STB_WEAK || binding == STB_GNU_UNIQUE);
}

std::string NameAt(const std::string& file, uint64_t offset) {
  if (offset >= file.size()) Refuse("a name lies outside the file");
  return file.substr(offset, file.find('\0', offset) - offset);
}

}  // namespace

std::vector<std::string> ExportedSymbols(const std::string& path) {
  const std::string file = ReadFile(path);
  const auto header = At<Header>(file, 0);
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) Refuse("the file is no ELF library");
  const Section table = DynamicSymbols(file, header);
  const auto names = At<Section>(file, header.e_shoff, table.sh_link);
  std::vector<std::string> exported;
  for (uint64_t i = 0; i < table.sh_size / sizeof(Symbol); ++i) {
    const auto symbol = At<Symbol>(file, table.sh_offset, i);
    if (IsExported(symbol)) exported.push_back(NameAt(file, names.sh_offset + symbol.st_name));
  }
  return exported;
}

}  // namespace vendor_check
