// SPDX-License-Identifier: Apache-2.0
//
// A forked process with a temp folder of its own, two pipes back, and an end to its time. Whatever
// it started ends with it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>

namespace vendor_check {

// Closes a descriptor with its owner.
class UniqueFd {
 public:
  explicit UniqueFd(int fd = -1) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  UniqueFd& operator=(UniqueFd&& other) noexcept;
  ~UniqueFd();
  int get() const { return fd_; }

 private:
  int fd_;
};

class Child {
 public:
  // `work` runs in the child, with the descriptor to speak into; the child ends when it returns.
  explicit Child(const std::function<void(int channel)>& work);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();  // kills what is left

  // Passes on what the child says and writes until it ends, or until `deadline`.
  // Returns whether it ended by itself.
  bool Wait(std::chrono::steady_clock::time_point deadline,
            const std::function<void(const std::string&)>& said,
            const std::function<void(const std::string&)>& written);

  // How it ended: "died by signal 6 (Aborted)", "exited with status 0". After Wait.
  std::string HowItEnded();

 private:
  [[noreturn]] void Become(const std::function<void(int)>& work, int channel, int output);

  std::filesystem::path temp_folder_;
  UniqueFd channel_, output_, process_;
  pid_t pid_ = -1;
};

}  // namespace vendor_check
