// SPDX-License-Identifier: Apache-2.0
//
// The door to the operating system for a worker process: forking, giving up rights, noting its own
// crash. Only `vsapi_worker` uses it.
//
// Thread safety: for a process of one thread, but for what loads.
#pragma once

#include <cstdint>
#include <string>

#include "platform_process.h"
#include "worker_crash.h"

namespace vsapi::engine::platform {

// This process ends when its parent, of that number, does; false if that has been already.
bool DieWithParent(int parent);
int OwnNumber();
int ParentNumber();
bool IsRoot();
// For good. Every right of the former user is gone.
bool BecomeUser(const std::string& user, Failure& failure);

// What on the way to that path, or right in it, this process may not read; "": nothing, or it is
// not there.
std::string ClosedAt(const std::string& path);

// 0 in the child.
int Fork();
[[noreturn]] void EndAtOnce(int code);
// The process of that number, a child of ours that nobody has waited for yet.
Process ChildOf(int pid);
struct ChildEnd {
  bool by_signal = false;
  int number = 0;  // signal or exit code
};
ChildEnd AwaitChild(int pid);

// A new folder where TMPDIR says, else in memory where the system has such a place, or ""; what
// others left there whose process is gone goes first, if it is ours or, where we are root, that
// user's.
std::string MakeTempFolder(const std::string& user, Failure& failure);
// By root: the folder is that user's, and in memory that takes so many bytes (0: any number) where
// this process may mount; nobody else sees the mount, and it goes with the last process.
void GiveTempFolder(const std::string& folder, const std::string& user, uint64_t bytes);
// Moves into it, so that the vendor's unnamed files land there too.
bool EnterFolder(const std::string& folder);

// ---- Giving up rights (platform_confine_linux.cc) -----------------------------------------------

struct Confinement {
  std::string folder;         // the one place where files may be written
  uint64_t memory_bytes = 0;  // that may be taken beside what is held
  bool dumps_core = false;
};
// What the kernel lacks for all of it, for an administrator; "": nothing.
std::string GapsInConfinement();
// For good: no network, no other program, no process, no file outside the folder. False with
// `failure` if it could not be had although the kernel has it.
bool Confine(const Confinement& how, Failure& failure);

// Bytes that this process holds of its own, and all that it has addresses for.
uint64_t HeldBytes();
uint64_t MappedBytes();
// The next descriptor would have this number.
int NextDescriptor();

// ---- Its crash (platform_crash_linux.cc) --------------------------------------------------------

// From now on a deadly signal, also one for want of stack, is noted there before the process dies
// of it.
void NoteCrashes(CrashNote& note);
// "crash.cc:14 Misjudge(...)". `library` is the file of the one that was loaded from a copy.
std::string SymbolOf(uint64_t address, const std::string& library);

}  // namespace vsapi::engine::platform
