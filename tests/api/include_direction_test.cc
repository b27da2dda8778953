// SPDX-License-Identifier: Apache-2.0
//
// Includes between the top folders run one way: api <- engine <- (samples, bench, tests), and
// api <- vendor_dll. A vendor DLL never sees the engine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "api/source_tree.h"

namespace vsapi::test {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::map<std::string, std::set<std::string>>& MayInclude() {
  static const std::map<std::string, std::set<std::string>> kRules = {
      {"api", {"api"}},
      {"engine", {"api", "engine"}},
      {"vendor_dll", {"api", "vendor_dll"}},
      {"samples", {"api", "engine", "samples"}},
      {"bench", {"api", "engine", "samples", "bench"}},
      {"tests", {"api", "engine", "vendor_dll", "samples", "bench", "tests"}},
  };
  return kRules;
}

std::string TopFolder(const fs::path& relative) { return *relative.begin(); }

// The top folder of the file that `include` means in `file` (a path in the tree); "" if the file is
// none of ours. Tries every place that some target has on its include path.
std::string TopFolderOfInclude(const fs::path& file, const std::string& include) {
  std::vector<fs::path> places = {file.parent_path(), "", "api/include"};
  for (const auto& [folder, unused] : MayInclude()) places.push_back(folder);
  for (const fs::path& place : places) {
    const fs::path candidate = (place / include).lexically_normal();
    if (fs::is_regular_file(SourceRoot() / candidate)) return TopFolder(candidate);
  }
  return "";
}

// The includes in `text`, the content of `file`, that its top folder may not make.
std::vector<std::string> WrongIncludes(const fs::path& file, const std::string& text) {
  const std::set<std::string>& allowed = MayInclude().at(TopFolder(file));
  std::vector<std::string> wrong;
  for (const std::string& include : IncludesOf(text)) {
    const std::string target = TopFolderOfInclude(file, include);
    if (!target.empty() && !allowed.contains(target)) wrong.push_back(include);
  }
  return wrong;
}

TEST(IncludeDirection, HoldsInTheWholeTree) {
  for (const auto& [folder, unused] : MayInclude()) {
    for (const fs::path& path : SourcesUnder(folder)) {
      const fs::path file = fs::relative(path, SourceRoot());
      EXPECT_THAT(WrongIncludes(file, ReadText(path)), IsEmpty()) << file;
    }
  }
}

TEST(IncludeDirection, RefusesAnythingButTheApiInTheApi) {
  EXPECT_THAT(WrongIncludes("api/include/vsapi/abi/new.h",
                            "#include \"base.h\"\n#include <vsapi/abi/scan.h>\n"
                            "#include \"../../../../tests/api/source_tree.h\"\n"),
              ElementsAre("../../../../tests/api/source_tree.h"));
}

TEST(IncludeDirection, RefusesTestsInTheEngineAndInVendors) {
  for (const char* file : {"engine/scanner.cc", "vendor_dll/clamav/clamav.cc"}) {
    EXPECT_THAT(WrongIncludes(file, "#include <vsapi/abi/base.h>\n# include \"api/source_tree.h\""),
                ElementsAre("api/source_tree.h"))
        << file;
  }
}

TEST(IncludeDirection, LeavesForeignHeadersAlone) {
  EXPECT_THAT(WrongIncludes("engine/scanner.cc", "#include <map>\n#include <boost/asio.hpp>\n"),
              IsEmpty());
}

TEST(IncludeDirection, KeepsTheEngineOutOfVendorsAndOfTheApi) {
  EXPECT_FALSE(MayInclude().at("vendor_dll").contains("engine"));
  EXPECT_FALSE(MayInclude().at("api").contains("engine"));
}

}  // namespace
}  // namespace vsapi::test
