// SPDX-License-Identifier: Apache-2.0
//
// The libclamav vendor's life cycle, identity, extensions and temp folder.
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

#include "clamav_support.h"

namespace vsapi::test {
namespace {

TEST(ClamavVendor, SaysWhoItIs) {
  const vsapi_entry& entry = Dll().entry();
  EXPECT_EQ(entry.abi_major, VSAPI_ABI_MAJOR);
  EXPECT_EQ(entry.abi_minor, VSAPI_ABI_MINOR);
  EXPECT_STREQ(entry.info->name, "OpenVSAPI-ClamAV");
  EXPECT_EQ(entry.info->flags, static_cast<uint32_t>(VSAPI_VENDOR_KEEP_RESIDENT));
}

TEST(ClamavVendor, StartsAgainAfterAStop) {
  VendorInstance vendor(Dll(), WithShipped());
  for (int round = 0; round < 3; ++round) {
    ASSERT_EQ(vendor.Start(), VSAPI_OK) << vendor.LogText();
    EXPECT_EQ(vendor.Start(), VSAPI_E_STATE);
    EXPECT_THAT(VendorSession(vendor).Scan(Eicar()), IsEicar());
    vendor.Stop();
    EXPECT_THROW(VendorSession{vendor}, std::runtime_error);
  }
}

TEST(ClamavVendor, CanBeDestroyedWithoutAStartAndAfterAFailedOne) {
  VendorInstance unused(Dll(), WithShipped());
  EXPECT_EQ(unused.create_status(), VSAPI_OK);
  VendorInstance failed(Dll(), "definitions=/nowhere");
  EXPECT_NE(failed.Start(), VSAPI_OK);
}

TEST(ClamavVendor, KeepsTwoInstancesApart) {
  TestFolder definitions;
  definitions.Write("a.ndb", "Test.One:0:*:" + HexOf("first-marker") + "\n");
  const std::string marked = "here is the first-marker of the test";
  Started one("definitions=" + definitions.path());
  {
    Started other;
    EXPECT_THAT(one.Scan(marked), Says(VSAPI_VERDICT_INFECTED));
    EXPECT_THAT(other.Scan(marked), IsClean());
  }
  EXPECT_THAT(one.Scan(marked), Says(VSAPI_VERDICT_INFECTED));
}

TEST(ClamavVendor, FindsItsOwnPositiveSample) {
  Started clamav;
  const void* data = nullptr;
  size_t size = 0;
  const auto* test = clamav.vendor.Extension<vsapi_ext_self_test>(VSAPI_EXT_SELF_TEST);
  ASSERT_EQ(test->positive_sample(clamav.vendor.get(), &data, &size), VSAPI_OK);
  EXPECT_THAT(clamav.Scan(std::string(static_cast<const char*>(data), size)), IsEicar());
}

TEST(ClamavVendor, HasNoOtherExtensions) {
  const VendorInstance vendor(Dll(), WithShipped());
  EXPECT_EQ(vendor.Extension<void>("vsapi.signatures/2"), nullptr);
  EXPECT_EQ(vendor.Extension<void>(""), nullptr);
}

TEST(ClamavVendor, AnswersStateWhileNotStarted) {
  const VendorInstance vendor(Dll(), WithShipped());
  int32_t newer = 0;
  vsapi_signatures_identity identity{};
  const auto* signatures = vendor.Extension<vsapi_ext_signatures>(VSAPI_EXT_SIGNATURES);
  EXPECT_EQ(signatures->poll(vendor.get(), &newer), VSAPI_E_STATE);
  EXPECT_EQ(signatures->identity(vendor.get(), &identity), VSAPI_E_STATE);
  const auto* fork = vendor.Extension<vsapi_ext_fork>(VSAPI_EXT_FORK);
  EXPECT_EQ(fork->after_fork(vendor.get(), "/tmp"), VSAPI_E_STATE);
}

TEST(ClamavVendor, LogsWhatItLoadedAndFromWhere) {
  const Started clamav;
  EXPECT_TRUE(clamav.vendor.Logged(VSAPI_LOG_INFO,
                                   std::string("signatures from ") + VSAPI_CLAMAV_DEFINITIONS))
      << clamav.vendor.LogText();
  EXPECT_FALSE(clamav.vendor.Logged(VSAPI_LOG_WARNING, "")) << clamav.vendor.LogText();
}

TEST(ClamavVendor, RunsWithoutALog) {
  const vsapi_services mute{
      sizeof(vsapi_services),
      [](const vsapi_services*, const char*) noexcept -> const void* { return nullptr; }};
  const vsapi_create how{sizeof(vsapi_create), &mute, "nonsense", 1};
  vsapi_vendor* vendor = nullptr;
  EXPECT_EQ(Dll().entry().create(&how, &vendor), VSAPI_E_ARGUMENT);
  EXPECT_EQ(vendor, nullptr);
}

TEST(ClamavTempFolder, IsPrivateAndGoneAfterStop) {
  Started clamav;
  ASSERT_EQ(clamav.temp.Entries().size(), 1u);
  struct stat status {};
  ASSERT_EQ(::stat(clamav.temp.Entries()[0].c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0700u);
  EXPECT_THAT(fs::directory_iterator(clamav.temp.Entries()[0]), fs::directory_iterator())
      << "nothing is left from loading";
  clamav.session.reset();
  clamav.vendor.Stop();
  EXPECT_THAT(clamav.temp.Entries(), testing::IsEmpty());
}

TEST(ClamavTempFolder, IsEmptyBetweenScans) {
  Started clamav;
  clamav.Scan(MimeWithAttachment("a.zip", Zip({{"a.bin", Noise(20'000)}})));
  EXPECT_THAT(fs::directory_iterator(clamav.temp.Entries()[0]), fs::directory_iterator());
}

TEST(ClamavTempFolder, IsSweptWhenItsProcessDied) {
  TestFolder temp;
  const std::string parameters = WithShipped("temp=" + temp.path());
  const pid_t child = ::fork();
  if (child == 0) {
    VendorInstance doomed(Dll(), parameters);
    ::_exit(doomed.Start() == VSAPI_OK ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  ASSERT_EQ(temp.Entries().size(), 1u);
  const fs::path left_behind = temp.Entries()[0];
  VendorInstance vendor(Dll(), parameters), neighbour(Dll(), parameters);
  ASSERT_EQ(vendor.Start(), VSAPI_OK);
  EXPECT_FALSE(fs::exists(left_behind));
  ASSERT_EQ(neighbour.Start(), VSAPI_OK);
  EXPECT_EQ(temp.Entries().size(), 2u) << "what is in use stays";
}

TEST(ClamavTempFolder, ThatCanNotBeMadeRefusesTheStart) {
  VendorInstance vendor(Dll(), WithShipped("temp=/nowhere/at/all"));
  EXPECT_EQ(vendor.Start(), VSAPI_E_BUSY);
  EXPECT_TRUE(vendor.Logged(VSAPI_LOG_ERROR, "can't write to /nowhere/at/all")) << vendor.LogText();
}

// In the child: a folder of its own, then a hundred scans. The exit code is the number that failed.
[[noreturn]] void ScanAsWorker(const VendorInstance& vendor, const std::string& temp_folder) {
  const auto* fork = vendor.Extension<vsapi_ext_fork>(VSAPI_EXT_FORK);
  if (fork->after_fork(vendor.get(), temp_folder.c_str()) != VSAPI_OK) ::_exit(255);
  int missed = 0;
  {
    VendorSession session(vendor);
    const std::string message = MimeWithAttachment("a.zip", Zip({{"eicar.com", Eicar()}}));
    for (int i = 0; i < 100; ++i) missed += session.Scan(message).verdict != VSAPI_VERDICT_INFECTED;
  }
  vendor.get()->table->stop(vendor.get());
  ::_exit(missed);
}

TEST(ClamavFork, LetsWorkersShareOneStartedInstance) {
  Started clamav;
  clamav.session.reset();
  TestFolder folders[3];
  std::vector<pid_t> workers;
  for (const TestFolder& folder : folders) {
    workers.push_back(::fork());
    if (workers.back() == 0) ScanAsWorker(clamav.vendor, folder.path());
  }
  for (const pid_t worker : workers) {
    int status = -1;
    ASSERT_EQ(::waitpid(worker, &status, 0), worker);
    EXPECT_EQ(status, 0);
  }
  for (const TestFolder& folder : folders) {
    EXPECT_TRUE(fs::exists(folder.path())) << "it belongs to the caller";
    EXPECT_THAT(folder.Entries(), testing::IsEmpty());
  }
  EXPECT_THAT(VendorSession(clamav.vendor).Scan(Eicar()), IsEicar())
      << "the parent has its own still";
}

}  // namespace
}  // namespace vsapi::test
