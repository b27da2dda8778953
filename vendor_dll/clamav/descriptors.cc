// SPDX-License-Identifier: GPL-2.0-only
#include "descriptors.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <limits>

#include "unique_fd.h"

namespace vsapi::clamav {
namespace {

constexpr unsigned kWindow = 64;

// How many of the `count` descriptors from `first` on are not open. poll() answers for a whole
// window at once, where listing /proc/self/fd would cost a microsecond for each open one.
unsigned CountClosed(unsigned first, unsigned count) {
  std::array<pollfd, kWindow> window{};
  for (unsigned i = 0; i < count; ++i) window[i].fd = static_cast<int>(first + i);
  if (::poll(window.data(), count, 0) < 0) return 0;
  return static_cast<unsigned>(std::count_if(window.begin(), window.begin() + count,
                                             [](const pollfd& p) { return p.revents & POLLNVAL; }));
}

}  // namespace

unsigned DescriptorLimit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  return static_cast<unsigned>(std::min<rlim_t>(limit.rlim_cur, std::numeric_limits<int>::max()));
}

bool HasFreeDescriptors(int any_open, unsigned wanted) {
  const UniqueFd lowest_free(::fcntl(any_open, F_DUPFD_CLOEXEC, 0));
  if (!lowest_free) return false;
  const unsigned limit = DescriptorLimit();
  unsigned first = static_cast<unsigned>(lowest_free.get()) + 1;
  for (unsigned free = 1; free < wanted;) {
    if (first >= limit) return false;
    const unsigned count = std::min({kWindow, limit - first, limit});
    free += CountClosed(first, count);
    first += count;
  }
  return true;
}

}  // namespace vsapi::clamav
