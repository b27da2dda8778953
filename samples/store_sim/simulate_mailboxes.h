// SPDX-License-Identifier: Apache-2.0
//
// The mailboxes of a simulation, and which messages their clients see in them: as the store has
// them at the beginning, then as clients store and move them. Mailboxes stand in the private MDBs
// in turn.
//
// Thread safety: any thread.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "store.h"

namespace store_sim {

// Throws Error if there is none.
std::vector<Mdb*> PrivateMdbs(const Store& store);

class Mailboxes {
 public:
  struct Place {
    Mdb* mdb = nullptr;
    int64_t number = 0;

    bool operator==(const Place&) const = default;
  };

  Mailboxes(const Store& store, uint64_t count);

  uint64_t count() const { return all_.size(); }
  static std::string NameOf(uint64_t mailbox);
  // None: it is not one of these.
  std::optional<uint64_t> Find(const std::string& name) const;
  const std::vector<Mdb*>& mdbs() const { return mdbs_; }  // the private ones
  // Where what comes to it is stored.
  Mdb& mdb(uint64_t mailbox) const { return *mdbs_[mailbox % mdbs_.size()]; }

  void Add(uint64_t mailbox, const Place& place);
  void Replace(uint64_t mailbox, const Place& from, const Place& to);

  // One of the last 20 in four of five cases, else any.
  std::optional<Place> Pick(uint64_t mailbox, uint64_t dice) const;
  std::vector<Place> Newest(uint64_t mailbox, size_t count) const;

 private:
  const std::vector<Mdb*> mdbs_;

  mutable std::mutex mutex_;
  std::vector<std::vector<Place>> all_;  // by mutex_, but for how many mailboxes there are
};

// Calls `take` with each message that clients see in one of these mailboxes, once for each of them.
void ForEachSeen(const Mailboxes& mailboxes, Mdb& mdb,
                 const std::function<void(uint64_t mailbox, const StoredMessage&)>& take);

}  // namespace store_sim
