// SPDX-License-Identifier: Apache-2.0
//
// The private folder for temporary files: whose it is, and what happens when it vanishes, is swept
// while scans run, or is shared with a forked process.
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <thread>

#include "clamav_support.h"

namespace vsapi::test {
namespace {

bool IsCleanOutcome(const Outcome& outcome) {
  return outcome.status == VSAPI_OK && outcome.verdict == VSAPI_VERDICT_CLEAN;
}

std::string EicarMail() {
  return MimeWithAttachment("a.zip", Zip({{"eicar.com", Eicar()}, {"b.bin", Noise(20'000)}}));
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

// From now on this process gets no locks, as some sandboxes have it.
bool RefuseLocks() {
  sock_filter rules[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_flock, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program = {std::size(rules), rules};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

TEST(ClamavTempFolder, ThatCanNotBeLockedRefusesTheStartAndLeavesNothing) {
  const TestFolder temp;
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(60);  // it would try for ever
    if (!RefuseLocks()) ::_exit(1);
    VendorInstance vendor(Dll(), WithShipped("temp=" + temp.path()));
    ::_exit(vendor.Start() == VSAPI_E_BUSY ? 0 : 2);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_THAT(temp.Entries(), testing::IsEmpty());
}

TEST(ClamavTempFolder, IsMadeAgainWhenSomebodyRemovedIt) {
  Started clamav;
  const fs::path folder = clamav.temp.Entries().at(0);
  fs::remove_all(folder);
  EXPECT_THAT(clamav.Scan(EicarMail()), IsEicar());
  EXPECT_THAT(clamav.temp.Entries(), testing::ElementsAre(folder));
  EXPECT_TRUE(
      clamav.vendor.Logged(VSAPI_LOG_WARNING, "was taken away by somebody, and is made again"))
      << clamav.vendor.LogText();
  struct stat status {};
  ASSERT_EQ(::stat(folder.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0700u);
  VendorInstance neighbour(Dll(), WithShipped("temp=" + clamav.temp.path()));
  ASSERT_EQ(neighbour.Start(), VSAPI_OK);
  EXPECT_TRUE(fs::exists(folder)) << "it is locked again, so the neighbour does not sweep it";
}

// What somebody else has put in its place may not be trusted.
TEST(ClamavTempFolder, IsNotTakenFromSomebodyElse) {
  Started clamav;
  const fs::path folder = clamav.temp.Entries().at(0);
  fs::remove_all(folder);
  fs::create_directory(folder);
  const Outcome outcome = clamav.Scan(Eicar());
  EXPECT_THAT(outcome, FailsWith(VSAPI_E_BUSY));
  EXPECT_THAT(outcome.text, testing::HasSubstr("is gone, and can't be made again"));
}

// A page whose threat shows only when it is normalised, which libclamav does by way of a file, and
// without a sign when it can't make one.
constexpr char kPage[] = "<html><body>\n<p>Normalised-PAGE-Marker</p>\n</body></html>\n";

// A sweeper that takes everything away, again and again, while two sessions scan.
TEST(ClamavTempFolder, MayBeSweptAtAnyMomentWithoutACleanVerdict) {
  TestFolder definitions;
  definitions.Write("page.ndb", "Test.Html:3:*:" + HexOf("normalised-page-marker") + "\n");
  Started clamav("definitions=" + definitions.path());
  const fs::path folder = clamav.temp.Entries().at(0);
  std::atomic<bool> done = false;
  std::atomic<int> clean = 0, swept = 0;
  std::jthread sweeper([&] {
    const fs::path away = folder.string() + ".away";
    while (!done) {
      std::error_code error;
      fs::rename(folder, away, error);
      swept += !error;
      fs::remove_all(away, error);
    }
  });
  const auto scan = [&](const std::string& content) {
    VendorSession session(clamav.vendor);
    for (int i = 0; i < 200 || swept < 20; ++i) clean += IsCleanOutcome(session.Scan(content));
  };
  std::jthread mails(scan, EicarMail()), pages(scan, kPage);
  mails.join();
  pages.join();
  done = true;
  sweeper.join();
  EXPECT_EQ(clean, 0);
  EXPECT_THAT(clamav.Scan(EicarMail()), IsEicar()) << "it recovers";
}

// Processes forked from one make the same names at the same time. The exit code says how many
// scans were clean, or 255 where one could not begin.
[[noreturn]] void ScanAsWorker(const VendorInstance& vendor, const std::string& temp_folder) {
  const auto* fork = vendor.Extension<vsapi_ext_fork>(VSAPI_EXT_FORK);
  if (fork->after_fork(vendor.get(), temp_folder.c_str()) != VSAPI_OK) ::_exit(255);
  int missed = 0;
  {
    VendorSession session(vendor);
    for (int i = 0; i < 100; ++i)
      missed += session.Scan(EicarMail()).verdict != VSAPI_VERDICT_INFECTED;
  }
  vendor.get()->table->stop(vendor.get());
  ::_exit(missed);
}

TEST(ClamavTempFolder, OfForkedWorkersNeverCollidesEvenInOnePlace) {
  Started clamav;
  clamav.session.reset();
  const TestFolder place;
  std::vector<pid_t> workers;
  for (int i = 0; i < 4; ++i) {
    workers.push_back(::fork());
    if (workers.back() == 0) ScanAsWorker(clamav.vendor, place.path());
  }
  for (const pid_t worker : workers) {
    int status = -1;
    ASSERT_EQ(::waitpid(worker, &status, 0), worker);
    EXPECT_EQ(status, 0);
  }
  EXPECT_THAT(place.Entries(), testing::IsEmpty());
}

// Without after_fork, which is against the contract: names do collide. The exit code is the number
// of scans that were clean.
[[noreturn]] void ScanWithoutAFolderOfItsOwn(const VendorInstance& vendor) {
  int clean = 0;
  {
    VendorSession session(vendor);
    for (int i = 0; i < 200; ++i) clean += IsCleanOutcome(session.Scan(EicarMail()));
  }
  ::_exit(std::min(clean, 255));
}

TEST(ClamavTempFolder, ThatForkedProcessesShareAgainstTheContractCallsNothingClean) {
  Started clamav;
  clamav.session.reset();
  std::vector<pid_t> workers;
  for (int i = 0; i < 4; ++i) {
    workers.push_back(::fork());
    if (workers.back() == 0) ScanWithoutAFolderOfItsOwn(clamav.vendor);
  }
  for (const pid_t worker : workers) {
    int status = -1;
    ASSERT_EQ(::waitpid(worker, &status, 0), worker);
    EXPECT_EQ(status, 0);
  }
}

}  // namespace
}  // namespace vsapi::test
