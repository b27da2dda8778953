// SPDX-License-Identifier: Apache-2.0
//
// The terminal as one picture that is drawn over again: on its alternate screen, without a cursor,
// keys unseen. Whatever ends this object, the terminal is as it was.
//
// Thread safety: one thread.
#pragma once

#include <termios.h>

#include <string>
#include <vector>

namespace store_sim {

class FullScreen {
 public:
  // Input and output are terminals.
  FullScreen(int input, int output);
  ~FullScreen();
  FullScreen(const FullScreen&) = delete;
  FullScreen& operator=(const FullScreen&) = delete;

  // In one write, so that nothing flickers.
  void Draw(const std::vector<std::string>& lines) const;

  size_t columns() const;
  size_t rows() const;

 private:
  void Write(const std::string& bytes) const;

  const int input_;
  const int output_;
  termios before_ = {};
};

}  // namespace store_sim
