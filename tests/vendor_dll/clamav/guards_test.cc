// SPDX-License-Identifier: Apache-2.0
//
// libclamav calls content clean when it failed to look at it. Each test here takes something away
// from under a scan and expects that "clean" never comes out.
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "clamav_support.h"

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
  for (const fs::path& entry : clamav.temp.Entries()) fs::remove_all(entry);
  EXPECT_THAT(clamav.Scan(Eicar()), FailsWith(VSAPI_E_INTERNAL));
  EXPECT_THAT(clamav.Scan("a text that is harmless"), FailsWith(VSAPI_E_INTERNAL));
  for (const std::string& content : ContentsThatNeedTempFiles())
    EXPECT_THAT(clamav.Scan(content), FailsWith(VSAPI_E_INTERNAL));
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
  for (const std::string& content : ContentsThatNeedTempFiles()) {
    const FilesNoLargerThan limit(512);
    EXPECT_THAT(older.Scan(content), FailsWith(VSAPI_E_BUSY));
  }
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

bool WriteTo(const char* path, const std::string& text) {
  std::ofstream file(path);
  return static_cast<bool>(file << text << std::flush);
}

// Mounts of this process's own, so that nothing outside sees the full disk: as root, or else as the
// root of a user namespace.
bool HasOwnMounts() {
  const std::string user = "0 " + std::to_string(::geteuid()) + " 1";
  const std::string group = "0 " + std::to_string(::getegid()) + " 1";
  const bool entered =
      ::unshare(CLONE_NEWNS) == 0 ||
      (::unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 && WriteTo("/proc/self/setgroups", "deny") &&
       WriteTo("/proc/self/uid_map", user) && WriteTo("/proc/self/gid_map", group));
  return entered && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
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
    if (HasOwnMounts() && ::mount("tmpfs", small.path().c_str(), "tmpfs", 0, "size=2m") == 0)
      ExpectRefusalOnASmallDisk(small);
    else
      ExpectRefusalWhereNoFileMayGrow();
    std::_Exit(testing::Test::HasFailure() ? 1 : 0);
  };
  EXPECT_EXIT(in_child(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace vsapi::test
