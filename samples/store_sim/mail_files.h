// SPDX-License-Identifier: Apache-2.0
//
// Finds the files that hold mail under the paths a user gives: files, Maildirs, and folders of
// them, deep and in a stable order. Says what can't be looked into, and goes on. Reads no mail.
//
//   Maildir  a folder with cur/ and new/: their files, whatever they look like; never tmp/; then
//            those of its folders that are Maildirs themselves. The server's own files are passed
//            over.
//   folder   all its files but those whose names begin with a dot; deeper folders likewise
//
// Says too in which folder of a mailbox they would stand: that of the same path below the one that
// was given, ".Sent.Old" of a Maildir being "Sent/Old".
//
// Symbolic links are followed; a folder is entered once, so a loop ends.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace store_sim {

// Where a message came from, or something that should have been one.
struct Origin {
  std::filesystem::path path;
  uint64_t index = 0;  // in an mbox, from 1; 0: the file is the message

  std::string Text() const;
};

// One thing that could not be taken; the text is one line without the origin: what, and what to do.
using OnProblem = std::function<void(const Origin&, const std::string& text)>;

struct MailFile {
  std::filesystem::path path;
  uint64_t size = 0;
  bool in_maildir = false;  // a message by its place
  std::string folder = {};  // below the path that was given; "": right there
  bool given = false;       // it is that path itself
};

std::vector<MailFile> FindMailFiles(const std::vector<std::filesystem::path>& paths,
                                    const OnProblem& on_problem);

}  // namespace store_sim
