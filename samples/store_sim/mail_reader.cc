// SPDX-License-Identifier: Apache-2.0
#include "mail_reader.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace store_sim {
namespace {

constexpr size_t kChunk = 1 << 18;

// A file that is read from its beginning to its end.
class Source {
 public:
  explicit Source(const std::filesystem::path& path)
      : descriptor_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
    error_ = descriptor_ < 0 ? errno : 0;
  }
  ~Source() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  // Appends the next piece to `buffer`; false at the end and after an error.
  bool ReadMore(std::string& buffer) {
    if (error_ != 0) return false;
    const size_t before = buffer.size();
    buffer.resize(before + kChunk);
    ssize_t got;
    do {
      got = read(descriptor_, buffer.data() + before, kChunk);
    } while (got < 0 && errno == EINTR);
    if (got < 0) error_ = errno;
    buffer.resize(before + (got > 0 ? static_cast<size_t>(got) : 0));
    return got > 0;
  }

  int error() const { return error_; }

 private:
  const int descriptor_;
  int error_;
};

std::string Unreadable(int error) {
  return std::string("can't be read: ") + std::strerror(error) + "; check its rights and the disk";
}

std::string TooLarge(uint64_t size, uint64_t limit) {
  const std::string sizes = std::to_string(size >> 20) + " MiB, the limit is ";
  if (size > kMostLargestMessage) {
    return "too large for any store (" + sizes + std::to_string(kMostLargestMessage >> 20) +
           " MiB); leave it out";
  }
  return "too large (" + sizes + std::to_string(limit >> 20) +
         " MiB); raise --max-message-size to take it";
}

bool IsFieldNameByte(char c) { return c > ' ' && c < 0x7f && c != ':'; }

// "Name: value", a quoted From_ line as some mail programs leave it, or nothing but the blank line
// after an empty header in a file that claims to be a mail.
bool LooksLikeMail(std::string_view start, const MailFile& file) {
  if (start.starts_with("\xEF\xBB\xBF")) start.remove_prefix(3);
  const std::string_view line = start.substr(0, start.find('\n'));
  if (file.in_maildir) return line.find('\0') == line.npos || line.find(':') != line.npos;
  if (start.starts_with(">From ")) return true;
  if (line.empty() || line == "\r") return file.path.extension() == ".eml";
  size_t name = 0;
  while (name < line.size() && IsFieldNameByte(line[name])) ++name;
  const size_t colon = line.find_first_not_of(" \t", name);
  return name > 0 && colon != line.npos && line[colon] == ':';
}

// A time of day and a year, as every From_ line by a mail program has them.
bool BearsDate(std::string_view line) {
  const auto digit = [&](size_t i) { return i < line.size() && line[i] >= '0' && line[i] <= '9'; };
  bool time = false;
  bool year = false;
  for (size_t i = 1; i < line.size(); ++i) {
    time |= line[i] == ':' && digit(i - 1) && digit(i + 1) && digit(i + 2);
    year |= line[i - 1] == ' ' && digit(i) && digit(i + 1) && digit(i + 2) && digit(i + 3);
  }
  return time && year;
}

// The lines of an mbox, one after the other, gathered into messages.
class MboxSplitter {
 public:
  MboxSplitter(const MailFile& file, const MailReaderOptions& options, const OnMessage& on_message,
               const OnProblem& on_problem)
      : limit_(options.largest_message), on_message_(on_message), on_problem_(on_problem) {
    origin_.path = file.path;
  }

  // A line with its line end; a piece of one when it is very long.
  void Line(std::string_view line, bool starts, bool ends) {
    if (starts && IsSeparator(line)) return Begin(ends);
    if (in_separator_) {
      in_separator_ = !ends;
      return;
    }
    after_blank_ = starts && (line == "\n" || line == "\r\n");
    blank_size_ = line.size();
    size_ += line.size();
    if (size_ <= limit_ + blank_size_) message_.append(line);
  }

  // At the end of the file, or at the next From_ line: a blank line at the end is the mbox's.
  void End() {
    if (origin_.index == 0) return;
    if (after_blank_) size_ -= blank_size_;
    if (size_ > limit_) {
      on_problem_(origin_, TooLarge(size_, limit_));
    } else if (size_ == 0) {
      on_problem_(origin_, "is empty; nothing to store");
    } else {
      on_message_(std::string_view(message_).substr(0, size_), origin_);
    }
  }

 private:
  bool IsSeparator(std::string_view line) {
    if (!line.starts_with("From ")) return false;
    if (origin_.index == 0) dated_ = BearsDate(line);
    return origin_.index == 0 || (after_blank_ && (!dated_ || BearsDate(line)));
  }

  void Begin(bool line_ends) {
    End();
    ++origin_.index;
    in_separator_ = !line_ends;
    after_blank_ = false;
    size_ = 0;
    message_.clear();
  }

  const uint64_t limit_;
  const OnMessage& on_message_;
  const OnProblem& on_problem_;
  Origin origin_;
  bool dated_ = false;
  bool in_separator_ = false;  // within a From_ line longer than a piece
  bool after_blank_ = false;
  uint64_t blank_size_ = 0;
  uint64_t size_ = 0;
  std::string message_;
};

void ReadMbox(Source& source, std::string buffer, MboxSplitter& splitter) {
  bool starts = true;
  do {
    std::string_view rest = buffer;
    for (size_t end; (end = rest.find('\n')) != rest.npos; rest.remove_prefix(end + 1)) {
      splitter.Line(rest.substr(0, end + 1), starts, true);
      starts = true;
    }
    if (rest.size() >= kChunk) {
      splitter.Line(rest, starts, false);
      starts = false;
      rest = {};
    }
    buffer.erase(0, buffer.size() - rest.size());
  } while (source.ReadMore(buffer));
  if (!buffer.empty()) splitter.Line(buffer, starts, true);
}

void ReadSingle(Source& source, std::string buffer, const MailFile& file,
                const MailReaderOptions& options, const OnMessage& on_message,
                const OnProblem& on_problem) {
  const Origin origin{file.path, 0};
  while (buffer.size() <= options.largest_message && source.ReadMore(buffer)) {
  }
  if (source.error() != 0) return on_problem(origin, Unreadable(source.error()));
  if (buffer.size() > options.largest_message) {
    return on_problem(origin, TooLarge(buffer.size(), options.largest_message));
  }
  on_message(buffer, origin);
}

}  // namespace

void ReadMail(const MailFile& file, const MailReaderOptions& options, const OnMessage& on_message,
              const OnProblem& on_problem) {
  const Origin origin{file.path, 0};
  Source source(file.path);
  std::string start;
  const bool any = source.ReadMore(start);
  if (source.error() != 0) return on_problem(origin, Unreadable(source.error()));
  if (!any) return on_problem(origin, "is empty; nothing to store");
  if (start.starts_with("From ") && !file.in_maildir) {
    MboxSplitter splitter(file, options, on_message, on_problem);
    ReadMbox(source, std::move(start), splitter);
    if (source.error() != 0) return on_problem(origin, Unreadable(source.error()));
    return splitter.End();
  }
  if (!LooksLikeMail(start, file)) return on_problem(origin, "is no mail; leave it out");
  if (file.size > options.largest_message) {
    return on_problem(origin, TooLarge(file.size, options.largest_message));
  }
  ReadSingle(source, std::move(start), file, options, on_message, on_problem);
}

}  // namespace store_sim
