// SPDX-License-Identifier: Apache-2.0
//
// The process that loads a vendor once and forks workers of it. It does what the engine says by
// messages (worker_talk.h), one after the other. It sees no content.
//
// Thread safety: its process has one thread whenever it forks.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "clock.h"
#include "platform_worker.h"
#include "vendor_proxy.h"
#include "worker_talk.h"

namespace vsapi::engine {

class Zygote {
 public:
  explicit Zygote(platform::Channel channel) : channel_(std::move(channel)) {}
  // Until the engine lets go of the channel.
  void Run();

 private:
  std::string Answer(platform::Message& message);
  std::string Load(Unpacker& from);
  bool GiveUpRoot(const std::string& user, platform::Failure& failure);
  bool LoadVendor(const std::string& parameters, std::string& problem);
  std::string Loaded(bool good, const std::string& problem);
  std::string Poll();
  std::string Replace(Unpacker& from, std::vector<platform::Handle> handles);
  int ForkWorker(uint64_t session, const std::optional<platform::Priority>& priority,
                 std::vector<platform::Handle>& handles);
  [[noreturn]] void BeWorker(uint64_t session, int parent, std::vector<platform::Handle>& handles);
  std::string Symbolise(Unpacker& from);
  void CleanUpAfter(int worker);
  std::string FolderOf(uint64_t number) const {
    return temp_folder_ + "/" + std::to_string(number);
  }

  platform::Channel channel_;
  SystemClock clock_;
  VendorTimes times_;
  SaidEvents said_;
  std::unique_ptr<VendorProxy> vendor_;
  std::string library_;
  std::string temp_folder_;
  platform::Confinement confinement_;
  std::string cores_;
  std::map<int, std::string> workers_;  // their folders, by process
  uint64_t forked_ = 0;
  platform::Process just_forked_;  // its handle goes along with the answer
};

}  // namespace vsapi::engine
