// SPDX-License-Identifier: Apache-2.0
//
// The exported entry: what can be said of a DLL before anything of it is called.
#include "checks.h"
#include "elf_exports.h"
#include "examination.h"
#include "host.h"
#include "words.h"

namespace vendor_check {
namespace {

constexpr size_t kLongestName = 47;

void Load(Examination& examination) { const Library library(examination.subject().library); }

void Symbol(Examination& examination) { Library(examination.subject().library).entry(); }

void Exports(Examination& examination) {
  for (const std::string& symbol : ExportedSymbols(examination.subject().library))
    if (symbol != VSAPI_ENTRY_SYMBOL) examination.Fail("it also exports " + symbol);
}

std::string Version(int major, int minor) {
  return std::to_string(major) + "." + std::to_string(minor);
}

void AbiVersion(Examination& examination) {
  const Library library(examination.subject().library);
  const vsapi_entry& entry = library.entry();
  const bool fits = entry.abi_major == VSAPI_ABI_MAJOR &&
                    (VSAPI_ABI_MAJOR > 0 || entry.abi_minor == VSAPI_ABI_MINOR);
  examination.Expect(fits, "it was built for version " + Version(entry.abi_major, entry.abi_minor) +
                               " of the contract, this is version " +
                               Version(VSAPI_ABI_MAJOR, VSAPI_ABI_MINOR));
}

void Sizes(Examination& examination) {
  const Library library(examination.subject().library);
  const vsapi_entry& entry = library.entry();
  examination.Expect(VSAPI_HAS_FIELD(&entry, vsapi_entry, create),
                     "vsapi_entry.struct_size is " + std::to_string(entry.struct_size) +
                         ", which is too small to hold create");
  examination.Expect(entry.create != nullptr, "there is no create");
  if (entry.info == nullptr) throw Failure("there is no info");
  examination.Expect(VSAPI_HAS_FIELD(entry.info, vsapi_vendor_info, version),
                     "vsapi_vendor_info.struct_size is " + std::to_string(entry.info->struct_size) +
                         ", which is too small to hold version");
}

void CheckText(Examination& examination, const std::string& what, const char* text,
               size_t longest) {
  if (text == nullptr) return examination.Fail(what + " is NULL");
  const std::string_view whole = text;
  examination.Expect(!whole.empty(), what + " is empty");
  examination.Expect(whole.size() <= longest,
                     what + " has " + std::to_string(whole.size()) + " bytes");
  examination.Expect(IsUtf8(text), what + " is no UTF-8: " + Quoted(whole));
  examination.Expect(whole.find('\n') == whole.npos, what + " has more than one line");
}

void Info(Examination& examination) {
  const Library library(examination.subject().library);
  const vsapi_vendor_info& info = *library.entry().info;
  CheckText(examination, "the name", info.name, kLongestName);
  CheckText(examination, "the description", info.description, SIZE_MAX);
  constexpr uint32_t kKnown = VSAPI_VENDOR_KEEP_RESIDENT | VSAPI_VENDOR_SERIAL;
  examination.Expect((info.flags & ~kKnown) == 0, "unknown flags are set");
  if (info.name != nullptr)
    examination.Note(std::string(info.name) + ", version " + std::to_string(info.version));
}

}  // namespace

std::vector<Check> EntryChecks() {
  return {
      {"entry.load", "", "The library loads, with every symbol resolved",
       "abi/entry.h: VSAPI_EXPORT_ENTRY", Load},
      {"entry.symbol", "entry.load", "It has the constant vsapi_vendor_entry",
       "abi/entry.h: VSAPI_EXPORT_ENTRY", Symbol},
      {"entry.exports", "entry.load", "It exports nothing else", "abi/entry.h: VSAPI_EXPORT_ENTRY",
       Exports},
      {"entry.version", "entry.symbol", "It was built for this version of the contract",
       "abi/entry.h: vsapi_entry.abi_major, abi/base.h: VSAPI_ABI_MAJOR", AbiVersion},
      {"entry.sizes", "entry.version", "Entry and info are as large as their struct_size must say",
       "abi/entry.h: vsapi_entry.struct_size, abi/base.h: Growth", Sizes},
      {"entry.info", "entry.sizes", "A name of 1 to 47 bytes and a description, both UTF-8",
       "abi/entry.h: vsapi_vendor_info", Info},
  };
}

}  // namespace vendor_check
