// SPDX-License-Identifier: Apache-2.0
//
// One MDB as the engine sees it: opens contents and tells about them, reads stamps, applies
// outcomes. The key of an item is its message's number and its part's ordinal, eight bytes each.
//
// Thread safety: the engine's threads, many at once. A failure of the database never lets content
// out: it is a status, and one line to `tell`, which any of these threads may call.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "mdb.h"
#include "vsapi/host/engine.h"

namespace store_sim {

class EngineStore final : public vsapi::Store {
 public:
  using Tell = std::function<void(const std::string& line)>;

  // Without `background` the engine scans only what it is asked for.
  EngineStore(std::shared_ptr<Mdb> mdb, Tell tell, bool background = false);

  static vsapi::Stamp StampOf(const Stamp& stamp);
  // The item of `part` for the MDB that the engine knows as `number`.
  static vsapi::Item ItemOf(uint32_t number, int64_t message, const StoredPart& part);
  static vsapi::Item ItemOf(uint32_t number, const NewItem& item);
  // What an item of these is the item of.
  static ItemPlace PlaceOf(const vsapi::Item& item);
  // To be kept beside the content, as nothing but a stamp. `since_generation` is the engine's now.
  static Stamp StampOf(const vsapi::Stamp& stamp, uint64_t since_generation);

  int32_t OpenContent(const vsapi::Item& item, std::unique_ptr<vsapi::Content>& content) override;
  int32_t ReadStamp(const vsapi::Item& item, vsapi::Stamp& stamp) override;
  int32_t Apply(std::span<vsapi::Outcome> outcomes) override;
  int32_t NextStale(const vsapi::Level& level, vsapi::StalePage& page) override;

 private:
  template <typename Work>
  int32_t Guarded(Work work);
  int32_t FindItem(const vsapi::Item& item, StoredPart& part);
  void TellOnce(const std::string& line);

  const std::shared_ptr<Mdb> mdb_;
  const Tell tell_;
  const bool background_;

  std::mutex told_mutex_;
  std::set<std::string> told_;  // by told_mutex_: the same failure of many items is one line
};

}  // namespace store_sim
