// SPDX-License-Identifier: Apache-2.0
//
// A mail file from anywhere, an mbox or one message: each message that is read out of it stands in
// it byte for byte, one behind the other.
#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "fuzz.h"
#include "mail_reader.h"

using vsapi::fuzz::Require;

namespace {

// In memory, and found by a path all the same.
class FileOf {
 public:
  explicit FileOf(std::string_view bytes) : descriptor_(memfd_create("mailbox", MFD_CLOEXEC)) {
    Require(write(descriptor_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()),
            "memory takes a file");
  }
  ~FileOf() { close(descriptor_); }
  FileOf(const FileOf&) = delete;
  FileOf& operator=(const FileOf&) = delete;
  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  const int descriptor_;
};

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes = vsapi::fuzz::Bytes(data, size);
  const FileOf file(bytes);
  size_t from = 0;
  store_sim::ReadMail(
      {.path = file.path(), .size = size}, {.largest_message = 512},
      [&](std::string_view raw, const store_sim::Origin&) {
        Require(raw.size() <= 512, "no message is above the limit");
        const size_t found = bytes.find(raw, from);
        Require(found != bytes.npos, "a message is what the file holds");
        from = found + raw.size();
      },
      [](const store_sim::Origin&, const std::string& problem) {
        Require(!problem.empty(), "a problem is told");
      });
  return 0;
}
