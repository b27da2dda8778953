// SPDX-License-Identifier: Apache-2.0
#include "child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <utility>

namespace vendor_check {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

[[noreturn]] void Throw(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

struct Pipe {
  UniqueFd read, write;
};

Pipe MakePipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) Throw("no pipe");
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

fs::path MakeTempFolder() {
  std::string path = fs::temp_directory_path() / "vendor_check_XXXXXX";
  if (mkdtemp(path.data()) == nullptr) Throw("no temp folder");
  return path;
}

// Passes on what is there to be read. False at the end.
bool Drain(int fd, const std::function<void(const std::string&)>& pass_on) {
  std::array<char, 4096> buffer;
  ssize_t got;
  while ((got = read(fd, buffer.data(), buffer.size())) > 0)
    pass_on(std::string(buffer.data(), static_cast<size_t>(got)));
  return got < 0;
}

int MillisecondsUntil(Clock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
  return static_cast<int>(std::max<int64_t>(left.count(), 0));
}

}  // namespace

UniqueFd& UniqueFd::operator=(UniqueFd&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

UniqueFd::~UniqueFd() {
  if (fd_ >= 0) close(fd_);
}

Child::Child(const std::function<void(int)>& work) : temp_folder_(MakeTempFolder()) {
  Pipe channel = MakePipe(), output = MakePipe();
  pid_ = fork();
  if (pid_ < 0) Throw("no process");
  if (pid_ == 0) Become(work, channel.write.get(), output.write.get());
  setpgid(pid_, pid_);  // here too, so that it is done whoever comes first
  process_ = UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
  channel_ = std::move(channel.read);
  output_ = std::move(output.read);
}

void Child::Become(const std::function<void(int)>& work, int channel, int output) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const rlimit no_core = {0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  setenv("TMPDIR", temp_folder_.c_str(), 1);
  work(channel);
  _exit(0);
}

Child::~Child() {
  kill(-pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  std::error_code ignored;
  fs::remove_all(temp_folder_, ignored);
}

bool Child::Wait(Clock::time_point deadline, const std::function<void(const std::string&)>& said,
                 const std::function<void(const std::string&)>& written) {
  std::array<pollfd, 3> watched = {
      {{channel_.get(), POLLIN, 0}, {output_.get(), POLLIN, 0}, {process_.get(), POLLIN, 0}}};
  bool ended = false;
  while (!ended) {
    const int ready = poll(watched.data(), watched.size(), MillisecondsUntil(deadline));
    if (ready < 0 && errno != EINTR) Throw("poll");
    if (ready == 0) return false;
    ended = watched[2].revents != 0;
    if (!Drain(channel_.get(), said)) watched[0].fd = -1;
    if (!Drain(output_.get(), written)) watched[1].fd = -1;
  }
  return true;
}

std::string Child::HowItEnded() {
  siginfo_t how = {};
  waitid(P_PID, static_cast<id_t>(pid_), &how, WEXITED | WNOWAIT);
  if (how.si_code == CLD_EXITED) return "exited with status " + std::to_string(how.si_status);
  return "died by signal " + std::to_string(how.si_status) + " (" + strsignal(how.si_status) + ")";
}

}  // namespace vendor_check
