// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/vendor_library: what is no vendor DLL is refused before anything of
// it is called, and the text names both sides; what is one is independent of its file from then on.
#include "vendor_library.h"

#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "platform.h"

namespace vsapi::engine {
namespace {

using ::testing::HasSubstr;

std::string PathOf(const std::string& vendor) {
  return VSAPI_TEST_VENDORS_DIR "/" + vendor + ".so";
}

std::shared_ptr<VendorLibrary> Open(const std::string& path) {
  std::string problem;
  auto library = VendorLibrary::Open(path, problem);
  EXPECT_EQ(problem, "");
  return library;
}

std::string Refusal(const std::string& path) {
  std::string problem;
  EXPECT_EQ(VendorLibrary::Open(path, problem), nullptr);
  return problem;
}

bool IsMapped(const std::string& vendor) {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);)
    if (line.find("memfd:" + vendor + ".so") != std::string::npos) return true;
  return false;
}

// A folder of this test's own.
class VendorLibraryFile : public ::testing::Test {
 protected:
  VendorLibraryFile() { std::filesystem::create_directory(folder_); }
  ~VendorLibraryFile() override { std::filesystem::remove_all(folder_); }

  const std::string folder_ =
      ::testing::TempDir() + "vendor_library_test_" + std::to_string(getpid());
  const std::string path_ = folder_ + "/vendor.so";
};

TEST(VendorLibrary, KnowsTheVendorWithoutCallingIt) {
  const auto library = Open(PathOf("good"));
  ASSERT_NE(library, nullptr);
  EXPECT_STREQ(library->entry().info->name, "GoodVendor");
  EXPECT_EQ(library->path(), PathOf("good"));
  EXPECT_FALSE(library->serial());
  EXPECT_TRUE(Open(PathOf("serial"))->serial());
}

TEST(VendorLibrary, RefusesAnotherContractAndNamesBothVersions) {
  const auto version = [](int major, int minor) {
    return std::to_string(major) + "." + std::to_string(minor);
  };
  const std::string ours = ", this engine speaks " + version(VSAPI_ABI_MAJOR, VSAPI_ABI_MINOR);
  EXPECT_EQ(Refusal(PathOf("wrong_major")),
            PathOf("wrong_major") + ": it is built for vendor contract " +
                version(VSAPI_ABI_MAJOR + 1, VSAPI_ABI_MINOR) + ours);
  EXPECT_EQ(Refusal(PathOf("wrong_minor")),
            PathOf("wrong_minor") + ": it is built for vendor contract " +
                version(VSAPI_ABI_MAJOR, VSAPI_ABI_MINOR + 1) + ours);
}

TEST(VendorLibrary, RefusesALibraryWithoutTheEntry) {
  EXPECT_EQ(Refusal(PathOf("no_entry")),
            PathOf("no_entry") + ": it exports no vsapi_vendor_entry, so it is no vendor DLL");
}

TEST(VendorLibrary, UnmapsWhatItRefuses) {
  Refusal(PathOf("no_entry"));
  EXPECT_FALSE(IsMapped("no_entry"));
}

TEST(VendorLibrary, RefusesWhatIsNoFile) {
  EXPECT_THAT(Refusal("/nowhere/vendor.so"),
              HasSubstr("cannot open /nowhere/vendor.so: No such file"));
  EXPECT_EQ(Refusal("/tmp"), "/tmp is not a file");
}

TEST_F(VendorLibraryFile, RefusesWhatIsNoLibraryAndNamesItsFile) {
  std::ofstream(path_) << "not ELF, whatever its name";
  EXPECT_EQ(Refusal(path_), path_ + ": it is no shared library");
  std::ofstream(path_, std::ios::trunc).close();
  EXPECT_EQ(Refusal(path_), path_ + ": it is no shared library");
}

TEST_F(VendorLibraryFile, RefusesALibraryOfAnotherProcessor) {
  std::filesystem::copy_file(PathOf("good"), path_);
  std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(offsetof(Elf64_Ehdr, e_machine));
  file << "\x01";  // of the first such machine there was
  file.close();
  EXPECT_EQ(Refusal(path_), path_ + ": it is built for another processor");
}

TEST_F(VendorLibraryFile, SurvivesThatItsFileIsOverwrittenOrDeleted) {
  std::filesystem::copy_file(PathOf("good"), path_);
  const auto library = Open(path_);
  ASSERT_NE(library, nullptr);
  const auto size = std::filesystem::file_size(path_);
  std::ofstream(path_, std::ios::in | std::ios::out) << std::string(size, 'X');  // in place
  EXPECT_STREQ(library->entry().info->name, "GoodVendor");
  vsapi_vendor* vendor = nullptr;
  const vsapi_create how = {sizeof how, nullptr, "", 1};
  ASSERT_EQ(library->entry().create(&how, &vendor), VSAPI_OK);
  std::filesystem::remove(path_);
  EXPECT_EQ(vendor->table->start(vendor), VSAPI_OK);
  vendor->table->destroy(vendor);
}

TEST_F(VendorLibraryFile, GivesTheNewCodeBesideTheOldWhenTheFileIsAnother) {
  std::filesystem::copy_file(PathOf("good"), path_);
  const auto old = Open(path_);
  std::filesystem::remove(path_);
  std::filesystem::copy_file(PathOf("serial"), path_);
  const auto fresh = Open(path_);
  ASSERT_NE(fresh, nullptr);
  EXPECT_STREQ(old->entry().info->name, "GoodVendor");
  EXPECT_STREQ(fresh->entry().info->name, "SerialVendor");
}

TEST(VendorLibrary, HoldsManyLibrariesSideBySide) {
  const auto good = Open(PathOf("good")), lie = Open(PathOf("lie")), again = Open(PathOf("good"));
  EXPECT_STREQ(good->entry().info->name, "GoodVendor");
  EXPECT_STREQ(lie->entry().info->name, "LieVendor");
  EXPECT_STREQ(again->entry().info->name, "GoodVendor");
}

TEST(VendorLibrary, IsUnmappedWithItsLastUser) {
  auto library = Open(PathOf("slow"));
  EXPECT_TRUE(IsMapped("slow"));
  library.reset();
  EXPECT_FALSE(IsMapped("slow"));
}

TEST(VendorLibrary, StaysMappedWhereTheVendorAsksForIt) {
  Open(PathOf("resident")).reset();
  EXPECT_TRUE(IsMapped("resident"));
  EXPECT_STREQ(Open(PathOf("good"))->entry().info->name, "GoodVendor");
}

TEST(VendorLibrary, IsFoundByItsPathOrInTheVendorFolder) {
  EXPECT_EQ(VendorLibrary::Find("/a/b.so"), "/a/b.so");
  EXPECT_EQ(VendorLibrary::Find("./b.so"), "./b.so");
  EXPECT_EQ(VendorLibrary::Find("b.so"), platform::VendorFolder() + "/b.so");
}

}  // namespace
}  // namespace vsapi::engine
