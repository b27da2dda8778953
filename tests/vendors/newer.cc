// SPDX-License-Identifier: Apache-2.0
//
// Loads definitions at start from the file that definitions= in Parameters names, and tells by its
// poll when that file has become another. The file is one line: VERSION DIGEST WORD...; content
// with one of the words is infected by it.
#include <algorithm>
#include <fstream>
#include <sstream>
#include <vector>

#include "test_vendor.h"

namespace vsapi::test_vendor {

struct Definitions {
  std::string file_text;
  uint64_t version = 0;
  std::string digest;
  std::vector<std::string> words;
};

struct InstanceWithDefinitions : Instance {
  Definitions definitions;
};

static Definitions& DefinitionsOf(vsapi_vendor* vendor) {
  return static_cast<InstanceWithDefinitions&>(Self(vendor)).definitions;
}

static std::string ReadDefinitionsFile(vsapi_vendor* vendor) {
  std::ifstream in(Parameter(Self(vendor), "definitions", ""));
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

static int32_t StartWithDefinitions(vsapi_vendor* vendor) {
  Definitions& definitions = DefinitionsOf(vendor);
  definitions = {};
  definitions.file_text = ReadDefinitionsFile(vendor);
  std::istringstream in(definitions.file_text);
  if (!(in >> definitions.version >> definitions.digest)) return VSAPI_E_INTERNAL;
  for (std::string word; in >> word;) definitions.words.push_back(word);
  return VSAPI_OK;
}

static void DestroyWithDefinitions(vsapi_vendor* vendor) {
  delete &static_cast<InstanceWithDefinitions&>(Self(vendor));
}

static int32_t JudgeByDefinitions(Instance& self, const vsapi_scan_request* request,
                                  const std::string& content, vsapi_scan_result* result) {
  for (const std::string& word : DefinitionsOf(&self).words) {
    if (!Has(content, word)) continue;
    PassGate(self, content);
    return Say(result, VSAPI_VERDICT_INFECTED, VSAPI_FINDING_THREAT, word);
  }
  return JudgeWell(self, request, content, result);
}

static int32_t Identity(vsapi_vendor* vendor, vsapi_signatures_identity* identity) {
  const Definitions& definitions = DefinitionsOf(vendor);
  identity->version = definitions.version;
  std::memset(identity->digest, 0, sizeof identity->digest);
  std::memcpy(identity->digest, definitions.digest.data(),
              std::min(definitions.digest.size(), sizeof identity->digest));
  identity->count = definitions.words.size();
  identity->built_ns = 0;
  return VSAPI_OK;
}

static int32_t Poll(vsapi_vendor* vendor, int32_t* newer) {
  *newer = ReadDefinitionsFile(vendor) != DefinitionsOf(vendor).file_text;
  return VSAPI_OK;
}

static const void* GetExtensionWithSignatures(vsapi_vendor* vendor, const char* id) {
  static constexpr vsapi_ext_signatures kSignatures = {Identity, Poll};
  if (std::strcmp(id, VSAPI_EXT_SIGNATURES) == 0) return &kSignatures;
  return GetExtension(vendor, id);
}

constexpr vsapi_vendor_table kTable = {StartWithDefinitions,
                                       Stop,
                                       DestroyWithDefinitions,
                                       OpenSession,
                                       CloseSession,
                                       ScanBy<JudgeByDefinitions>,
                                       GetExtensionWithSignatures};

}  // namespace vsapi::test_vendor

VSAPI_TEST_VENDOR("NewerVendor", 0, vsapi::test_vendor::kTable,
                  vsapi::test_vendor::InstanceWithDefinitions);
