// SPDX-License-Identifier: Apache-2.0
#include "full_screen.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>

namespace store_sim {
namespace {

constexpr char kEnter[] = "\x1b[?1049h\x1b[?25l";
constexpr char kLeave[] = "\x1b[?25h\x1b[?1049l";
constexpr char kHome[] = "\x1b[H";
constexpr char kEndOfLine[] = "\x1b[K";
constexpr char kRestOfScreen[] = "\x1b[J";

// What a terminal has that does not tell.
constexpr winsize kUsual{24, 80, 0, 0};

winsize SizeOf(int terminal) {
  winsize size = {};
  const bool known = ioctl(terminal, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0;
  return known ? size : kUsual;
}

}  // namespace

// Ctrl-C comes as a key too, so that it can't end the program before the terminal is restored.
FullScreen::FullScreen(int input, int output) : input_(input), output_(output) {
  tcgetattr(input_, &before_);
  termios quiet = before_;
  quiet.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG);
  tcsetattr(input_, TCSANOW, &quiet);
  Write(kEnter);
}

FullScreen::~FullScreen() {
  Write(kLeave);
  tcsetattr(input_, TCSANOW, &before_);
}

// The last line has no line end: it would scroll the screen.
void FullScreen::Draw(const std::vector<std::string>& lines) const {
  std::string frame = kHome;
  for (size_t i = 0; i < lines.size(); ++i) {
    frame += (i ? "\r\n" : "") + lines[i] + kEndOfLine;
  }
  Write(frame + kRestOfScreen);
}

size_t FullScreen::columns() const { return SizeOf(output_).ws_col; }
size_t FullScreen::rows() const { return SizeOf(output_).ws_row; }

void FullScreen::Write(const std::string& bytes) const {
  for (size_t done = 0; done < bytes.size();) {
    const ssize_t written = write(output_, bytes.data() + done, bytes.size() - done);
    if (written < 0 && errno != EINTR) return;
    if (written > 0) done += static_cast<size_t>(written);
  }
}

}  // namespace store_sim
