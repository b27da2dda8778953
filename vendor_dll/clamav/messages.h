// SPDX-License-Identifier: GPL-2.0-only
//
// What libclamav complains about. A scan whose temporary files fail often still returns "clean"; an
// error message is then the only sign. libclamav has one message callback per process, so:
//
//   * A MessageSink catches the messages of the thread that it lives on.
//   * Another copy of this DLL (a newer one beside it) may own the callback by now. A sink that is
//     also the first base of the scan's context is found through the context as well, by a tag, so
//     that an older copy's scans keep their guard. The layout below must therefore not change
//     without a change of the tag.
//   * The DLL stays resident, since the callback outlives its instances.
#ifndef VSAPI_VENDOR_DLL_CLAMAV_MESSAGES_H_
#define VSAPI_VENDOR_DLL_CLAMAV_MESSAGES_H_

#include <cstddef>
#include <cstdint>

namespace vsapi::clamav {

class alignas(64) MessageSink {
 public:
  MessageSink();
  ~MessageSink();
  MessageSink(const MessageSink&) = delete;
  MessageSink& operator=(const MessageSink&) = delete;

  uint32_t errors() const { return errors_; }
  uint32_t warnings() const { return warnings_; }
  // The errors and warnings, joined by "; ", as many as fit.
  const char* text() const { return text_; }
  // The first of libclamav's notices: old definitions, an old library ("*** ... ***"), a database
  // that lies there twice.
  const char* notice() const { return notice_; }

  void Add(int severity, const char* message) noexcept;
  static MessageSink* FromContext(void* context) noexcept;

 private:
  void AddNotice(const char* message) noexcept;
  void AddText(const char* message) noexcept;

  uint64_t tag_;
  uint32_t errors_ = 0;
  uint32_t warnings_ = 0;
  char text_[360] = {};
  char notice_[120] = {};
  MessageSink* outer_;
};

// Makes this DLL the owner of libclamav's message callback, and proves that it is heard; throws
// Failure if not. [control]
void ListenToMessages();

}  // namespace vsapi::clamav

#endif  // VSAPI_VENDOR_DLL_CLAMAV_MESSAGES_H_
