// SPDX-License-Identifier: Apache-2.0
#include "compiler.h"

#include <vsapi/vendor.h>

#include <algorithm>
#include <exception>
#include <new>

#include "rule_files.h"

namespace vsapi::yara {
namespace {

void Check(int error) {
  if (error == ERROR_INSUFFICIENT_MEMORY) throw std::bad_alloc();
  if (error != ERROR_SUCCESS)
    throw Failure(VSAPI_E_INTERNAL, "rules: libyara's error " + std::to_string(error));
}

YR_COMPILER* NewCompiler() {
  YR_COMPILER* compiler = nullptr;
  Check(yr_compiler_create(&compiler));
  return compiler;
}

}  // namespace

Compiler::Compiler(std::optional<std::string> include_folder)
    : include_folder_(std::move(include_folder)), compiler_(NewCompiler()) {
  yr_compiler_set_callback(compiler_.get(), OnComplaint, this);
  const auto free_nothing = [](const char*, void*) noexcept {};
  if (include_folder_)
    yr_compiler_set_include_callback(compiler_.get(), OnInclude, free_nothing, this);
  else
    yr_compiler_set_include_callback(compiler_.get(), nullptr, nullptr, nullptr);
}

void Compiler::DefineText(const char* variable) {
  Check(yr_compiler_define_string_variable(compiler_.get(), variable, ""));
}

void Compiler::Add(const std::string& text, const std::string& space, const std::string& origin) {
  origin_ = origin;
  last_line_ = 1 + static_cast<int>(std::ranges::count(text, '\n'));
  const int errors = yr_compiler_add_string(compiler_.get(), text.c_str(), space.c_str());
  if (!errors_.empty()) throw Failure(VSAPI_E_ARGUMENT, errors_.front() + trouble_);
  if (errors != 0) throw Failure(VSAPI_E_INTERNAL, "rules: " + origin + " does not compile");
}

CompiledRules Compiler::Finish() {
  YR_RULES* rules = nullptr;
  Check(yr_compiler_get_rules(compiler_.get(), &rules));
  return CompiledRules(rules);
}

// libyara says line 0 where the text ends in the middle of a rule.
std::string Compiler::Place(const char* file, int line) const {
  if (file) return std::string(file) + ":" + std::to_string(line);
  return origin_ + ":" + std::to_string(line == 0 ? last_line_ : line);
}

void Compiler::OnComplaint(int level, const char* file, int line, const YR_RULE* rule,
                           const char* message, void* self) noexcept {
  Compiler& compiler = *static_cast<Compiler*>(self);
  try {
    std::string text = compiler.Place(file, line) + ": ";
    if (rule) text += "rule " + std::string(rule->identifier) + ": ";
    (level == YARA_ERROR_LEVEL_ERROR ? compiler.errors_ : compiler.warnings_)
        .push_back(text + message);
  } catch (const std::bad_alloc&) {
    // An error is counted by libyara too, a warning has not been heard.
  }
}

const char* Compiler::OnInclude(const char* name, const char*, const char*, void* self) noexcept {
  Compiler& compiler = *static_cast<Compiler*>(self);
  try {
    return compiler.Include(name);
  } catch (const std::exception& error) {
    compiler.trouble_ = std::string(" (") + error.what() + ")";
    return nullptr;
  }
}

const char* Compiler::Include(const std::string& name) {
  const std::string path = name.starts_with('/') ? name : *include_folder_ + "/" + name;
  const auto file = LookAt(path, path);
  if (!file) throw Failure(VSAPI_E_ARGUMENT, "there is no file " + path);
  return included_.emplace_back(IncludedFile{*file, ReadRules(path)}).text.c_str();
}

}  // namespace vsapi::yara
