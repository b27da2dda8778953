// SPDX-License-Identifier: Apache-2.0
//
// Messages on their way as a store of the engine's own, so that they are scanned like any item:
// contents are read by the hosts' readers, and what was judged is kept by content, in memory, as
// long as there is room. So a mail to many, or one that comes back by a rule, is scanned once.
//
// Thread safety: all of it from any thread. No lock is held over a call of a host's reader.
#pragma once

#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "mutex.h"
#include "scan_request.h"
#include "stamp.h"

namespace vsapi::engine {

// One message, held by who waits for it and by each content of it that is open; then its host is
// told that it is needed no more.
class Submission {
 public:
  struct Replacement {
    std::string content;
    vsapi_stamp stamp;
  };

  // `number` is that of the message, `mdb` that of the submissions' store.
  Submission(const vsapi_message& message, uint64_t number, uint32_t mdb);
  ~Submission();
  Submission(const Submission&) = delete;
  Submission& operator=(const Submission&) = delete;

  // Is the host's message ours? Told while nobody else knows of it.
  void set_is_owned(bool is_owned) { is_owned_ = is_owned; }

  const std::string& message_id() const { return message_id_; }
  // With keys of ours.
  const std::vector<vsapi_item>& items() const { return items_; }
  const vsapi_store_table& reader() const { return reader_; }
  void* source() const { return source_; }
  int32_t Open(size_t part, vsapi_content& content) const;

  void Replace(size_t part, Replacement replacement);
  // What the vendor has cleaned it to, or null; constant once it is there.
  const Replacement* ReplacementOf(size_t part) const;

 private:
  struct HostPlace {
    uint32_t mdb;
    vsapi_key key;
  };

  vsapi_store_table reader_ = {};
  void* const source_;
  bool is_owned_ = false;
  const std::string message_id_;
  std::vector<vsapi_item> items_;
  std::vector<HostPlace> host_places_;
  mutable Mutex mutex_;
  std::map<size_t, Replacement> replacements_ VSAPI_GUARDED_BY(mutex_);
};

class Submissions {
 public:
  static constexpr size_t kMostStamps = 16384;

  // The functions of a store whose `store` is a Submissions.
  static const vsapi_store_table kTable;

  // It can be read until the last one lets go of it.
  std::shared_ptr<Submission> Add(const vsapi_message& message, uint32_t mdb);

 private:
  static int32_t VSAPI_CALL OpenContent(void* self, const vsapi_item* item, vsapi_content* content);
  static int32_t VSAPI_CALL ReadContent(void* self, vsapi_content* content, uint64_t offset,
                                        void* buffer, size_t size, size_t* got);
  static int32_t VSAPI_CALL Property(void* self, vsapi_content* content, uint32_t id,
                                     uint32_t index, vsapi_value* value);
  static void VSAPI_CALL CloseContent(void* self, vsapi_content* content);
  static int32_t VSAPI_CALL ReadStamp(void* self, const vsapi_item* item, vsapi_stamp* stamp);
  static int32_t VSAPI_CALL Apply(void* self, vsapi_outcome* outcomes, size_t count);

  std::shared_ptr<Submission> Find(const vsapi_item& item);
  int32_t ApplyOne(const vsapi_outcome& outcome);
  void Keep(const vsapi_digest& digest, const vsapi_stamp& stamp);
  void ForgetEnded() VSAPI_REQUIRES(mutex_);

  Mutex mutex_;
  uint64_t last_number_ VSAPI_GUARDED_BY(mutex_) = 0;
  size_t ended_ VSAPI_GUARDED_BY(mutex_) = 64;  // when so many are known, look which have ended
  std::unordered_map<uint64_t, std::weak_ptr<Submission>> known_ VSAPI_GUARDED_BY(mutex_);
  std::unordered_map<vsapi_digest, vsapi_stamp, DigestHash, DigestEqual> stamps_
      VSAPI_GUARDED_BY(mutex_);
  std::vector<vsapi_digest> oldest_ VSAPI_GUARDED_BY(mutex_);  // of the stamps: a ring
  size_t next_ VSAPI_GUARDED_BY(mutex_) = 0;                   // in it
};

}  // namespace vsapi::engine
