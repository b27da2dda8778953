// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "platform.h"

namespace vsapi::engine::platform {
namespace {

bool AppendAll(int file, const std::string& text) {
  size_t done = 0;
  while (done < text.size()) {
    const ssize_t n = write(file, text.data() + done, text.size() - done);
    if (n < 0 && errno != EINTR) return false;
    if (n > 0) done += static_cast<size_t>(n);
  }
  return true;
}

// What a full disk took of a line goes again.
bool AppendOrTakeBack(int file, const std::string& text) {
  struct stat before = {};
  if (fstat(file, &before) != 0) return false;
  if (AppendAll(file, text)) return true;
  const int why = errno;
  if (S_ISREG(before.st_mode) && ftruncate(file, before.st_size) != 0) return false;
  errno = why;
  return false;
}

int SyslogPriority(int32_t severity) {
  constexpr int kPriorities[] = {LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERR};
  return severity >= 0 && severity <= 3 ? kPriorities[severity] : LOG_ERR;
}

}  // namespace

bool AppendFile(const std::string& path, const std::string& text, Failure& failure) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK,
                        S_IRUSR | S_IWUSR | S_IRGRP);
  const bool written = file >= 0 && AppendOrTakeBack(file, text);
  if (!written) failure = {"cannot write " + path + ": " + std::strerror(errno)};
  if (file >= 0) close(file);
  return written;
}

void WriteSyslog(int32_t severity, const std::string& line) {
  syslog(LOG_MAIL | SyslogPriority(severity), "%s", line.c_str());
}

void WriteTerminal(const std::string& line) { AppendAll(STDERR_FILENO, line + "\n"); }

}  // namespace vsapi::engine::platform
