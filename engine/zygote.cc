// SPDX-License-Identifier: Apache-2.0
#include "zygote.h"

#include <algorithm>
#include <filesystem>

#include "worker_process.h"

namespace vsapi::engine {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds kAsLongAsItTakes{-1};
constexpr uint64_t kTempFoldersToMemory = 4;  // what all of them may take, in WorkerMemory

// Core files go to who asked for them; what the system gives to a program of its own never was
// here.
void MoveCores(const std::string& from, const std::string& to) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(from, ignored)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("core")) continue;
    const std::string target =
        to + "/vsapi_worker." + fs::path(from).filename().string() + "." + name;
    fs::copy_file(entry.path(), target, fs::copy_options::overwrite_existing, ignored);
  }
}

// Whatever paths the parameters name, in whatever form a vendor wants them.
std::vector<std::string> PathsIn(const std::string& parameters) {
  std::vector<std::string> paths;
  for (size_t at = parameters.find('/'); at != std::string::npos; at = parameters.find('/', at)) {
    const size_t end = std::min(parameters.find_first_of(";,\"'", at), parameters.size());
    paths.push_back(parameters.substr(at, end - at));
    at = end;
  }
  return paths;
}

// Why a vendor may fail here that would do well in the host, and what to do about it; "" if it is
// not for want of rights.
std::string WhatIsClosed(const std::string& library, const std::string& parameters,
                         const std::string& user) {
  std::vector<std::string> paths = PathsIn(parameters);
  paths.insert(paths.begin(), library);
  for (const std::string& path : paths) {
    const std::string closed = platform::ClosedAt(path);
    if (!closed.empty())
      return "worker processes run as " + user + ", who may not read " + closed +
             ": let that user read it, or set WorkerUser to one who may; ";
  }
  return "";
}

}  // namespace

void Zygote::Run() {
  while (auto message = channel_.Receive(kAsLongAsItTakes)) {
    Packer reply;
    reply.Add(Answer(*message));
    said_.PackInto(reply);
    std::vector<int> handles;
    if (just_forked_.pid() != 0) handles.push_back(just_forked_.handle());
    channel_.Send(reply.bytes(), handles);
    just_forked_ = {};
  }
  for (auto& [pid, folder] : workers_) platform::ChildOf(pid).Kill();
  for (auto& [pid, folder] : workers_) platform::AwaitChild(pid);
  std::error_code ignored;
  if (!temp_folder_.empty()) fs::remove_all(temp_folder_, ignored);
}

std::string Zygote::Answer(platform::Message& message) {
  Unpacker from(message.bytes);
  switch (static_cast<ZygoteCall>(from.Number())) {
    case ZygoteCall::kLoad:
      return Load(from);
    case ZygoteCall::kPoll:
      return Poll();
    case ZygoteCall::kReplace:
      return Replace(from, std::move(message.handles));
    case ZygoteCall::kSymbolise:
      return Symbolise(from);
  }
  return "";
}

std::string Zygote::Load(Unpacker& from) {
  library_ = from.Text();
  const std::string parameters(from.Text()), user(from.Text());
  confinement_.memory_bytes = from.Number();
  cores_ = from.Text();
  confinement_.dumps_core = !cores_.empty();
  const int lower = from.Small();
  const bool is_root = platform::IsRoot();
  platform::Failure failure;
  temp_folder_ = platform::MakeTempFolder(user, failure);
  if (temp_folder_.empty() || !GiveUpRoot(user, failure)) return Loaded(false, failure.text);
  bool good = false;
  std::string problem = library_ + " ended the thread that loaded it";
  const auto load = [&] { good = LoadVendor(parameters, problem); };
  if (lower > 0)  // it can't be undone, and those that are forked would have it
    platform::RunLower(lower, load);
  else
    load();
  const std::string why = good || !is_root ? "" : WhatIsClosed(library_, parameters, user);
  return Loaded(good, why + problem);
}

// In what the workers' files may take all of them have room, so that one that fills it harms others
// only as far as they need more.
bool Zygote::GiveUpRoot(const std::string& user, platform::Failure& failure) {
  if (!platform::IsRoot()) return true;
  const int engine = platform::ParentNumber();
  platform::GiveTempFolder(temp_folder_, user, kTempFoldersToMemory * confinement_.memory_bytes);
  return platform::BecomeUser(user, failure) && platform::DieWithParent(engine);
}

bool Zygote::LoadVendor(const std::string& parameters, std::string& problem) {
  auto opened = VendorLibrary::Open(library_, problem);
  if (!opened) return false;
  vendor_ = VendorProxy::Create(std::move(opened), parameters, 1, clock_, said_, times_, problem);
  return vendor_ && vendor_->StartAlone(problem);
}

std::string Zygote::Loaded(bool good, const std::string& problem) {
  Vendor::Signatures signatures;
  std::string sample, what = problem;
  good = good && vendor_->ReadSignatures(signatures, what) &&
         vendor_->ReadPositiveSample(sample, what);
  const auto* digest = reinterpret_cast<const char*>(signatures.digest.bytes);
  return Packer()
      .Add(good)
      .Add(what)
      .Add(temp_folder_)
      .Add(good ? vendor_->name() : "")
      .Add(signatures.version)
      .Add({digest, sizeof signatures.digest.bytes})
      .Add(signatures.count)
      .Add(static_cast<uint64_t>(signatures.built_ns))
      .Add(sample)
      .Add(platform::ResidentMemory())
      .Add(platform::GapsInConfinement())
      .bytes();
}

std::string Zygote::Poll() { return Packer().Add(vendor_->HasNewerSignatures()).bytes(); }

std::string Zygote::Replace(Unpacker& from, std::vector<platform::Handle> handles) {
  const uint64_t session = from.Number();
  const auto old = static_cast<int>(from.Number());
  const auto priority = UnpackPriority(from);
  platform::ChildEnd end;
  if (workers_.contains(old)) {
    end = platform::AwaitChild(old);
    CleanUpAfter(old);
  }
  const int pid = ForkWorker(session, priority, handles);
  if (pid > 0) just_forked_ = platform::ChildOf(pid);
  return Packer()
      .Add(end.by_signal)
      .Add(static_cast<uint64_t>(end.number))
      .Add(static_cast<uint64_t>(pid))
      .Add(pid > 0 ? "" : "no worker could be forked")
      .bytes();
}

int Zygote::ForkWorker(uint64_t session, const std::optional<platform::Priority>& priority,
                       std::vector<platform::Handle>& handles) {
  const int parent = platform::OwnNumber();
  const uint64_t number = ++forked_;
  const int pid = platform::Fork();
  if (pid == 0 && priority) platform::SetPriority(platform::OwnNumber(), *priority);
  if (pid == 0) BeWorker(session, parent, handles);
  if (pid > 0) workers_[pid] = FolderOf(number);
  return pid;
}

void Zygote::BeWorker(uint64_t session, int parent, std::vector<platform::Handle>& handles) {
  if (!platform::DieWithParent(parent) || handles.size() != 4) platform::EndAtOnce(1);
  platform::SetThreadName("vsapi-work-" + std::to_string(session));
  channel_ = platform::Channel(platform::Handle());
  confinement_.folder = FolderOf(forked_);
  WorkerProcess(std::move(handles), *vendor_, said_, confinement_).Run();
}

std::string Zygote::Symbolise(Unpacker& from) {
  Packer texts;
  for (uint64_t left = from.Number(); left > 0 && from.is_good(); --left)
    texts.Add(platform::SymbolOf(from.Number(), library_));
  return texts.bytes();
}

void Zygote::CleanUpAfter(int worker) {
  const std::string& folder = workers_[worker];
  if (!cores_.empty()) MoveCores(folder, cores_);
  std::error_code ignored;
  fs::remove_all(folder, ignored);
  workers_.erase(worker);
}

}  // namespace vsapi::engine
