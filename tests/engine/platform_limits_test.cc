// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/platform_limits: processors by affinity and by the quotas of cgroups,
// of both versions, read from a folder that looks like a system's root; and memory.
#include <gtest/gtest.h>

#include <vector>

#include "platform.h"
#include "support/own_affinity.h"
#include "support/test_folder.h"

namespace vsapi::engine {
namespace {

class UsableProcessors : public ::testing::Test {
 protected:
  // The process is in that group, by lines of /proc/self/cgroup.
  void PutInto(const std::string& groups) { Write("proc/self/cgroup", groups); }
  void Write(const std::string& file, const std::string& content) {
    std::filesystem::create_directories(
        std::filesystem::path(root_.path() + "/" + file).parent_path());
    root_.Write(file, content);
  }
  void ExpectByCgroup(unsigned count) {
    const auto found = platform::UsableProcessors(root_.path());
    EXPECT_TRUE(found.by_cgroup);
    EXPECT_EQ(found.count, count);
  }
  void ExpectByAffinity() {
    const auto found = platform::UsableProcessors(root_.path());
    EXPECT_FALSE(found.by_cgroup);
    EXPECT_EQ(found.count, platform::UsableProcessors("/nowhere").count);
  }
  // There are at least two of them, or no quota of one can limit anything.
  void SetUp() override {
    if (platform::UsableProcessors("/nowhere").count < 2)
      GTEST_SKIP() << "there is one processor only";
  }

  test::TestFolder root_;
};

TEST_F(UsableProcessors, AreThoseOfTheAffinityWhereThereIsNoCgroup) { ExpectByAffinity(); }

TEST_F(UsableProcessors, AreFewerWhereTheThreadMayRunOnFewer) {
  const unsigned all = platform::UsableProcessors(root_.path()).count;
  {
    const test::OnOneProcessor one;
    EXPECT_EQ(platform::UsableProcessors(root_.path()).count, 1u);
  }
  EXPECT_EQ(platform::UsableProcessors(root_.path()).count, all);
}

TEST_F(UsableProcessors, AreLimitedByTheQuotaOfVersion2) {
  PutInto("0::/mail/store\n");
  Write("sys/fs/cgroup/mail/store/cpu.max", "100000 100000\n");
  ExpectByCgroup(1);
}

TEST_F(UsableProcessors, AreLimitedByTheQuotaOfVersion1) {
  PutInto("9:name=systemd:/x\n4:cpuacct,cpu:/mail\n0::/x\n");
  Write("sys/fs/cgroup/cpu/mail/cpu.cfs_quota_us", "50000\n");
  Write("sys/fs/cgroup/cpu/mail/cpu.cfs_period_us", "100000\n");
  ExpectByCgroup(1);
}

TEST_F(UsableProcessors, AreLimitedByAnyGroupAboveTheirOwn) {
  PutInto("0::/mail/store/engine\n");
  Write("sys/fs/cgroup/mail/store/engine/cpu.max", "max 100000\n");
  Write("sys/fs/cgroup/mail/cpu.max", "20000 100000\n");
  ExpectByCgroup(1);
}

// A container sees its own group as the root, and maybe its host's name for it.
TEST_F(UsableProcessors, AreLimitedByTheRootThatAContainerSees) {
  PutInto("0::/docker/4f5e6d\n");
  Write("sys/fs/cgroup/cpu.max", "100000 100000\n");
  ExpectByCgroup(1);
}

TEST_F(UsableProcessors, AreNotLimitedByAGroupWithoutAQuota) {
  PutInto("4:cpu:/\n0::/\n");
  Write("sys/fs/cgroup/cpu.max", "max 100000\n");
  Write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
  Write("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  ExpectByAffinity();
}

TEST_F(UsableProcessors, AreNotLimitedByAnotherControllersPlaceOrByNonsense) {
  PutInto("4:cpuset:/mail\nnonsense\n");
  Write("sys/fs/cgroup/cpu/mail/cpu.cfs_quota_us", "50000\n");
  Write("sys/fs/cgroup/cpu/mail/cpu.cfs_period_us", "100000\n");
  Write("sys/fs/cgroup/cpu.max", "100000 0\n");
  ExpectByAffinity();
}

TEST_F(UsableProcessors, AreNeverMoreThanTheAffinityAllows) {
  PutInto("0::/\n");
  Write("sys/fs/cgroup/cpu.max", "900000000 100000\n");
  ExpectByAffinity();
}

// A part of a processor counts as one.
TEST_F(UsableProcessors, AreRoundedUp) {
  PutInto("0::/\n");
  Write("sys/fs/cgroup/cpu.max", "1000 100000\n");
  ExpectByCgroup(1);
  Write("sys/fs/cgroup/cpu.max", "100001 100000\n");
  EXPECT_EQ(platform::UsableProcessors(root_.path()).count, 2u);
}

TEST(AvailableMemory, IsMoreThanNothingAndNoMoreThanTheMachineCanHave) {
  EXPECT_GT(platform::AvailableMemory(), 0u);
  EXPECT_LT(platform::AvailableMemory(), uint64_t{1} << 50);
}

TEST(ResidentMemory, GrowsByWhatIsTouched) {
  constexpr uint64_t kMiB = 1 << 20;
  const uint64_t before = platform::ResidentMemory();
  const std::vector<char> touched(64 * kMiB, 'x');
  EXPECT_GT(platform::ResidentMemory(), before + 32 * kMiB) << touched.back();
}

}  // namespace
}  // namespace vsapi::engine
