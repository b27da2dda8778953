// SPDX-License-Identifier: Apache-2.0
//
// Who is inside, so that the end can wait for them: libmilter's threads can't be joined, and some
// may still call when the program is about to end.
//
// Thread safety: any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace store_milter {

class Gate {
 public:
  // False: it is closed. Else Leave() must follow.
  bool Enter();
  void Leave();

  // Nobody enters any more. True when all have left; false when `patience` is over first.
  bool Close(std::chrono::seconds patience);

 private:
  std::mutex mutex_;
  std::condition_variable left_;
  int inside_ = 0;          // by mutex_
  bool is_closed_ = false;  // by mutex_
};

}  // namespace store_milter
