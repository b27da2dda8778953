// SPDX-License-Identifier: Apache-2.0
#include "platform_process.h"

#include <fcntl.h>
#include <linux/memfd.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

extern char** environ;

namespace vsapi::engine::platform {
namespace {

constexpr size_t kMostHandles = 8;
constexpr int kChannelOfChild = 3;

Failure ProcessFailure(const std::string& what) { return {what + ": " + std::strerror(errno)}; }

int Milliseconds(std::chrono::milliseconds patience) {
  return patience.count() < 0 ? -1 : static_cast<int>(patience.count());
}

// As poll, but a signal does not end it.
int PollOn(pollfd* fds, nfds_t count, std::chrono::milliseconds patience) {
  int ready;
  do ready = poll(fds, count, Milliseconds(patience));
  while (ready < 0 && errno == EINTR);
  return ready;
}

}  // namespace

Handle& Handle::operator=(Handle&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

Handle::~Handle() {
  if (fd_ >= 0) close(fd_);
}

// ---- Shared memory ------------------------------------------------------------------------------

std::optional<SharedMemory> SharedMemory::Create(const char* name, size_t reserved,
                                                 Failure& failure) {
  Handle handle(memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  // Nobody who shares it can seal it further, that it could not grow.
  if (handle && fcntl(handle.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_SEAL) == 0)
    return Attach(std::move(handle), reserved, false, failure);
  failure = ProcessFailure("no shared memory");
  return std::nullopt;
}

std::optional<SharedMemory> SharedMemory::Attach(Handle handle, size_t reserved, bool read_only,
                                                 Failure& failure) {
  void* const data = mmap(nullptr, reserved, read_only ? PROT_READ : PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_NORESERVE, handle.get(), 0);
  if (data != MAP_FAILED)
    return SharedMemory(std::move(handle), static_cast<char*>(data), reserved);
  failure = ProcessFailure("shared memory can't be mapped");
  return std::nullopt;
}

SharedMemory::SharedMemory(SharedMemory&& other) noexcept
    : handle_(std::move(other.handle_)),
      data_(std::exchange(other.data_, nullptr)),
      reserved_(other.reserved_) {}

SharedMemory::~SharedMemory() {
  if (data_ != nullptr) munmap(data_, reserved_);
}

size_t SharedMemory::Size() const {
  struct stat found = {};
  if (fstat(handle_.get(), &found) != 0) return 0;
  return std::min(reserved_, static_cast<size_t>(found.st_size));
}

bool SharedMemory::GrowTo(size_t size, Failure& failure) {
  if (size <= Size()) return true;
  if (size > reserved_) {
    failure = {std::to_string(size) + " bytes are more than fit into shared memory"};
    return false;
  }
  if (ftruncate(handle_.get(), static_cast<off_t>(size)) == 0) return true;
  failure = ProcessFailure("shared memory can't grow");
  return false;
}

void SharedMemory::Trim(size_t kept) {
  const size_t size = Size();
  if (size > kept)
    fallocate(handle_.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(kept),
              static_cast<off_t>(size - kept));
}

Handle SharedMemory::ReadOnly() const {
  const std::string path = "/proc/self/fd/" + std::to_string(handle_.get());
  return Handle(open(path.c_str(), O_RDONLY | O_CLOEXEC));
}

// ---- Bells and processes ------------------------------------------------------------------------

std::optional<Bell> Bell::Create(Failure& failure) {
  Handle handle(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (handle) return Bell(std::move(handle));
  failure = ProcessFailure("no eventfd");
  return std::nullopt;
}

// Where nobody has heard so many rings that it takes no more, it has been rung.
void Bell::Ring() {
  const uint64_t one = 1;
  while (write(handle_.get(), &one, sizeof one) < 0 && errno == EINTR) continue;
}

void Bell::Await() {
  pollfd rung = {handle_.get(), POLLIN, 0};
  while (!Take()) poll(&rung, 1, -1);
}

bool Bell::Take() {
  uint64_t rings;
  return read(handle_.get(), &rings, sizeof rings) == sizeof rings;
}

bool Process::has_ended() const { return AwaitEnd(std::chrono::milliseconds(0)); }

void Process::Kill() { syscall(SYS_pidfd_send_signal, handle_.get(), SIGKILL, nullptr, 0); }

bool Process::AwaitEnd(std::chrono::milliseconds patience) const {
  pollfd ended = {handle_.get(), POLLIN, 0};
  return PollOn(&ended, 1, patience) > 0;
}

Woken Await(Bell& bell, const Process& process, std::chrono::milliseconds patience) {
  pollfd fds[] = {{bell.handle(), POLLIN, 0}, {process.handle(), POLLIN, 0}};
  if (PollOn(fds, std::size(fds), patience) <= 0) return Woken::kByTime;
  if (fds[0].revents == 0) return Woken::kByEnd;
  return bell.Take() ? Woken::kByBell : Woken::kByTime;
}

// ---- The channel --------------------------------------------------------------------------------

std::optional<std::pair<Channel, Handle>> Channel::CreatePair(Failure& failure) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0)
    return std::pair(Channel(Handle(ends[0])), Handle(ends[1]));
  failure = ProcessFailure("no socket");
  return std::nullopt;
}

bool Channel::Send(const std::string& bytes, const std::vector<int>& handles) {
  alignas(cmsghdr) char control[CMSG_SPACE(kMostHandles * sizeof(int))] = {};
  iovec part = {const_cast<char*>(bytes.data()), bytes.size()};
  msghdr message = {};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (!handles.empty()) {
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(handles.size() * sizeof(int));
    cmsghdr* const head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(handles.size() * sizeof(int));
    std::memcpy(CMSG_DATA(head), handles.data(), handles.size() * sizeof(int));
  }
  ssize_t sent;
  do sent = sendmsg(handle_.get(), &message, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  return sent == static_cast<ssize_t>(bytes.size());
}

std::optional<Message> Channel::Receive(std::chrono::milliseconds patience) {
  pollfd readable = {handle_.get(), POLLIN, 0};
  if (PollOn(&readable, 1, patience) <= 0) return std::nullopt;
  Message received{std::string(kLongest, '\0')};
  alignas(cmsghdr) char control[CMSG_SPACE(kMostHandles * sizeof(int))] = {};
  iovec part = {received.bytes.data(), received.bytes.size()};
  msghdr message = {};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t got;
  do got = recvmsg(handle_.get(), &message, MSG_CMSG_CLOEXEC);
  while (got < 0 && errno == EINTR);
  for (cmsghdr* head = CMSG_FIRSTHDR(&message); head != nullptr;
       head = CMSG_NXTHDR(&message, head)) {
    if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS) continue;
    for (size_t at = 0; CMSG_LEN(at + sizeof(int)) <= head->cmsg_len; at += sizeof(int)) {
      int fd;
      std::memcpy(&fd, CMSG_DATA(head) + at, sizeof fd);
      received.handles.emplace_back(fd);
    }
  }
  if (got <= 0 || (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) return std::nullopt;
  received.bytes.resize(static_cast<size_t>(got));
  return received;
}

// ---- Programs -----------------------------------------------------------------------------------

std::optional<Process> StartProgram(const std::string& program, const Handle& end,
                                    Failure& failure) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, end.get(), kChannelOfChild);
  posix_spawn_file_actions_addclosefrom_np(&actions, kChannelOfChild + 1);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  const std::string parent = std::to_string(getpid());
  char* const arguments[] = {const_cast<char*>(program.c_str()), const_cast<char*>(parent.c_str()),
                             nullptr};
  pid_t pid = 0;
  errno = posix_spawn(&pid, program.c_str(), &actions, &attributes, arguments, environ);
  if (errno != 0) failure = ProcessFailure("cannot start " + program);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (!failure.text.empty()) return std::nullopt;
  return Process(pid, Handle(static_cast<int>(syscall(SYS_pidfd_open, pid, 0))));
}

const char* SignalText(int signal) {
  const char* const text = sigdescr_np(signal);
  return text == nullptr ? "unknown" : text;
}

void Reap(const Process& process) {
  siginfo_t ignored = {};
  while (waitid(P_PIDFD, static_cast<id_t>(process.handle()), &ignored, WEXITED) != 0 &&
         errno == EINTR)
    continue;
}

std::string TempPlace() {
  if (std::getenv("TMPDIR") == nullptr && access("/dev/shm", W_OK) == 0) return "/dev/shm";
  std::error_code problem;
  return std::filesystem::temp_directory_path(problem).string();
}

void RemoveTempFolder(const std::string& folder, int pid) {
  const std::string begin =
      (std::filesystem::path(TempPlace()) / kTempPrefix).string() + std::to_string(pid) + "-";
  const bool is_its_own =
      folder.starts_with(begin) && folder.find('/', begin.size()) == std::string::npos;
  if (is_its_own) rmdir(folder.c_str());
}

}  // namespace vsapi::engine::platform
