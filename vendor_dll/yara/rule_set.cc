// SPDX-License-Identifier: Apache-2.0
#include "rule_set.h"

#include <algorithm>
#include <filesystem>
#include <string>

#include "../common/key_values.h"
#include "../common/sha256.h"
#include "built_in_rules.h"

namespace vsapi::yara {
namespace {

constexpr char kBuiltInSpace[] = "/built-in";  // a global rule of a file never reaches into it
constexpr char kFileSpace[] = "/file";
static_assert(kBuiltInSpace[0] == kUnnamedSpace && kFileSpace[0] == kUnnamedSpace);

constexpr char kNothingGiven[] =
    "no YARA rules given: only the EICAR test file will be found; set Parameters rules=FILE or "
    "rules=FOLDER";

constexpr uint64_t kGrowth = 30;  // bytes in memory for one of a rule file, see README.md
constexpr uint64_t kBuiltInNeeds = uint64_t{1} << 20;

uint64_t EstimateMemory(const RuleFiles& files) {
  uint64_t bytes = kBuiltInNeeds;
  for (const DefinitionFile& file : files.files) bytes += file.size * kGrowth;
  return bytes;
}

RuleFiles FilesAt(const std::string& place) {
  if (place.empty()) return {};
  RuleFiles files = FindRuleFiles(place);
  if (files.files.empty())
    throw Failure(VSAPI_E_ARGUMENT, "rules: " + place +
                                        " does not exist, can't be read or holds no *.yar or "
                                        "*.yara; set Parameters rules=FILE or rules=FOLDER");
  return files;
}

RuleFiles FindFitting(const Parameters& parameters, uint32_t sessions) {
  RuleFiles files = FilesAt(parameters.rules);
  CheckBudget(parameters.memory_budget, EstimateMemory(files), sessions, parameters.max_size);
  return files;
}

std::optional<std::string> IncludeFolder(const Parameters& parameters, const RuleFiles& files) {
  if (!parameters.includes) return std::nullopt;
  return files.folder;
}

void DefineVariables(Compiler* compiler) {
  for (const Variable& variable : kVariables) compiler->DefineText(variable.name);
  compiler->DefineText(kExtensionVariable);
}

// Strict rule writers want no warnings; others want to know of them.
void TakeWarnings(const Compiler& compiler, bool strict, const Services& services) {
  if (strict && !compiler.warnings().empty())
    throw Failure(VSAPI_E_ARGUMENT, "rules: " + compiler.warnings().front() +
                                        " (a warning; Parameters strict=off accepts it)");
  for (const std::string& warning : compiler.warnings())
    services.Log(VSAPI_LOG_WARNING, "rules: " + warning);
}

}  // namespace

RuleSet::RuleSet(const Parameters& parameters, uint32_t sessions, const Services& services)
    : place_(parameters.rules), files_(FindFitting(parameters, sessions)) {
  Compiler compiler(IncludeFolder(parameters, files_));
  if (parameters.properties) DefineVariables(&compiler);
  AddFiles(&compiler);
  TakeWarnings(compiler, parameters.strict, services);
  compiled_ = compiler.Finish();
  meanings_ = MeaningsOf(*compiled_);
  if (!place_.empty() && count() == 0)
    throw Failure(VSAPI_E_ARGUMENT, "rules: " + place_ + " holds no rule that could be found");
  if (HasNewer())
    throw Failure(VSAPI_E_BUSY, "rules: " + place_ + " changed while it was loaded; start again");
  LogWhatWasLoaded(services);
}

// Each file of a folder is a namespace of its own, so that equal names and global rules don't
// reach from one into another.
void RuleSet::AddFiles(Compiler* compiler) {
  Sha256 digest;
  digest.Add(kEicarRule);
  compiler->Add(kEicarRule, kBuiltInSpace, "the built-in rule");
  for (const DefinitionFile& file : files_.files) {
    const std::string path = files_.PathOf(file), text = ReadRules(path);
    digest.Add(file.name);
    digest.Add(text);
    compiler->Add(text, SpaceOf(file), path);
    version_ = std::max(version_, TimeOf(file));
  }
  for (const IncludedFile& included : compiler->included()) {
    digest.Add(included.file.name);
    digest.Add(included.text);
    version_ = std::max(version_, TimeOf(included.file));
    included_.push_back(included.file);
  }
  digest_ = digest.Finish();
}

std::string RuleSet::SpaceOf(const DefinitionFile& file) const {
  if (!files_.whole_folder) return kFileSpace;
  return std::filesystem::path(file.name).stem().string();
}

uint64_t RuleSet::TimeOf(const DefinitionFile& file) {
  return static_cast<uint64_t>(std::max<int64_t>(file.modified_ns, 1));
}

vsapi_signatures_identity RuleSet::identity() const {
  vsapi_signatures_identity identity = {};
  identity.struct_size = sizeof identity;
  identity.version = version_;
  std::ranges::copy(digest_, identity.digest);
  identity.count = count() + 1;
  identity.built_ns = version_ > 1 ? static_cast<int64_t>(version_) : 0;
  return identity;
}

bool RuleSet::HasNewer() const {
  if (place_.empty()) return false;
  const RuleFiles now = FindRuleFiles(place_);
  if (now.files.empty()) return false;  // a new rule set could not be made
  return now != files_ || std::ranges::any_of(included_, [](const DefinitionFile& file) {
           const auto again = LookAt(file.name, file.name);
           return again && *again != file;
         });
}

// A private rule is only there for others to refer to.
uint64_t RuleSet::count() const {
  uint64_t found = 0;
  for (uint32_t i = 0; i < compiled_->num_rules; ++i) {
    const YR_RULE& rule = compiled_->rules_table[i];
    found += !RULE_IS_PRIVATE(&rule) && std::string_view(rule.ns->name) != kBuiltInSpace;
  }
  return found;
}

void RuleSet::LogWhatWasLoaded(const Services& services) const {
  if (place_.empty()) services.Log(VSAPI_LOG_WARNING, kNothingGiven);
  services.Log(VSAPI_LOG_INFO, "libyara " YR_VERSION ": " + std::to_string(count()) +
                                   " rules from " + (place_.empty() ? "nowhere" : place_) +
                                   ", and the built-in one for EICAR");
}

}  // namespace vsapi::yara
