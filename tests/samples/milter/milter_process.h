// SPDX-License-Identifier: Apache-2.0
//
// store_milter as a process of the test's own, which has said that it is ready, at a socket in a
// folder of the test; and conversations with it by the program miltertest.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <csignal>
#include <stdexcept>
#include <string>
#include <vector>

#include "samples/store_sim/temp_folder.h"

extern char** environ;

namespace store_milter {

class MilterProcess {
 public:
  // Its errors go to the file `err` of `folder`.
  MilterProcess(const store_sim::TempFolder& folder, std::vector<std::string> arguments)
      : folder_(folder) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    arguments.insert(arguments.begin(), {STORE_MILTER_PROGRAM, "--listen", socket()});
    Spawn(arguments, ends[1]);
    close(ends[1]);
    for (char c = 0; read(ends[0], &c, 1) == 1 && c != '\n';) ready_ += c;
    close(ends[0]);
  }
  ~MilterProcess() {
    if (process_ <= 0) return;
    Signal(SIGKILL);
    Wait();
  }
  MilterProcess(const MilterProcess&) = delete;
  MilterProcess& operator=(const MilterProcess&) = delete;

  // The line that it was ready by; "" if it ended instead.
  const std::string& ready() const { return ready_; }
  std::string socket() const { return "unix:" + (folder_ / "socket").string(); }
  bool IsListening() const {
    sockaddr_un address = {AF_UNIX, ""};
    (folder_ / "socket").string().copy(address.sun_path, sizeof address.sun_path - 1);
    const int client = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool connects =
        connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    close(client);
    return connects;
  }
  std::string Errors() const { return store_sim::ReadAll(folder_ / "err"); }

  void Signal(int number) const { kill(process_, number); }

  // Its exit status, or less than 0 if a signal ended it.
  int Wait() {
    int status = 0;
    waitpid(process_, &status, 0);
    process_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

 private:
  void Spawn(const std::vector<std::string>& arguments, int out) {
    std::vector<char*> pointers;
    for (const std::string& each : arguments) pointers.push_back(const_cast<char*>(each.c_str()));
    pointers.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, (folder_ / "err").c_str(),
                                     O_WRONLY | O_CREAT | O_TRUNC, 0600);
    const int error =
        posix_spawn(&process_, STORE_MILTER_PROGRAM, &actions, nullptr, pointers.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) throw std::runtime_error("store_milter can't be started");
  }

  const store_sim::TempFolder& folder_;
  pid_t process_ = 0;
  std::string ready_;
};

}  // namespace store_milter
