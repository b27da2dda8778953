// SPDX-License-Identifier: Apache-2.0
//
// One shard of the in-flight table: the requests whose digests belong to it, which of them is shown
// to newcomers, and which items each is for; all of them looked up by hash, whatever their number.
// Requests and targets are used again and never freed before the table.
//
// Thread safety: callers hold `mutex` where a function says so. Grow is the one place that
// allocates, and takes the lock itself only to put what is new into its place.
#pragma once

#include <array>
#include <boost/intrusive/unordered_set.hpp>
#include <list>

#include "mutex.h"
#include "scan_request.h"
#include "stamp.h"

namespace vsapi::engine {

class InFlightShard {
 public:
  // Before all else: which one of how many it is.
  void Number(size_t number, size_t shards);

  // Is there a free request, and a free target?
  bool HasSparesLocked() const VSAPI_REQUIRES(mutex);
  void Grow();  // not under the lock; may throw std::bad_alloc

  // The request that newcomers of this digest join, or nullptr.
  ScanRequest* FindLocked(const vsapi_digest& digest) VSAPI_REQUIRES(mutex);
  void ShowLocked(ScanRequest& request) VSAPI_REQUIRES(mutex);
  void HideLocked(ScanRequest& request) VSAPI_REQUIRES(mutex);  // if it is shown

  // A free one; EndLocked gives it back, with all its targets.
  ScanRequest& TakeLocked() VSAPI_REQUIRES(mutex);
  void EndLocked(ScanRequest& request) VSAPI_REQUIRES(mutex);

  // The target of `request` for that item, which is added if there is none yet.
  Target& AddTargetLocked(ScanRequest& request, Mdb* mdb, const vsapi_item& item)
      VSAPI_REQUIRES(mutex);
  void ForgetFirstLocked(ScanRequest& request) VSAPI_REQUIRES(mutex);
  // Targets and waiters of `from` become those of `into`.
  void MoveLocked(ScanRequest& from, ScanRequest& into) VSAPI_REQUIRES(mutex);

  template <class Each>
  void ForEachLocked(Each each) VSAPI_REQUIRES(mutex) {
    for (auto& block : requests_)
      for (ScanRequest& request : block) each(request);
  }

  mutable Mutex mutex;
  size_t live VSAPI_GUARDED_BY(mutex) = 0;
  size_t scanning VSAPI_GUARDED_BY(mutex) = 0;  // at the vendor, or being applied

 private:
  struct DigestOf {
    using type = vsapi_digest;
    const type& operator()(const ScanRequest& request) const { return request.digest; }
  };
  // One item in one request.
  struct Place {
    const ScanRequest* request;
    const Mdb* mdb;
    const vsapi_key* key;
  };
  struct PlaceOf {
    using type = Place;
    Place operator()(const Target& target) const {
      return {target.request, target.mdb, &target.item.key};
    }
  };
  struct PlaceHash {
    size_t operator()(const Place& place) const;
  };
  struct PlaceEqual {
    bool operator()(const Place& a, const Place& b) const;
  };
  template <class T, class... Options>
  using Table =
      boost::intrusive::unordered_set<T, boost::intrusive::power_2_buckets<true>,
                                      boost::intrusive::constant_time_size<false>, Options...>;
  using Shown = Table<ScanRequest, boost::intrusive::base_hook<TableHook>,
                      boost::intrusive::key_of_value<DigestOf>, boost::intrusive::hash<DigestHash>,
                      boost::intrusive::equal<DigestEqual>>;
  using Places = Table<Target, boost::intrusive::key_of_value<PlaceOf>,
                       boost::intrusive::hash<PlaceHash>, boost::intrusive::equal<PlaceEqual>>;

  void AppendLocked(ScanRequest& request, Target& target) VSAPI_REQUIRES(mutex);
  void PutBackLocked(Target& target) VSAPI_REQUIRES(mutex);

  static constexpr size_t kBuckets = 256;  // never rehashed
  static constexpr size_t kBlock = 16;     // requests, and targets, made at a time

  size_t number_ = 0;  // constant, and the next one
  size_t shards_ = 0;
  uint64_t next_request_ VSAPI_GUARDED_BY(mutex) = 0;  // unlike any other shard's
  std::list<std::array<ScanRequest, kBlock>> requests_ VSAPI_GUARDED_BY(mutex);
  std::list<std::array<Target, kBlock>> targets_ VSAPI_GUARDED_BY(mutex);
  boost::intrusive::list<ScanRequest, boost::intrusive::base_hook<LaneHook>> free_
      VSAPI_GUARDED_BY(mutex);
  Target* free_targets_ VSAPI_GUARDED_BY(mutex) = nullptr;
  std::array<Shown::bucket_type, kBuckets> shown_buckets_;
  std::array<Places::bucket_type, kBuckets> place_buckets_;
  Shown shown_ VSAPI_GUARDED_BY(mutex){Shown::bucket_traits(shown_buckets_.data(), kBuckets)};
  Places places_ VSAPI_GUARDED_BY(mutex){Places::bucket_traits(place_buckets_.data(), kBuckets)};
};

}  // namespace vsapi::engine
