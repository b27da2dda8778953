// SPDX-License-Identifier: Apache-2.0
//
// The libyara vendor's life cycle, extensions, sessions side by side, loading and unloading.
#include <dlfcn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <optional>
#include <thread>

#include "yara_support.h"

namespace vsapi::test {
namespace {

TEST(YaraVendor, SaysWhoItIs) {
  const vsapi_entry& entry = Dll().entry();
  EXPECT_EQ(entry.abi_major, VSAPI_ABI_MAJOR);
  EXPECT_EQ(entry.abi_minor, VSAPI_ABI_MINOR);
  EXPECT_STREQ(entry.info->name, "OpenVSAPI-YARA");
  EXPECT_THAT(entry.info->description, testing::HasSubstr("libyara 4."));
  EXPECT_EQ(entry.info->flags, 0u) << "parallel, and may be unmapped";
}

TEST(YaraVendor, StartsAgainAfterAStop) {
  VendorInstance vendor(Dll(), "");
  for (int round = 0; round < 3; ++round) {
    ASSERT_EQ(vendor.Start(), VSAPI_OK) << vendor.LogText();
    EXPECT_EQ(vendor.Start(), VSAPI_E_STATE);
    EXPECT_THAT(VendorSession(vendor).Scan(Eicar()), IsEicar());
    vendor.Stop();
    EXPECT_THROW(VendorSession{vendor}, std::runtime_error);
  }
}

TEST(YaraVendor, CanBeDestroyedWithoutAStartAndAfterAFailedOne) {
  VendorInstance unused(Dll(), "");
  EXPECT_EQ(unused.create_status(), VSAPI_OK);
  VendorInstance failed(Dll(), "rules=/nowhere");
  EXPECT_EQ(failed.Start(), VSAPI_E_ARGUMENT);
}

TEST(YaraVendor, StartsOnceWhatWasWrongIsRight) {
  TestFolder folder;
  VendorInstance vendor(Dll(), "rules=" + folder.path());
  EXPECT_NE(vendor.Start(), VSAPI_OK);
  folder.Write("a.yar", RuleFor("First", "first-marker"));
  EXPECT_EQ(vendor.Start(), VSAPI_OK) << vendor.LogText();
}

TEST(YaraVendor, KeepsInstancesApart) {
  StartedWith one(RuleFor("First", "first-marker"));
  {
    StartedWith other(RuleFor("Second", "second-marker"));
    EXPECT_THAT(one.Scan("first-marker second-marker"), IsInfectedBy("First"));
    EXPECT_THAT(other.Scan("first-marker second-marker"), IsInfectedBy("Second"));
  }
  EXPECT_THAT(one.Scan("first-marker second-marker"), IsInfectedBy("First"));
}

TEST(YaraVendor, FindsItsOwnPositiveSample) {
  Started yara("");
  const void* data = nullptr;
  size_t size = 0;
  const auto* test = yara.vendor.Extension<vsapi_ext_self_test>(VSAPI_EXT_SELF_TEST);
  ASSERT_EQ(test->positive_sample(yara.vendor.get(), &data, &size), VSAPI_OK);
  EXPECT_THAT(yara.Scan(std::string(static_cast<const char*>(data), size)), IsEicar());
}

TEST(YaraVendor, HasNoOtherExtensions) {
  const VendorInstance vendor(Dll(), "");
  EXPECT_EQ(vendor.Extension<void>("vsapi.signatures/2"), nullptr);
  EXPECT_EQ(vendor.Extension<void>(""), nullptr);
}

TEST(YaraVendor, AnswersStateWhileNotStarted) {
  const VendorInstance vendor(Dll(), "");
  int32_t newer = 0;
  vsapi_signatures_identity identity{};
  const auto* signatures = vendor.Extension<vsapi_ext_signatures>(VSAPI_EXT_SIGNATURES);
  EXPECT_EQ(signatures->poll(vendor.get(), &newer), VSAPI_E_STATE);
  EXPECT_EQ(signatures->identity(vendor.get(), &identity), VSAPI_E_STATE);
  const auto* fork = vendor.Extension<vsapi_ext_fork>(VSAPI_EXT_FORK);
  EXPECT_EQ(fork->after_fork(vendor.get(), "/tmp"), VSAPI_E_STATE);
}

TEST(YaraVendor, LogsWhatItLoadedAndFromWhere) {
  const Started yara(std::string("rules=") + VSAPI_YARA_RULES);
  EXPECT_TRUE(yara.vendor.Logged(VSAPI_LOG_INFO, std::string("1 rules from ") + VSAPI_YARA_RULES))
      << yara.vendor.LogText();
  EXPECT_FALSE(yara.vendor.Logged(VSAPI_LOG_WARNING, "")) << yara.vendor.LogText();
}

// More than the 32 threads that older versions of libyara had room for.
TEST(YaraSessions, ScanSideBySide) {
  StartedWith yara(RuleFor("First", "first-marker") + RuleFor("Second", "second-marker"));
  std::atomic<int> wrong = 0;
  const auto scan = [&](int number) {
    VendorSession session(yara.yara.vendor);
    const std::string mine = number % 2 ? "First" : "Second";
    const std::string marked =
        Noise(20'000, number) + (number % 2 ? "first" : "second") + "-marker";
    for (int round = 0; round < 50; ++round) {
      const Outcome found = session.Scan(Script{.content = marked, .in_memory = round % 2 == 0});
      wrong += found.findings.size() != 1 || found.findings[0].name != mine;
      wrong += session.Scan(Noise(5'000, number)).verdict != VSAPI_VERDICT_CLEAN;
    }
  };
  std::vector<std::jthread> threads;
  for (int number = 0; number < 40; ++number) threads.emplace_back(scan, number);
  threads.clear();
  EXPECT_EQ(wrong, 0);
}

// A session is bound to no thread: the same one, on one thread after the other.
TEST(YaraSessions, MayChangeThreadsBetweenScans) {
  Started yara("");
  for (int round = 0; round < 10; ++round)
    std::jthread([&] { EXPECT_THAT(yara.Scan(Eicar()), IsEicar()); });
}

TEST(YaraSessions, GoOnWhileANewerInstanceIsMadeAndAnOlderOneGoes) {
  StartedWith yara(RuleFor("First", "first-marker"));
  std::atomic<bool> done = false;
  std::atomic<int> wrong = 0, scans = 0;
  std::jthread scanning([&] {
    while (!done || scans == 0) {
      wrong += yara.Scan("the first-marker").verdict != VSAPI_VERDICT_INFECTED;
      ++scans;
    }
  });
  for (int round = 0; round < 20; ++round) {
    StartedWith newer(RuleFor("Second", "second-marker"));
    EXPECT_THAT(newer.Scan("the second-marker"), IsInfectedBy("Second"));
  }
  done = true;
  scanning.join();
  EXPECT_EQ(wrong, 0);
}

// In the child a hundred scans. The exit code is the number that failed.
[[noreturn]] void ScanAsWorker(const VendorInstance& vendor) {
  const auto* fork = vendor.Extension<vsapi_ext_fork>(VSAPI_EXT_FORK);
  if (fork->after_fork(vendor.get(), "/nowhere") != VSAPI_OK) ::_exit(255);
  int missed = 0;
  {
    VendorSession session(vendor);
    for (int i = 0; i < 100; ++i) missed += session.Scan(Eicar()).verdict != VSAPI_VERDICT_INFECTED;
  }
  vendor.get()->table->stop(vendor.get());
  ::_exit(missed);
}

TEST(YaraFork, LetsWorkersShareOneStartedInstance) {
  Started yara("");
  yara.session.reset();
  std::vector<pid_t> workers;
  for (int i = 0; i < 3; ++i) {
    workers.push_back(::fork());
    if (workers.back() == 0) ScanAsWorker(yara.vendor);
  }
  for (const pid_t worker : workers) {
    int status = -1;
    ASSERT_EQ(::waitpid(worker, &status, 0), worker);
    EXPECT_EQ(status, 0);
  }
  EXPECT_THAT(VendorSession(yara.vendor).Scan(Eicar()), IsEicar()) << "the parent goes on";
}

bool IsMapped(const std::string& path) {
  void* handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_NOLOAD);
  if (handle) ::dlclose(handle);
  return handle != nullptr;
}

// A copy, since the other tests keep the DLL itself.
TEST(YaraVendor, CanBeLoadedAndUnloadedAgainAndAgain) {
  TestFolder folder;
  const std::string copy = folder.path() + "/copy.so";
  fs::copy_file(VSAPI_YARA_DLL, copy);
  for (int round = 0; round < 50; ++round) {
    {
      const LoadedVendor library(copy);
      VendorInstance vendor(library);
      ASSERT_EQ(vendor.Start(), VSAPI_OK) << vendor.LogText();
      std::jthread([&] { EXPECT_THAT(VendorSession(vendor).Scan(Eicar()), IsEicar()); }).join();
      EXPECT_TRUE(IsMapped(copy));
    }
    ASSERT_FALSE(IsMapped(copy)) << "round " << round;
  }
}

}  // namespace
}  // namespace vsapi::test
