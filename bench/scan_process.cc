// SPDX-License-Identifier: GPL-2.0-only
#include "scan_process.h"

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vsapi/host/vsapi_host.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <iostream>
#include <stdexcept>

#include "bare_clamav.h"
#include "measure.h"
#include "one_call.h"

namespace vsapi::bench {
namespace {

constexpr size_t kSharedBytes = 64 << 20;
constexpr size_t kMostContents = 1000;

using ScanOne = std::function<void(std::string_view)>;

ScanOne Prepare(ScanWay way, const DefinitionsShape& shape, const std::string& definitions) {
  if (way == ScanWay::kDefaults) {
    const auto bare = std::make_shared<BareClamav>(Step::kDefaults, shape, definitions);
    return [bare](std::string_view bytes) { bare->Scan(bytes); };
  }
  if (way == ScanWay::kDllTuned) vsapi_keep_freed_memory();
  const auto dll = std::make_shared<DirectCall>(
      VSAPI_BENCH_CLAMAV, "definitions=" + definitions + ";temp=" + MemoryFolder());
  return [dll](std::string_view bytes) { dll->Scan(bytes); };
}

void Answer(int socket, int64_t value) {
  if (write(socket, &value, sizeof value) != sizeof value) _exit(1);
}

int64_t CpuOf(const ScanOne& scan, const std::vector<std::string_view>& contents) {
  const int64_t before = ThreadCpuNs();
  for (const std::string_view content : contents) scan(content);
  return ThreadCpuNs() - before;
}

}  // namespace

ScanProcess::ScanProcess(ScanWay way, const DefinitionsShape& shape)
    : shared_(static_cast<char*>(
          mmap(nullptr, kSharedBytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {
  int ends[2];
  if (shared_ == MAP_FAILED || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0 ||
      (child_ = fork()) < 0)
    throw std::runtime_error("can't make a process that scans");
  if (child_ == 0) {
    close(ends[0]);
    Serve(ends[1], way, shape);
  }
  close(ends[1]);
  socket_ = ends[0];
}

ScanProcess::~ScanProcess() {
  shutdown(socket_, SHUT_RDWR);  // younger children have a copy of it
  close(socket_);
  waitpid(child_, nullptr, 0);
  munmap(shared_, kSharedBytes);
}

void ScanProcess::Load(const std::string& definitions) { Scan({definitions}); }

int64_t ScanProcess::Scan(const std::vector<std::string>& contents) {
  char* at = shared_;
  std::vector<size_t> sizes;
  for (const std::string& content : contents) {
    if (content.size() > static_cast<size_t>(shared_ + kSharedBytes - at))
      throw std::runtime_error("the message is too large for the process that scans");
    at = std::copy(content.begin(), content.end(), at);
    sizes.push_back(content.size());
  }
  return Ask(sizes);
}

int64_t ScanProcess::Ask(const std::vector<size_t>& sizes) {
  const size_t bytes = sizes.size() * sizeof sizes[0];
  int64_t answer = -1;
  if (sizes.empty() || sizes.size() > kMostContents ||
      send(socket_, sizes.data(), bytes, MSG_NOSIGNAL) != static_cast<ssize_t>(bytes) ||
      read(socket_, &answer, sizeof answer) != sizeof answer || answer < 0)
    throw std::runtime_error("the process that scans failed");
  return answer;
}

void ScanProcess::Serve(int socket, ScanWay way, const DefinitionsShape& shape) {
  try {
    ServeUntilEnd(socket, way, shape);
  } catch (const std::exception& problem) {
    std::cerr << problem.what() << '\n';
    _exit(1);
  }
  _exit(0);
}

void ScanProcess::ServeUntilEnd(int socket, ScanWay way, const DefinitionsShape& shape) const {
  const auto definitions = Receive(socket);
  if (definitions.empty()) return;
  const ScanOne scan = Prepare(way, shape, std::string(definitions[0]));
  Answer(socket, 0);
  for (auto contents = Receive(socket); !contents.empty(); contents = Receive(socket))
    Answer(socket, CpuOf(scan, contents));
}

std::vector<std::string_view> ScanProcess::Receive(int socket) const {
  size_t sizes[kMostContents];
  const ssize_t got = read(socket, sizes, sizeof sizes);
  if (got <= 0) return {};
  std::vector<std::string_view> contents;
  const char* at = shared_;
  for (size_t i = 0; i < static_cast<size_t>(got) / sizeof sizes[0]; at += sizes[i++])
    contents.emplace_back(at, sizes[i]);
  return contents;
}

}  // namespace vsapi::bench
