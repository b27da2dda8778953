// SPDX-License-Identifier: Apache-2.0
#include "sandbox.h"

#include <algorithm>
#include <cstring>

#include "text.h"

namespace vsapi::engine {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kForEver{-1};
constexpr milliseconds kToFork = seconds(10);  // also to end
constexpr milliseconds kToPoll = seconds(30);
// How soon a cancellation, which tells nobody, is seen.
constexpr milliseconds kGlance{50};
constexpr size_t kContentKept = size_t{1} << 20;  // of a worker's memory for content
constexpr size_t kLongestSample = 65536;
constexpr size_t kFramesTold = 20;

}  // namespace

// ---- The zygote ---------------------------------------------------------------------------------

Sandbox::Sandbox(const How& how, Clock& clock, EventLog& events, VendorTimes& times,
                 std::function<void()> on_loss)
    : how_(how),
      name_(how.library),
      clock_(clock),
      events_(events),
      times_(times),
      on_loss_(std::move(on_loss)),
      cells_(how.sessions) {}

std::unique_ptr<Sandbox> Sandbox::Start(const How& how, Clock& clock, EventLog& events,
                                        VendorTimes& times, std::function<void()> on_loss,
                                        std::string& problem) {
  std::unique_ptr<Sandbox> sandbox(new Sandbox(how, clock, events, times, std::move(on_loss)));
  if (!sandbox->StartZygote(problem) || !sandbox->Load(problem)) return nullptr;
  return sandbox;
}

bool Sandbox::StartZygote(std::string& problem) {
  platform::Failure failure;
  auto ends = platform::Channel::CreatePair(failure);
  auto started = ends ? platform::StartProgram(how_.program, ends->second, failure) : std::nullopt;
  problem = failure.text;
  if (!started) return false;
  zygote_ = std::move(*started);
  const MutexLock lock(mutex_);
  channel_.emplace(std::move(ends->first));
  return true;
}

bool Sandbox::Load(std::string& problem) {
  times_.Begin(ControlCall::kStart, clock_.Now());
  const auto reply = Call(ZygoteCall::kLoad,
                          Packer()
                              .Add(how_.library)
                              .Add(how_.parameters)
                              .Add(how_.user)
                              .Add(how_.memory_mib << 20)
                              .Add(how_.cores)
                              .Add(static_cast<uint64_t>(how_.loads_lower)),
                          kForEver);
  times_.End(ControlCall::kStart, clock_.Now());
  problem = how_.library + " brought down its process while it was loaded";
  if (!reply) return false;
  Unpacker from(reply->bytes);
  const bool is_loaded = from.Number() != 0;
  problem = CleanLine(from.Text(), 1000);
  temp_folder_ = from.Text();
  if (!is_loaded) return false;
  name_ = CleanLine(from.Text(), VSAPI_VENDOR_SIZE - 1);
  signatures_.version = from.Number();
  const std::string_view digest = from.Text();
  if (digest.size() == sizeof signatures_.digest.bytes)
    std::memcpy(signatures_.digest.bytes, digest.data(), digest.size());
  signatures_.count = from.Number();
  signatures_.built_ns = static_cast<int64_t>(from.Number());
  sample_ = from.Text().substr(0, kLongestSample);
  memory_ = from.Number();
  const std::string gaps = CleanLine(from.Text(), 1000);
  if (!from.is_at_end()) problem = how_.library + " did not come out of loading whole";
  if (!gaps.empty()) events_.Log(EventId::kSandboxHasGaps, gaps);
  return from.is_at_end();
}

// It ends when the channel does, and sees to its workers and their files first.
Sandbox::~Sandbox() {
  cells_.clear();
  {
    const MutexLock lock(mutex_);
    channel_.reset();
  }
  if (zygote_.pid() == 0) return;
  if (!zygote_.AwaitEnd(kToFork)) zygote_.Kill();
  platform::Reap(zygote_);
  // It has gone already, or is empty: nobody sees the mount in it any more.
  platform::RemoveTempFolder(temp_folder_, zygote_.pid());
}

std::optional<Sandbox::Reply> Sandbox::Call(ZygoteCall call, const Packer& arguments,
                                            milliseconds patience,
                                            const std::vector<int>& handles) {
  const std::string bytes = Packer().Add(static_cast<uint64_t>(call)).bytes() + arguments.bytes();
  std::optional<Reply> reply;
  {
    const MutexLock lock(mutex_);
    if (is_lost_) return std::nullopt;
    if (channel_->Send(bytes, handles)) reply = ReceiveLocked(patience);
  }
  if (!reply) Lose();
  return reply;
}

std::optional<Sandbox::Reply> Sandbox::ReceiveLocked(milliseconds patience) {
  auto message = channel_->Receive(patience);
  if (!message) return std::nullopt;
  Unpacker from(message->bytes);
  Reply reply{std::string(from.Text()), std::move(message->handles)};
  std::vector<SaidEvent> said;
  if (!UnpackSaid(from, said)) return std::nullopt;
  Tell(said);
  return reply;
}

void Sandbox::Lose() {
  if (is_lost_.exchange(true)) return;
  zygote_.Kill();
  if (memory_ == 0) return;  // it is not loaded yet: who wants it to be sees that
  events_.Log(EventId::kSandboxLost, "", {{"vendor", name_}});
  on_loss_();
}

void Sandbox::Tell(const std::vector<SaidEvent>& said) {
  for (const SaidEvent& event : said)
    events_.Log(event.id, event.severity, event.what, {{"vendor", name_}});
}

bool Sandbox::ReadSignatures(Signatures& signatures, std::string&) {
  signatures = signatures_;
  return true;
}

bool Sandbox::ReadPositiveSample(std::string& sample, std::string&) {
  sample = sample_;
  return true;
}

bool Sandbox::HasNewerSignatures() {
  const auto reply = Call(ZygoteCall::kPoll, Packer(), kToPoll);
  return !reply || Unpacker(reply->bytes).Number() != 0;
}

// ---- The workers --------------------------------------------------------------------------------

std::unique_ptr<Sandbox::Cell> Sandbox::MakeCell(platform::Failure& failure) {
  auto content = platform::SharedMemory::Create("vsapi-content", Talk::kContentReserved, failure);
  auto shared = platform::SharedMemory::Create("vsapi-talk", Talk::kReserved, failure);
  auto asked = platform::Bell::Create(failure);
  auto answered = platform::Bell::Create(failure);
  if (!content || !shared || !asked || !answered || !shared->GrowTo(sizeof(Talk), failure))
    return nullptr;
  return std::make_unique<Cell>(
      Cell{std::move(*content), std::move(*shared), std::move(*asked), std::move(*answered)});
}

// What its worker has worn out, or nobody has asked for yet, is replaced first; so is a worker that
// can't have a kept thread's priority any more, since it has worked for another one.
Sandbox::Cell* Sandbox::Ready(size_t session, std::string& problem) {
  std::unique_ptr<Cell>& cell = cells_[session];
  if (cell && !cell->is_worn && Follow(*cell)) return cell.get();
  End end;
  if (cell) cell->worker.Kill();
  return Replace(session, end, problem) ? cell.get() : nullptr;
}

// The worker is scheduled as the thread that it works for. False: the system would not.
bool Sandbox::Follow(Cell& cell) {
  const auto wanted = platform::ThreadPriority();
  if (!wanted || cell.priority == wanted || cell.worker.has_ended()) return true;
  if (!platform::SetPriority(cell.worker.pid(), *wanted)) return false;
  cell.priority = wanted;
  return true;
}

// The old worker is dead, or about to be.
bool Sandbox::Replace(size_t session, End& end, std::string& problem) {
  platform::Failure failure;
  const uint64_t old = cells_[session] ? cells_[session]->worker.pid() : 0;
  cells_[session].reset();
  auto cell = MakeCell(failure);
  problem = failure.text;
  if (!cell) return false;
  cell->priority = platform::ThreadPriority();
  const platform::Handle content = cell->content.ReadOnly();
  Packer arguments;
  PackPriority(cell->priority, arguments.Add(session).Add(old));
  auto reply =
      Call(ZygoteCall::kReplace, arguments, kToFork,
           {content.get(), cell->shared.handle(), cell->asked.handle(), cell->answered.handle()});
  problem = "its workers are gone";
  if (!reply) return false;
  Unpacker from(reply->bytes);
  end.by_signal = from.Number() != 0;
  end.number = from.Small();
  const int pid = from.Small();
  problem = CleanLine(from.Text(), 1000);
  if (!from.is_at_end() || pid <= 0 || reply->handles.size() != 1) return false;
  cell->worker = platform::Process(pid, std::move(reply->handles[0]));
  cells_[session] = std::move(cell);
  return true;
}

// ---- A scan -------------------------------------------------------------------------------------

ScanReport Sandbox::TestScan(const ScanJob& job) {
  times_.Begin(ControlCall::kSelfTest, clock_.Now());
  ScanReport report = Scan(0, job);
  times_.End(ControlCall::kSelfTest, clock_.Now());
  return report;
}

ScanReport Sandbox::Scan(size_t session, const ScanJob& job) {
  ScanReport report;
  Cell* const cell = Ready(session, report.text);
  if (cell == nullptr) {
    report.status = VSAPI_E_BUSY;
    report.is_untried = true;
    return report;
  }
  if (!FillContent(*cell, job, report)) return report;
  report.called = clock_.Now();
  Converse(session, job, report);
  if (report.returned == TimePoint()) report.returned = clock_.Now();
  report.in_vendor = report.returned - report.called;
  return report;
}

bool Sandbox::FillContent(Cell& cell, const ScanJob& job, ScanReport& report) {
  const uint64_t size = job.content.size();
  platform::Failure failure;
  if (!cell.content.GrowTo(size, failure)) {
    report.text = failure.text;
    return false;
  }
  if (job.content.data() != nullptr)
    std::memcpy(cell.content.data(), job.content.data(), size);
  else
    report.status = ReadInto(cell.content.data(), job);
  return job.content.data() != nullptr || report.status == VSAPI_OK;
}

int32_t Sandbox::ReadInto(char* to, const ScanJob& job) {
  const uint64_t size = job.content.size();
  for (uint64_t at = 0; at < size;) {
    if (job.cancelled.load(std::memory_order_relaxed)) return VSAPI_E_CANCELLED;
    size_t got = 0;
    const int32_t status = job.content.Read(at, to + at, size - at, &got);
    if (status != VSAPI_OK || got == 0 || got > size - at) return VSAPI_E_READ_FAILED;
    at += got;
  }
  return VSAPI_OK;
}

void Sandbox::Converse(size_t session, const ScanJob& job, ScanReport& report) {
  Cell& cell = *cells_[session];
  PutRequest(cell.talk(), job);
  cell.asked.Ring();
  TimePoint ends = clock_.Now() + job.budget + kGrace;
  for (;;) {
    switch (Await(cell.answered, cell.worker, kGlance)) {
      case platform::Woken::kByBell:
        if (cell.talk().turn != Turn::kAskProperty) return TakeAnswer(session, report);
        GiveProperty(cell.talk(), job.content);
        cell.asked.Ring();
        break;
      case platform::Woken::kByEnd:
        return LoseWorker(session, "", true, report);
      case platform::Woken::kByTime:
        break;
    }
    if (!Attend(cell, job, ends))
      return LoseWorker(session, job.cancelled ? "was told to stop, and did not" : "hangs", false,
                        report);
  }
}

// Tells the worker to stop, or to hurry, when it is to. False: it is to be waited for no longer.
bool Sandbox::Attend(Cell& cell, const ScanJob& job, TimePoint& ends) {
  const TimePoint now = clock_.Now();
  Follow(cell);  // the thread may have been lifted
  if (job.cancelled.load(std::memory_order_relaxed) && !cell.talk().cancelled.exchange(true))
    ends = std::min<TimePoint>(ends, now + kGrace);
  return now < ends;
}

void Sandbox::TakeAnswer(size_t session, ScanReport& report) {
  Cell& cell = *cells_[session];
  auto answer = ReadAnswer(cell.all());
  const TimePoint called = report.called;
  if (!answer) {
    cell.worker.Kill();
    return LoseWorker(session, "answered what is no answer", true, report);
  }
  report = std::move(answer->report);
  report.called = called;
  Tell(answer->said);
  cell.is_worn = answer->is_worn;
  if (report.status == VSAPI_E_NO_MEMORY) {
    cell.worker.Kill();
    return LoseWorker(session, "ran out of its memory (WorkerMemory)", true, report);
  }
  if (cell.content.Size() > kContentKept) cell.content.Trim(kContentKept);
}

// With "" for a `how` it has died, and the zygote knows of what.
void Sandbox::LoseWorker(size_t session, std::string how, bool is_worth_another_try,
                         ScanReport& report) {
  Cell& cell = *cells_[session];
  report.returned = clock_.Now();  // what is done about it is not the vendor's time
  if (!how.empty()) cell.worker.Kill();
  const uint32_t step = cell.talk().step.load(std::memory_order_relaxed);
  CrashNote crash;
  std::memcpy(&crash, &cell.talk().crash, sizeof crash);
  End end;
  std::string problem;
  Replace(session, end, problem);
  if (how.empty() && is_lost_) {  // with the zygote, and not by what it scanned
    report.status = VSAPI_E_BUSY;
    report.text = problem;
    return;
  }
  if (how.empty())
    how = end.by_signal ? "died of signal " + std::to_string(end.number) + " (" +
                              platform::SignalText(end.number) + ")"
                        : "ended with exit code " + std::to_string(end.number);
  report.status = VSAPI_E_INTERNAL;
  report.text = "its worker process " + how;
  report.fault = std::make_shared<const VendorFault>(
      VendorFault{how, StepText(step), Symbolise(crash), is_worth_another_try});
}

std::string Sandbox::Symbolise(const CrashNote& crash) {
  if (crash.signal == 0) return "";
  Packer frames;
  const size_t count = std::min<size_t>(crash.frames, kFramesTold);
  frames.Add(count);
  for (size_t i = 0; i < count; ++i) frames.Add(crash.frame[i]);
  const auto reply = Call(ZygoteCall::kSymbolise, frames, kToFork);
  std::string text;
  if (!reply) return text;
  Unpacker from(reply->bytes);
  for (size_t i = 0; i < count && from.is_good(); ++i)
    text += (text.empty() ? "" : "; ") + CleanLine(from.Text(), 200);
  return text;
}

}  // namespace vsapi::engine
