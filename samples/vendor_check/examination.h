// SPDX-License-Identifier: Apache-2.0
//
// One check at work in its own process: what it is told, and its voice to the process that watches
// it. Every word is sent at once, so that nothing is lost when the vendor ends the process.
//
// Thread safety: any thread may speak.
#pragma once

#include <string>

#include "check.h"
#include "outcome.h"

namespace vendor_check {

class Examination {
 public:
  // Speaks into the pipe `channel`.
  Examination(const Subject& subject, int channel) : subject_(subject), channel_(channel) {}

  const Subject& subject() const { return subject_; }

  // What is tried now: blamed if the process ends before the check does.
  void Step(const std::string& what) { Say(kStep, what); }
  // The rule is broken; the check goes on to see more.
  void Fail(const std::string& seen) { Say(kFail, seen); }
  void Expect(bool holds, const std::string& seen) {
    if (!holds) Fail(seen);
  }
  void Warn(const std::string& seen) { Say(kWarn, seen); }
  void Note(const std::string& figure) { Say(kNote, figure); }

  // Ends the check.
  [[noreturn]] void Skip(const std::string& reason);

  // Runs `check` to its end, or to the exception that ends it.
  void Run(const Check& check);

 private:
  friend class Listener;
  enum Word : char { kStep = 'S', kFail = 'F', kWarn = 'W', kNote = 'N', kSkip = 'K', kEnd = 'E' };
  void Say(Word word, const std::string& text);

  const Subject& subject_;
  const int channel_;
};

// The other end: puts together an outcome of what was said.
class Listener {
 public:
  void Hear(const std::string& bytes);

  bool ended() const { return ended_; }
  const std::string& step() const { return step_; }
  Outcome outcome;

 private:
  void HearLine(char word, const std::string& text);
  void Judge(Mark mark, const std::string& seen);

  std::string unfinished_;
  std::string step_;
  bool ended_ = false;
};

}  // namespace vendor_check
