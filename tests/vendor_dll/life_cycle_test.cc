// SPDX-License-Identifier: Apache-2.0
//
// Our vendors' life cycle, extensions, sessions side by side, and forked workers.
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "any_vendor.h"

namespace vsapi::test {
namespace {

class VendorLifeCycle : public AnyVendor {};
VSAPI_FOR_EACH_VENDOR(VendorLifeCycle);

TEST_P(VendorLifeCycle, SaysWhoItIs) {
  const vsapi_entry& entry = Dll().entry();
  EXPECT_EQ(entry.abi_major, VSAPI_ABI_MAJOR);
  EXPECT_EQ(entry.abi_minor, VSAPI_ABI_MINOR);
  EXPECT_EQ(entry.info->name, GetParam().stamp_name);
  EXPECT_EQ(entry.info->flags, GetParam().flags);
}

TEST_P(VendorLifeCycle, StartsAgainAfterAStop) {
  VendorInstance vendor(Dll(), Shipped());
  for (int round = 0; round < 3; ++round) {
    ASSERT_EQ(vendor.Start(), VSAPI_OK) << vendor.LogText();
    EXPECT_EQ(vendor.Start(), VSAPI_E_STATE);
    EXPECT_THAT(VendorSession(vendor).Scan(Eicar()), IsEicar());
    vendor.Stop();
    EXPECT_THROW(VendorSession{vendor}, std::runtime_error);
  }
}

TEST_P(VendorLifeCycle, MayEndWithoutAStartAndAfterAFailedOne) {
  VendorInstance unused(Dll(), Shipped());
  EXPECT_EQ(unused.create_status(), VSAPI_OK);
  VendorInstance failed(Dll(), From("/nowhere"));
  EXPECT_EQ(failed.Start(), VSAPI_E_ARGUMENT);
}

TEST_P(VendorLifeCycle, StartsOnceWhatWasWrongIsRight) {
  const TestFolder folder;
  VendorInstance vendor(Dll(), From(folder));
  EXPECT_NE(vendor.Start(), VSAPI_OK);
  Add(folder, "a", "first-marker");
  EXPECT_EQ(vendor.Start(), VSAPI_OK) << vendor.LogText();
}

TEST_P(VendorLifeCycle, KeepsInstancesApart) {
  const TestFolder definitions;
  Add(definitions, "a", "first-marker");
  const std::string marked = "here is the first-marker of the test";
  StartedVendor one = Started(From(definitions));
  {
    StartedVendor other = Started(Shipped());
    EXPECT_THAT(one.Scan(marked), Says(VSAPI_VERDICT_INFECTED));
    EXPECT_THAT(other.Scan(marked), IsClean());
  }
  EXPECT_THAT(one.Scan(marked), Says(VSAPI_VERDICT_INFECTED));
}

TEST_P(VendorLifeCycle, FindsItsOwnPositiveSample) {
  StartedVendor vendor = Started(Shipped());
  const void* data = nullptr;
  size_t size = 0;
  const auto* test = vendor.Extension<vsapi_ext_self_test>(VSAPI_EXT_SELF_TEST);
  ASSERT_EQ(test->positive_sample(vendor.get(), &data, &size), VSAPI_OK);
  EXPECT_THAT(vendor.Scan(std::string(static_cast<const char*>(data), size)), IsEicar());
}

TEST_P(VendorLifeCycle, HasNoOtherExtensions) {
  const VendorInstance vendor(Dll(), Shipped());
  EXPECT_EQ(vendor.Extension<void>("vsapi.signatures/2"), nullptr);
  EXPECT_EQ(vendor.Extension<void>(""), nullptr);
}

TEST_P(VendorLifeCycle, AnswersStateWhileNotStarted) {
  const VendorInstance vendor(Dll(), Shipped());
  int32_t newer = 0;
  vsapi_signatures_identity identity{};
  const auto* signatures = vendor.Extension<vsapi_ext_signatures>(VSAPI_EXT_SIGNATURES);
  EXPECT_EQ(signatures->poll(vendor.get(), &newer), VSAPI_E_STATE);
  EXPECT_EQ(signatures->identity(vendor.get(), &identity), VSAPI_E_STATE);
  const auto* fork = vendor.Extension<vsapi_ext_fork>(VSAPI_EXT_FORK);
  EXPECT_EQ(fork->after_fork(vendor.get(), "/tmp"), VSAPI_E_STATE);
}

TEST_P(VendorLifeCycle, LogsWhatItLoadedAndFromWhere) {
  const StartedVendor vendor = Started(Shipped());
  const VendorInstance& instance = vendor.instance();
  EXPECT_TRUE(instance.Logged(VSAPI_LOG_INFO, " from " + GetParam().shipped)) << instance.LogText();
  EXPECT_FALSE(instance.Logged(VSAPI_LOG_WARNING, "")) << instance.LogText();
}

TEST_P(VendorLifeCycle, RunsWithoutALog) {
  const vsapi_services mute{
      sizeof(vsapi_services),
      [](const vsapi_services*, const char*) noexcept -> const void* { return nullptr; }};
  const vsapi_create how{sizeof(vsapi_create), &mute, "nonsense", 1};
  vsapi_vendor* vendor = nullptr;
  EXPECT_EQ(Dll().entry().create(&how, &vendor), VSAPI_E_ARGUMENT);
  EXPECT_EQ(vendor, nullptr);
}

class VendorSessions : public AnyVendor {};
VSAPI_FOR_EACH_VENDOR(VendorSessions);

// More than the 32 threads that older versions of libyara had room for.
TEST_P(VendorSessions, ScanSideBySide) {
  const TestFolder folder;
  Add(folder, "first", "first-marker");
  Add(folder, "second", "second-marker");
  const StartedVendor vendor = Started(From(folder));
  std::atomic<int> wrong = 0;
  const auto scan = [&](int number) {
    VendorSession session(vendor.instance());
    const std::string mine = number % 2 ? "first" : "second";
    const std::string marked = Noise(20'000, number) + mine + "-marker";
    for (int round = 0; round < 25; ++round) {
      const Outcome found = session.Scan(Script{.content = marked, .in_memory = round % 2 == 0});
      wrong += found.findings.size() != 1 ||
               found.findings[0].name.find("Found_" + mine) == std::string::npos;
      wrong += session.Scan(Noise(5'000, number)).verdict != VSAPI_VERDICT_CLEAN;
    }
  };
  std::vector<std::jthread> threads;
  for (int number = 0; number < 40; ++number) threads.emplace_back(scan, number);
  threads.clear();
  EXPECT_EQ(wrong, 0);
}

// A session is bound to no thread: the same one, on one thread after the other.
TEST_P(VendorSessions, MayChangeThreadsBetweenScans) {
  StartedVendor vendor = Started(Shipped());
  for (int round = 0; round < 10; ++round)
    std::jthread([&] { EXPECT_THAT(vendor.Scan(Eicar()), IsEicar()); });
}

TEST_P(VendorSessions, GoOnWhileNewerInstancesComeAndGo) {
  const TestFolder older, newer;
  Add(older, "first", "first-marker");
  Add(newer, "second", "second-marker");
  StartedVendor vendor = Started(From(older));
  std::atomic<bool> done = false;
  std::atomic<int> wrong = 0, scans = 0;
  std::jthread scanning([&] {
    while (!done || scans == 0) {
      wrong += vendor.Scan("the first-marker").verdict != VSAPI_VERDICT_INFECTED;
      ++scans;
    }
  });
  for (int round = 0; round < 20; ++round)
    EXPECT_THAT(Started(From(newer)).Scan("the second-marker"), Says(VSAPI_VERDICT_INFECTED));
  done = true;
  scanning.join();
  EXPECT_EQ(wrong, 0);
}

// In the child: a folder of its own, then a hundred scans. The exit code is the number that failed.
[[noreturn]] void ScanAsWorker(const VendorInstance& vendor, const std::string& temp_folder) {
  const auto* fork = vendor.Extension<vsapi_ext_fork>(VSAPI_EXT_FORK);
  if (fork->after_fork(vendor.get(), temp_folder.c_str()) != VSAPI_OK) ::_exit(255);
  int missed = 0;
  {
    VendorSession session(vendor);
    for (int i = 0; i < 100; ++i) missed += session.Scan(Eicar()).verdict != VSAPI_VERDICT_INFECTED;
  }
  vendor.get()->table->stop(vendor.get());
  ::_exit(missed);
}

TEST_P(VendorSessions, OfForkedWorkersShareOneStartedInstance) {
  VendorInstance vendor(Dll(), Shipped());
  ASSERT_EQ(vendor.Start(), VSAPI_OK);
  const TestFolder folders[3];
  std::vector<pid_t> workers;
  for (const TestFolder& folder : folders) {
    workers.push_back(::fork());
    if (workers.back() == 0) ScanAsWorker(vendor, folder.path());
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
  EXPECT_THAT(VendorSession(vendor).Scan(Eicar()), IsEicar()) << "the parent goes on";
}

}  // namespace
}  // namespace vsapi::test
