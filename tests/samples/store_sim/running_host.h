// SPDX-License-Identifier: Apache-2.0
//
// A store with a running host: `store_sim serve` as a process of the test's own, which has said
// that it is ready.
#pragma once

#include <fcntl.h>
#include <spawn.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <csignal>
#include <nlohmann/json.hpp>
#include <optional>

#include "open_fixture.h"

extern char** environ;

namespace store_sim {

class RunningHost {
 public:
  // `folder` holds the store `s`. The host's errors go to the file `host_err` there.
  RunningHost(const TempFolder& folder, std::vector<std::string> arguments)
      : folder_(folder.path()) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    arguments.insert(arguments.begin(), {STORE_SIM_PROGRAM, "serve", (folder / "s").string()});
    Spawn(arguments, ends[1]);
    close(ends[1]);
    ready_ = ReadLine(ends[0]);
    close(ends[0]);
  }
  ~RunningHost() {
    if (process_ > 0) Stop(SIGKILL);
  }
  RunningHost(const RunningHost&) = delete;
  RunningHost& operator=(const RunningHost&) = delete;

  // The line that it was ready by; "" if it ended instead.
  const std::string& ready() const { return ready_; }
  std::string Errors() const { return ReadAll(folder_ / "host_err"); }
  void Signal(int number) const { kill(process_, number); }

  // Its exit status, or less than 0 if a signal ended it.
  int Wait() {
    int status = 0;
    waitpid(process_, &status, 0);
    process_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
  int Stop(int number = SIGTERM) {
    Signal(number);
    return Wait();
  }

 private:
  void Spawn(const std::vector<std::string>& arguments, int out) {
    std::vector<char*> pointers;
    for (const std::string& each : arguments) pointers.push_back(const_cast<char*>(each.c_str()));
    pointers.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, (folder_ / "host_err").c_str(),
                                     O_WRONLY | O_CREAT | O_TRUNC, 0600);
    const int error =
        posix_spawn(&process_, STORE_SIM_PROGRAM, &actions, nullptr, pointers.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) throw std::runtime_error("the host can't be started");
  }

  static std::string ReadLine(int descriptor) {
    std::string line;
    for (char c = 0; read(descriptor, &c, 1) == 1 && c != '\n';) line += c;
    return line;
  }

  const std::filesystem::path folder_;
  pid_t process_ = 0;
  std::string ready_;
};

// A client that writes what it likes.
class RawClient {
 public:
  explicit RawClient(const std::filesystem::path& socket) : socket_(context_) {
    socket_.connect(boost::asio::local::stream_protocol::endpoint(socket.string()));
  }

  void Write(const std::string& bytes) { boost::asio::write(socket_, boost::asio::buffer(bytes)); }

  // The next line, or null if the host has hung up.
  nlohmann::json Read() {
    boost::system::error_code error;
    const size_t size =
        boost::asio::read_until(socket_, boost::asio::dynamic_buffer(received_), '\n', error);
    if (error) return nullptr;
    const auto answer = nlohmann::json::parse(received_.substr(0, size));
    received_.erase(0, size);
    return answer;
  }

  nlohmann::json Ask(const nlohmann::json& request) {
    Write(request.dump() + "\n");
    return Read();
  }

 private:
  boost::asio::io_context context_;
  boost::asio::local::stream_protocol::socket socket_;
  std::string received_;
};

class HostTest : public OpenTest {
 protected:
  // Its host scans only what is asked for.
  void Make(const std::vector<std::string>& raws) {
    if (!raws.empty())
      OpenTest::Make(raws);
    else
      ASSERT_EQ(Run("init s"), 0) << err_;
    ASSERT_EQ(Run("settings s set BackgroundScanning 0"), 0) << err_;
  }
  // Vendors: those of tests/vendors.
  void Serve(const std::string& vendor = "good", std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"--vendor", VSAPI_TEST_VENDORS_DIR "/" + vendor + ".so"});
    host_.emplace(folder_, std::move(more));
    ASSERT_NE(host_->ready(), "") << host_->Errors();
  }
  std::filesystem::path socket() const { return folder_ / "s/host.sock"; }
  nlohmann::json Ask(const nlohmann::json& request) { return RawClient(socket()).Ask(request); }

  std::optional<RunningHost> host_;
};

}  // namespace store_sim
