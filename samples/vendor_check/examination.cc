// SPDX-License-Identifier: Apache-2.0
#include "examination.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <exception>

namespace vendor_check {
namespace {

// A line no longer than what a pipe takes whole.
constexpr size_t kLongestText = 2'000;
constexpr size_t kMostSeen = 6;

struct Skipped {};

}  // namespace

void Examination::Say(Word word, const std::string& text) {
  std::string line = static_cast<char>(word) + text.substr(0, kLongestText);
  std::ranges::replace(line, '\n', ' ');
  line += '\n';
  while (write(channel_, line.data(), line.size()) < 0 && errno == EINTR) continue;
}

void Examination::Skip(const std::string& reason) {
  Say(kSkip, reason);
  throw Skipped();
}

void Examination::Run(const Check& check) {
  try {
    check.run(*this);
  } catch (const Skipped&) {
  } catch (const std::exception& failure) {
    Fail(failure.what());
  }
  Say(kEnd, "");
}

void Listener::Hear(const std::string& bytes) {
  unfinished_ += bytes;
  for (size_t end; (end = unfinished_.find('\n')) != std::string::npos;) {
    HearLine(unfinished_.front(), unfinished_.substr(1, end - 1));
    unfinished_.erase(0, end + 1);
  }
}

void Listener::HearLine(char word, const std::string& text) {
  switch (word) {
    case Examination::kStep:
      step_ = text;
      break;
    case Examination::kFail:
      Judge(Mark::kFail, text);
      break;
    case Examination::kWarn:
      Judge(Mark::kWarn, text);
      break;
    case Examination::kSkip:
      Judge(Mark::kSkip, text);
      break;
    case Examination::kNote:
      outcome.notes.push_back(text);
      break;
    case Examination::kEnd:
      ended_ = true;
  }
}

// A failure is never taken back by what is said later.
void Listener::Judge(Mark mark, const std::string& seen) {
  if (outcome.mark != Mark::kFail) outcome.mark = mark;
  if (outcome.seen.size() < kMostSeen) outcome.seen.push_back(seen);
}

}  // namespace vendor_check
