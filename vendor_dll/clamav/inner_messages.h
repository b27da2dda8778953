// SPDX-License-Identifier: GPL-2.0-only
//
// Messages that libclamav meets but does not take apart. It tells a message by the name of its
// first field and takes what begins with another one for text; behind a field that it knows, it
// takes apart any. So each content that starts like a message is copied behind such a field, to be
// scanned once more. Copies together are bounded. Filled from inside libclamav; one scan's thread
// only.
#ifndef VSAPI_VENDOR_DLL_CLAMAV_INNER_MESSAGES_H_
#define VSAPI_VENDOR_DLL_CLAMAV_INNER_MESSAGES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vsapi::clamav {

// A field ("Name: value") in the first line, and an empty line somewhere after it. Readers of mail
// forgive odd lines between, so they don't matter.
bool StartsLikeMessage(std::string_view content) noexcept;

class InnerMessages {
 public:
  explicit InnerMessages(uint64_t most_bytes) : room_(most_bytes) {}

  // A layer is about to be looked at; `type` is libclamav's name for what it is. False if there is
  // no memory for a copy.
  bool Meet(std::string_view type, std::string_view content) noexcept;

  bool empty() const { return copies_.empty(); }
  size_t count() const { return copies_.size(); }
  // More was met than may be copied.
  bool overflowed() const { return overflowed_; }

  std::string TakeNext();
  // All but the first `count` copies, since they will be met again.
  void Forget(size_t count);

 private:
  uint64_t room_;
  bool overflowed_ = false;
  std::vector<std::string> copies_;
};

}  // namespace vsapi::clamav

#endif  // VSAPI_VENDOR_DLL_CLAMAV_INNER_MESSAGES_H_
