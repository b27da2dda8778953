// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/platform_limits: processors by affinity and by the quotas of cgroups,
// of both versions, read from a folder that looks like a system's root; and memory.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <string>
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
  // Of eight that the affinity gives.
  void ExpectByCgroup(unsigned count) { Expect(8, count, true); }
  void ExpectNoLimit() { Expect(8, 8, false); }
  void Expect(unsigned by_affinity, unsigned count, bool by_cgroup) {
    const auto found = platform::LimitByCgroup(by_affinity, root_.path());
    EXPECT_EQ(found.count, count);
    EXPECT_EQ(found.by_cgroup, by_cgroup);
  }

  test::TestFolder root_;
};

TEST_F(UsableProcessors, AreThoseOfTheAffinityWhereThereIsNoCgroup) { ExpectNoLimit(); }

TEST_F(UsableProcessors, AreFewerWhereTheThreadMayRunOnFewer) {
  const unsigned all = platform::UsableProcessors().count;
  {
    const test::OnOneProcessor one;
    EXPECT_EQ(platform::UsableProcessors().count, 1u);
  }
  EXPECT_EQ(platform::UsableProcessors().count, all);
}

TEST_F(UsableProcessors, AreLimitedByTheQuotaOfVersion2) {
  PutInto("0::/mail/store\n");
  Write("sys/fs/cgroup/mail/store/cpu.max", "300000 100000\n");
  ExpectByCgroup(3);
}

TEST_F(UsableProcessors, AreLimitedByTheQuotaOfVersion1) {
  PutInto("9:name=systemd:/x\n4:cpuacct,cpu:/mail\n0::/x\n");
  Write("sys/fs/cgroup/cpu/mail/cpu.cfs_quota_us", "400000\n");
  Write("sys/fs/cgroup/cpu/mail/cpu.cfs_period_us", "100000\n");
  ExpectByCgroup(4);
}

TEST_F(UsableProcessors, AreLimitedByAnyGroupAboveTheirOwn) {
  PutInto("0::/mail/store/engine\n");
  Write("sys/fs/cgroup/mail/store/engine/cpu.max", "max 100000\n");
  Write("sys/fs/cgroup/mail/cpu.max", "200000 100000\n");
  ExpectByCgroup(2);
}

// A container sees its own group as the root, and maybe its host's name for it.
TEST_F(UsableProcessors, AreLimitedByTheRootThatAContainerSees) {
  PutInto("0::/docker/4f5e6d\n");
  Write("sys/fs/cgroup/cpu.max", "300000 100000\n");
  ExpectByCgroup(3);
}

TEST_F(UsableProcessors, AreNotLimitedByAGroupWithoutAQuota) {
  PutInto("4:cpu:/\n0::/\n");
  Write("sys/fs/cgroup/cpu.max", "max 100000\n");
  Write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
  Write("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  ExpectNoLimit();
}

TEST_F(UsableProcessors, AreNotLimitedByAnotherControllersPlaceOrByNonsense) {
  PutInto("4:cpuset:/mail\nnonsense\n");
  Write("sys/fs/cgroup/cpu/mail/cpu.cfs_quota_us", "50000\n");
  Write("sys/fs/cgroup/cpu/mail/cpu.cfs_period_us", "100000\n");
  Write("sys/fs/cgroup/cpu.max", "100000 0\n");
  ExpectNoLimit();
}

TEST_F(UsableProcessors, AreNeverMoreThanTheAffinityAllows) {
  PutInto("0::/\n");
  Write("sys/fs/cgroup/cpu.max", "900000000 100000\n");
  ExpectNoLimit();
}

TEST_F(UsableProcessors, CountAPartOfOneAsOne) {
  PutInto("0::/\n");
  Write("sys/fs/cgroup/cpu.max", "200001 100000\n");
  ExpectByCgroup(3);
}

TEST_F(UsableProcessors, AreNotMadeOneOfSeveralByACgroup) {
  PutInto("0::/\n");
  Write("sys/fs/cgroup/cpu.max", "10000 100000\n");
  ExpectByCgroup(2);
  Expect(2, 2, false);
  Expect(1, 1, false);
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

// In a process of its own: it can't be undone.
int BytesKept(size_t bytes) {
  constexpr size_t kMiB = 1 << 20;
  platform::KeepFreedMemory();
  const uint64_t before = platform::ResidentMemory();
  std::vector<std::unique_ptr<std::string>> blocks;
  while (blocks.size() < bytes / kMiB) blocks.push_back(std::make_unique<std::string>(kMiB, 'x'));
  blocks.clear();
  return platform::ResidentMemory() >= before + bytes / 2 ? 0 : 1;
}

TEST(FreedMemory, IsKept) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer has an allocator of its own";
#endif
  const pid_t child = fork();
  if (child == 0) _exit(BytesKept(64 << 20));
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace vsapi::engine
