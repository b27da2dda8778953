// SPDX-License-Identifier: Apache-2.0
//
// libyara's compiler: texts go in, compiled rules come out. Knows the line of each complaint and
// which files were included. [control]
#ifndef VSAPI_VENDOR_DLL_YARA_COMPILER_H_
#define VSAPI_VENDOR_DLL_YARA_COMPILER_H_

#include <yara.h>

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../common/definition_files.h"

namespace vsapi::yara {

struct DestroyRules {
  void operator()(YR_RULES* rules) const { yr_rules_destroy(rules); }
};
using CompiledRules = std::unique_ptr<YR_RULES, DestroyRules>;

// A file that a rule file includes, as it was compiled; its name is its path.
struct IncludedFile {
  DefinitionFile file;
  std::string text;
};

class Compiler {
 public:
  // An include is looked for in `include_folder`; without one every include is an error.
  explicit Compiler(std::optional<std::string> include_folder);
  Compiler(const Compiler&) = delete;
  Compiler& operator=(const Compiler&) = delete;

  // Rules may then use `variable`, a text.
  void DefineText(const char* variable);

  // Compiles `text` into the namespace `space`. Throws Failure at the first error, which then reads
  // "origin:line: what is wrong"; the compiler is of no more use.
  void Add(const std::string& text, const std::string& space, const std::string& origin);

  // What it only warned of, in the same form.
  const std::vector<std::string>& warnings() const { return warnings_; }
  // A deque, since libyara holds pointers into the texts.
  const std::deque<IncludedFile>& included() const { return included_; }

  CompiledRules Finish();

 private:
  struct Destroy {
    void operator()(YR_COMPILER* compiler) const { yr_compiler_destroy(compiler); }
  };
  static void OnComplaint(int level, const char* file, int line, const YR_RULE* rule,
                          const char* message, void* self) noexcept;
  static const char* OnInclude(const char* name, const char* from, const char* space,
                               void* self) noexcept;
  std::string Place(const char* file, int line) const;
  const char* Include(const std::string& name);

  const std::optional<std::string> include_folder_;
  std::string origin_;   // of the text that is being compiled
  int last_line_ = 0;    // of that text
  std::string trouble_;  // why an included file could not be had; goes behind libyara's error
  std::vector<std::string> errors_;
  std::vector<std::string> warnings_;
  std::deque<IncludedFile> included_;
  std::unique_ptr<YR_COMPILER, Destroy> compiler_;
};

}  // namespace vsapi::yara

#endif  // VSAPI_VENDOR_DLL_YARA_COMPILER_H_
