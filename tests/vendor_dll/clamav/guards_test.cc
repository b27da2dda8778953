// SPDX-License-Identifier: Apache-2.0
//
// libclamav calls content clean when it failed to look at it. Each test here takes something away
// from under a scan and expects that "clean" never comes out.
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "clamav_support.h"
#include "own_mounts.h"

namespace vsapi::test {
namespace {

// A lower soft limit, for as long as it lives.
class LoweredLimit {
 public:
  LoweredLimit(__rlimit_resource resource, rlim_t soft) : resource_(resource) {
    ::getrlimit(resource, &before_);
    const rlimit lowered{soft, before_.rlim_max};
    ::setrlimit(resource, &lowered);
  }
  ~LoweredLimit() { ::setrlimit(resource_, &before_); }

 private:
  __rlimit_resource resource_;
  rlimit before_{};
};

// Writes beyond the first `bytes` of any file fail, as they do on a full disk.
class FilesNoLargerThan {
 public:
  explicit FilesNoLargerThan(rlim_t bytes)
      : handler_(::signal(SIGXFSZ, SIG_IGN)), limit_(RLIMIT_FSIZE, bytes) {}
  ~FilesNoLargerThan() { ::signal(SIGXFSZ, handler_); }

 private:
  sighandler_t handler_;
  LoweredLimit limit_;
};

std::string Page() {
  std::string page = "<html><head><title>t</title></head><body>\n";
  for (int i = 0; i < 300; ++i)
    page += "<p>A paragraph of a page, number " + std::to_string(i) + ".</p>\n";
  return page + "</body></html>\n";
}

std::vector<std::string> ContentsThatNeedTempFiles() {
  const std::string pdf = ReadFile(fs::path(CLAMAV_TESTFILES_DIR) / "clam.pdf");
  const std::string zip = Zip({{"a.bin", Noise(30'000)}, {"eicar.com", Eicar()}});
  return {zip,
          Page(),
          MimeWithAttachment("a.zip", zip, "application/zip"),
          MimeWithAttachment("a.pdf", pdf, "application/pdf"),
          MimeWithAttachment("a.html", Page(), "text/html"),
          Forwarded(MimeWithAttachment("a.bin", Noise(30'000)))};
}

TEST(ClamavGuards, NeverCallClean_WithoutATempFolder) {
  Started clamav;
  fs::remove_all(clamav.temp.path());
  EXPECT_THAT(clamav.Scan(Eicar()), FailsWith(VSAPI_E_BUSY));
  EXPECT_THAT(clamav.Scan("a text that is harmless"), FailsWith(VSAPI_E_BUSY));
  for (const std::string& content : ContentsThatNeedTempFiles())
    EXPECT_THAT(clamav.Scan(content), FailsWith(VSAPI_E_BUSY));
}

TEST(ClamavGuards, NeverCallClean_WhenTempFilesCanNotBeWritten) {
  Started clamav;
  for (const std::string& content : ContentsThatNeedTempFiles()) {
    Outcome outcome;
    {
      const FilesNoLargerThan limit(512);
      outcome = clamav.Scan(content);
    }
    EXPECT_THAT(outcome, FailsWith(VSAPI_E_BUSY));
    EXPECT_THAT(outcome.text, testing::Not(testing::IsEmpty()));
    EXPECT_THAT(clamav.Scan(content), FailsWith(VSAPI_OK)) << "it recovers";
  }
}

// A newer copy of the DLL takes over libclamav's message callback, which is one per process; scans
// of the older copy must still hear the errors that they cause.
TEST(ClamavGuards, HoldWhenASecondCopyOfTheDllIsLoaded) {
  Started older;
  TestFolder folder;
  fs::copy_file(VSAPI_CLAMAV_DLL, folder.path() + "/copy.so");
  const LoadedVendor copy(folder.path() + "/copy.so");
  VendorInstance newer(copy, WithShipped());
  ASSERT_EQ(newer.Start(), VSAPI_OK) << newer.LogText();
  VendorSession with_newer(newer);
  for (const std::string& content : ContentsThatNeedTempFiles()) {
    const FilesNoLargerThan limit(512);
    EXPECT_THAT(older.Scan(content), FailsWith(VSAPI_E_BUSY));
    EXPECT_THAT(with_newer.Scan(content), FailsWith(VSAPI_E_BUSY));
  }
}

// libclamav's handle maps lose content, so the DLL does not even import them.
TEST(ClamavGuards, NeverScanThroughAHandle) {
  const std::string dll = ReadFile(VSAPI_CLAMAV_DLL);
  EXPECT_NE(dll.find("cl_fmap_open_memory"), std::string::npos);
  EXPECT_EQ(dll.find("cl_fmap_open_handle"), std::string::npos);
}

TEST(ClamavGuards, RefuseAScanForWhichThereAreTooFewDescriptors) {
  Started clamav;
  const int next = ::dup(0);
  ::close(next);
  for (const int spare : {1, 3, 8, 20}) {
    // Looked at afterwards: a sanitizer needs descriptors for its own looks at objects.
    std::optional<Outcome> page, eicar;
    {
      const LoweredLimit limit(RLIMIT_NOFILE, static_cast<rlim_t>(next + spare));
      page = clamav.Scan(Page());
      eicar = clamav.Scan(Eicar());
    }
    EXPECT_THAT(*page, FailsWith(VSAPI_E_BUSY)) << spare;
    EXPECT_THAT(*eicar, FailsWith(VSAPI_E_BUSY)) << spare;
  }
  const LoweredLimit enough(RLIMIT_NOFILE, static_cast<rlim_t>(next + 40));
  EXPECT_THAT(clamav.Scan(Page()), IsClean());
}

TEST(ClamavGuards, CountFreeDescriptorsBetweenOpenOnesToo) {
  Started clamav;
  std::vector<int> open;
  for (int i = 0; i < 200; ++i) open.push_back(::dup(0));
  for (size_t i = 0; i < open.size(); i += 2) ::close(open[i]);
  {
    const LoweredLimit limit(RLIMIT_NOFILE, static_cast<rlim_t>(open.back()) + 1);
    EXPECT_THAT(clamav.Scan(Page()), IsClean()) << "a hundred holes are enough";
  }
  for (size_t i = 1; i < open.size(); i += 2) ::close(open[i]);
}

void ExpectRefusalOnASmallDisk(const TestFolder& small) {
  VendorInstance vendor(Dll(), WithShipped("temp=" + small.path()));
  ASSERT_EQ(vendor.Start(), VSAPI_OK) << vendor.LogText();
  EXPECT_TRUE(vendor.Logged(VSAPI_LOG_WARNING, "less than 128 MiB free")) << vendor.LogText();
  VendorSession session(vendor);
  EXPECT_THAT(session.Scan(Eicar()), IsEicar());
  EXPECT_THAT(session.Scan(NestedZip(std::string(8'000'000, 'x'), 2)), FailsWith(VSAPI_E_BUSY));
  small.Write("filler", std::string(1'500'000, 'x'));
  EXPECT_THAT(session.Scan(Page()), FailsWith(VSAPI_E_BUSY));
}

// Where nothing may be mounted, no file may grow instead.
void ExpectRefusalWhereNoFileMayGrow() {
  Started clamav;
  const FilesNoLargerThan limit(0);
  EXPECT_THAT(clamav.Scan(Page()), FailsWith(VSAPI_E_BUSY));
  EXPECT_THAT(clamav.Scan(NestedZip(std::string(8'000'000, 'x'), 2)), FailsWith(VSAPI_E_BUSY));
}

// In a child, whose mounts end with it.
TEST(ClamavGuards, RefuseAScanForWhichTheTempFolderHasNoRoom) {
  const TestFolder small;
  const auto in_child = [&small] {
    if (HasOwnMounts() && MountEmpty(small.path(), 0, "size=2m"))
      ExpectRefusalOnASmallDisk(small);
    else
      ExpectRefusalWhereNoFileMayGrow();
    std::_Exit(testing::Test::HasFailure() ? 1 : 0);
  };
  EXPECT_EXIT(in_child(), testing::ExitedWithCode(0), "");
}

// A place in which nothing can be made any more: read-only; that is as root, or else where an
// unprivileged user may not write.
bool Lock(const std::string& place, const fs::path& folder) {
  if (::geteuid() != 0) return ::chmod(folder.c_str(), 0500) == 0;
  return ::mount(nullptr, place.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) == 0;
}

void ExpectNothingLookedAtIn(const TestFolder& place) {
  VendorInstance vendor(Dll(), WithShipped("temp=" + place.path()));
  ASSERT_EQ(vendor.Start(), VSAPI_OK) << vendor.LogText();
  VendorSession session(vendor);
  ASSERT_TRUE(Lock(place.path(), place.Entries().at(0))) << "root that may not mount can't do this";
  EXPECT_THAT(session.Scan(Eicar()), FailsWith(VSAPI_E_INTERNAL));
  for (const std::string& content : ContentsThatNeedTempFiles())
    EXPECT_THAT(session.Scan(content), FailsWith(VSAPI_E_INTERNAL));
}

// Where libclamav can't make its folder for a scan, be it for a name that is taken, it looks at
// nothing and says clean. Nobody can foresee the names, so here no folder can be made at all.
TEST(ClamavGuards, NeverCallClean_WhereTheScanGetsNoFolder) {
  const TestFolder place;
  const auto in_child = [&place] {
    if (HasOwnMounts()) MountEmpty(place.path(), 0, "size=400m");
    ExpectNothingLookedAtIn(place);
    std::_Exit(testing::Test::HasFailure() ? 1 : 0);
  };
  EXPECT_EXIT(in_child(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace vsapi::test
