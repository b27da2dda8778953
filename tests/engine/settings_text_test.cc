// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/settings_text: what readers and new stores get is what the table
// says.
#include "settings_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/source_tree.h"
#include "registry.h"

namespace vsapi::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

Settings Read(const std::string& file) {
  std::vector<SettingValue> values;
  std::vector<std::string> problems;
  std::string problem;
  EXPECT_TRUE(ParseRegistry(file, "v.reg", values, problem)) << problem;
  const Settings settings = MakeSettings(values, problems);
  EXPECT_THAT(problems, IsEmpty());
  return settings;
}

TEST(SettingsPage, IsAsItsTableSays) {
  EXPECT_EQ(test::ReadText(test::SourceRoot() / "engine/settings.md"), SettingsMarkdown())
      << "make it anew: cmake --build build/release --target docs";
}

TEST(SettingsPage, HasALineForEachSetting) {
  const std::string page = SettingsMarkdown();
  for (const SettingRow& row : SettingRows())
    EXPECT_THAT(page, HasSubstr(std::string("| `") + row.name + "` | "));
  EXPECT_THAT(page, HasSubstr("| `ScanRTF` | dword | 1 | 0, 1 | 2.0 | 0: bodies in rich text"));
  EXPECT_THAT(page, HasSubstr("| `ScanTimeout` | dword, s | 180 | 1 to 86400 | 2.0 | longest"));
}

TEST(NewSettingsFile, SetsWhatIsGivenAndNothingElse) {
  const Settings settings = Read(DefaultRegistryFile(
      {{"Enabled", "1"}, {"Library", "C:\\a \"b\".so"}, {"TransportAVAPI\\Enabled", "1"}}));
  Settings expected;
  expected.enabled = 1;
  expected.library = "C:\\a \"b\".so";
  expected.transport_enabled = 1;
  EXPECT_EQ(settings, expected);
}

// Taking the ; away from each line that holds a value must leave all as it was.
TEST(NewSettingsFile, ShowsTheDefaultsInItsComments) {
  std::string file = DefaultRegistryFile({});
  EXPECT_EQ(Read(file), Settings());
  size_t shown = 0;
  for (size_t at = 0; (at = file.find("\n;\"", at)) != std::string::npos; ++at, ++shown)
    file.erase(at + 1, 1);
  EXPECT_EQ(shown, SettingRows().size());
  file.resize(file.find("\n\"VirusScanEnabled\""));
  EXPECT_EQ(Read(file), Settings());
}

TEST(NewSettingsFile, RefusesWhatIsNoSetting) {
  EXPECT_THROW(DefaultRegistryFile({{"Nonsense", "1"}}), std::invalid_argument);
}

}  // namespace
}  // namespace vsapi::engine
