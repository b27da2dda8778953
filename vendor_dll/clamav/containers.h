// SPDX-License-Identifier: GPL-2.0-only
//
// Which containers of one scan were opened. libclamav calls an archive clean that it could not
// unpack, and so it does a 7z member of a method that it does not know; but then no layer follows
// in the callbacks, and that is what is watched here. No allocation, nothing thrown: it is fed from
// inside libclamav. One scan's thread only.
#ifndef VSAPI_VENDOR_DLL_CLAMAV_CONTAINERS_H_
#define VSAPI_VENDOR_DLL_CLAMAV_CONTAINERS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace vsapi::clamav {

class Containers {
 public:
  // A layer is about to be looked at; `type` is libclamav's name for what it is.
  void Enter(std::string_view type, std::string_view name, std::string_view content,
             uint32_t depth) noexcept;

  // A container of `type` says that it holds a member.
  void Announce(std::string_view type, std::string_view name, uint64_t size) noexcept;

  // The scan is over: no more layers.
  void Finish() noexcept;

  // The first that was not opened, as a noun phrase; nullptr if there is none.
  const char* unopened() const { return unopened_; }

 private:
  // Parameters allow a hundred levels, and libclamav counts some twice.
  static constexpr size_t kLevels = 256;

  // A member of a 7z comes as an announcement, then as a layer of the same name, before the next.
  void SettleAnnouncement(std::string_view name) noexcept;
  void CloseFrom(uint32_t depth) noexcept;

  std::array<const char*, kLevels> waiting_{};  // by depth: a container that has shown nothing yet
  size_t deepest_ = 0;
  size_t announced_ = 0;  // hash of the name
  bool is_announced_ = false;
  const char* unopened_ = nullptr;
};

}  // namespace vsapi::clamav

#endif  // VSAPI_VENDOR_DLL_CLAMAV_CONTAINERS_H_
