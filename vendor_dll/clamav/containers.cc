// SPDX-License-Identifier: GPL-2.0-only
#include "containers.h"

#include <algorithm>
#include <functional>

#include "little_endian.h"

namespace vsapi::clamav {
namespace {

// libclamav shows no layer for what is as short.
constexpr uint64_t kTooShortToShow = 5;
// Such contents, compressed, stay below this with their headers.
constexpr size_t kSmallestStream = 64;

constexpr std::string_view k7z = "CL_TYPE_7Z";

bool HoldsAnything(std::string_view) { return true; }

bool HoldsMoreThanAStreamOfNothing(std::string_view stream) {
  return stream.size() > kSmallestStream;
}

// By the directory, which is the only place that always has the sizes.
bool ZipHoldsMembers(std::string_view zip) {
  constexpr std::string_view kDirectoryHeader{"PK\x01\x02", 4};
  constexpr size_t kSizeAt = 24;
  for (size_t at = zip.find(kDirectoryHeader); at != std::string_view::npos;
       at = zip.find(kDirectoryHeader, at + 1))
    if (at + kSizeAt + 4 <= zip.size() && LittleEndian(zip, at + kSizeAt, 4) > kTooShortToShow)
      return true;
  return false;
}

// A number of 7z's own encoding below 2^14, which is all that is asked here; else -1.
int64_t SevenZipNumber(std::string_view bytes) {
  if (bytes.size() < 2) return -1;
  const unsigned first = static_cast<uint8_t>(bytes[0]);
  if (first < 0x80) return first;
  return first < 0xc0 ? (first & 0x3f) << 8 | static_cast<uint8_t>(bytes[1]) : -1;
}

// An archive of folders alone holds no packed stream: it has no header; or one that lists files and
// no streams; or a packed one that fills all the room there is.
bool SevenZipHoldsMembers(std::string_view archive) {
  constexpr size_t kStart = 32;
  constexpr std::string_view kOnlyNames{"\x01\x05", 2};
  constexpr std::string_view kPackedAtStart{"\x17\x06\x00\x01\x09", 5};
  if (archive.size() < kStart) return true;
  const uint64_t offset = LittleEndian(archive, 12, 8);
  const uint64_t size = LittleEndian(archive, 20, 8);
  if (size == 0) return archive.size() > kStart;
  if (offset > archive.size() - kStart) return true;
  const std::string_view header = archive.substr(kStart + offset);
  if (header.size() != size) return true;
  if (header.starts_with(kOnlyNames)) return offset > 0;
  return !header.starts_with(kPackedAtStart) ||
         SevenZipNumber(header.substr(kPackedAtStart.size())) != static_cast<int64_t>(offset);
}

struct Container {
  std::string_view type;
  const char* what;
  bool (*holds_members)(std::string_view content);
};

constexpr Container kContainers[] = {
    {k7z, "a 7z archive in which nothing could be looked at", SevenZipHoldsMembers},
    {"CL_TYPE_ZIP", "a zip archive in which nothing could be looked at", ZipHoldsMembers},
    {"CL_TYPE_GZ", "a gzip stream in which nothing could be looked at",
     HoldsMoreThanAStreamOfNothing},
    {"CL_TYPE_BZ", "a bzip2 stream in which nothing could be looked at",
     HoldsMoreThanAStreamOfNothing},
    {"CL_TYPE_XZ", "an xz stream in which nothing could be looked at",
     HoldsMoreThanAStreamOfNothing},
    {"CL_TYPE_MSCAB", "a cabinet in which nothing could be looked at", HoldsAnything},
    {"CL_TYPE_ARJ", "an ARJ archive in which nothing could be looked at", HoldsAnything},
    {"CL_TYPE_ALZ", "an ALZ archive in which nothing could be looked at", HoldsAnything},
    {"CL_TYPE_EGG", "an EGG archive in which nothing could be looked at", HoldsAnything},
    {"CL_TYPE_LHA_LZH", "an LHA archive in which nothing could be looked at", HoldsAnything},
    {"CL_TYPE_XAR", "an XAR archive in which nothing could be looked at", HoldsAnything},
    {"CL_TYPE_MSSZDD", "a file of COMPRESS.EXE in which nothing could be looked at", HoldsAnything},
};

const char* FindContainer(std::string_view type, std::string_view content) {
  const auto* found = std::ranges::find(kContainers, type, &Container::type);
  return found != std::end(kContainers) && found->holds_members(content) ? found->what : nullptr;
}

}  // namespace

void Containers::Enter(std::string_view type, std::string_view name, std::string_view content,
                       uint32_t depth) noexcept {
  SettleAnnouncement(name);
  const size_t level = std::min<size_t>(depth, kLevels - 1);
  CloseFrom(static_cast<uint32_t>(level));
  // Whatever is above has shown something now; libclamav may count a level twice.
  for (size_t above = level; above > 0; --above) waiting_[above - 1] = nullptr;
  waiting_[level] = FindContainer(type, content);
  deepest_ = level;
}

void Containers::Announce(std::string_view type, std::string_view name, uint64_t size) noexcept {
  if (type != k7z) return;
  SettleAnnouncement({});
  // Its directory was read, so each member is answered for by its announcement.
  waiting_[deepest_] = nullptr;
  is_announced_ = size > kTooShortToShow;
  announced_ = std::hash<std::string_view>{}(name);
}

void Containers::Finish() noexcept {
  SettleAnnouncement({});
  CloseFrom(0);
}

void Containers::SettleAnnouncement(std::string_view name) noexcept {
  if (is_announced_ && !unopened_ && std::hash<std::string_view>{}(name) != announced_)
    unopened_ = "a 7z archive with a member that could not be unpacked";
  is_announced_ = false;
}

void Containers::CloseFrom(uint32_t depth) noexcept {
  for (size_t level = depth; level <= deepest_; ++level) {
    if (waiting_[level] && !unopened_) unopened_ = waiting_[level];
    waiting_[level] = nullptr;
  }
}

}  // namespace vsapi::clamav
