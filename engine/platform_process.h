// SPDX-License-Identifier: Apache-2.0
//
// The door to the operating system for what has to do with other processes: memory that two of them
// share, bells that wake the other side, a channel for messages with descriptors, starting and
// ending a process. All descriptors are closed on exec.
//
// Thread safety: an object is used by one thread at a time; two processes may use its ends at once.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "platform.h"

namespace vsapi::engine::platform {

// An open descriptor, closed with it.
class Handle {
 public:
  explicit Handle(int fd = -1) : fd_(fd) {}
  Handle(Handle&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Handle& operator=(Handle&& other) noexcept;
  ~Handle();

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_;
};

// Memory in no file. It grows, and never shrinks: what was in it stays readable whatever the other
// side does.
class SharedMemory {
 public:
  // Takes so many bytes of address space, and no memory yet.
  static std::optional<SharedMemory> Create(const char* name, size_t reserved, Failure& failure);
  // The other side's view.
  static std::optional<SharedMemory> Attach(Handle handle, size_t reserved, bool read_only,
                                            Failure& failure);
  SharedMemory(SharedMemory&& other) noexcept;
  ~SharedMemory();

  char* data() const { return data_; }
  // Bytes that may be touched; asks the system, since the other side may have added some.
  size_t Size() const;
  bool GrowTo(size_t size, Failure& failure);
  // Gives back the memory past `kept` bytes; reads as zeros then. Of its creator.
  void Trim(size_t kept);
  // A descriptor for the other side.
  int handle() const { return handle_.get(); }
  Handle ReadOnly() const;

 private:
  SharedMemory(Handle handle, char* data, size_t reserved)
      : handle_(std::move(handle)), data_(data), reserved_(reserved) {}

  Handle handle_;
  char* data_;
  size_t reserved_;
};

// One side rings, the other one waits and clears.
class Bell {
 public:
  static std::optional<Bell> Create(Failure& failure);
  explicit Bell(Handle handle) : handle_(std::move(handle)) {}
  void Ring();
  void Await();  // for a ring, and takes it
  bool Take();   // false: it has not been rung; never blocks, whatever the other side does
  int handle() const { return handle_.get(); }

 private:
  Handle handle_;
};

// Another process; it need not be a child.
class Process {
 public:
  Process() = default;
  Process(int pid, Handle handle) : pid_(pid), handle_(std::move(handle)) {}
  int pid() const { return pid_; }  // 0: none
  bool has_ended() const;
  void Kill();
  // True when it has, false when the time is over first.
  bool AwaitEnd(std::chrono::milliseconds patience) const;
  int handle() const { return handle_.get(); }

 private:
  int pid_ = 0;
  Handle handle_;
};

enum class Woken : uint8_t { kByBell, kByEnd, kByTime };
// Waits for the bell, which it clears, or the end of the process.
Woken Await(Bell& bell, const Process& process, std::chrono::milliseconds patience);

struct Message {
  std::string bytes;
  std::vector<Handle> handles = {};
};

// Keeps the bounds of messages, and says when the other side is gone.
class Channel {
 public:
  static constexpr size_t kLongest = size_t{128} << 10;

  explicit Channel(Handle handle) : handle_(std::move(handle)) {}
  static std::optional<std::pair<Channel, Handle>> CreatePair(Failure& failure);
  // False if the other side is gone.
  bool Send(const std::string& bytes, const std::vector<int>& handles = {});
  // Nothing if the other side is gone, or the time is over; negative: none.
  std::optional<Message> Receive(std::chrono::milliseconds patience);
  int handle() const { return handle_.get(); }

 private:
  Handle handle_;
};

// Starts a program that has `end` as descriptor 3, and of this process' other ones the standard
// three; it is told this process' number as its argument. Null with `failure`.
std::optional<Process> StartProgram(const std::string& program, const Handle& end,
                                    Failure& failure);
// "Segmentation fault"
const char* SignalText(int signal);
// Waits for a child that was started so, after its end.
void Reap(const Process& process);

// ---- The temp folder of a zygote ----------------------------------------------------------------

// Its number and six letters follow.
inline constexpr char kTempPrefix[] = "vsapi-worker-";
// Where TMPDIR says, else in memory where the system has such a place; "" if there is none.
std::string TempPlace();
// Removes it if it is empty, and one that the process of that number may have made: its word, and
// the vendor's in it, is not believed.
void RemoveTempFolder(const std::string& folder, int pid);

}  // namespace vsapi::engine::platform
