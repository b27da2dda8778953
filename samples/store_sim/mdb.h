// SPDX-License-Identifier: Apache-2.0
//
// One messaging database: an SQLite file that keeps messages byte for byte, once each however many
// folders hold them, with their parts and the stamps of their contents.
//
// Thread safety: every function may be called by any thread. Readers take a connection each from a
// pool, which grows to the number of threads that read at once, and see the last commit; writers
// take turns at one connection.
//
// Failures throw Error. What was committed before stays; what failed leaves no trace.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "database.h"
#include "mdb_rows.h"

namespace store_sim {

inline constexpr char kNotWhatWasStored[] =
    "its bytes are not those that were stored: the database is damaged; restore it from a backup";

// Does a change survive a power cut from the moment it returns, or only a crash of the program?
// What denies or changes content must be kDurable; a clean stamp may be kGrouped.
enum class Durability { kGrouped, kDurable };

class Mdb {
 public:
  // Makes an empty MDB; the file must not exist.
  static void Create(const std::filesystem::path& file, MdbKind kind = MdbKind::kPrivate);
  // Is it of an earlier version?
  static bool IsOutdated(const std::filesystem::path& file);

  // Fails if the file isn't an MDB, or one of a later version; one of an earlier version is brought
  // up to date for writing, and not opened for reading alone.
  Mdb(const std::filesystem::path& file, std::string name, Access access);
  ~Mdb();  // writes the openings that are gathered, if it can

  const std::string& name() const { return name_; }
  MdbKind kind() const { return kind_; }

  // Reading -----------------------------------------------------------------------------------

  // The first `limit` messages with a number above `after`, by number; those that stand in `place`,
  // whose mailbox or folder may be "": any. None that is quarantined.
  std::vector<MessageSummary> List(int64_t after, size_t limit, const Placement& place = {});
  // The numbers alone.
  std::vector<int64_t> Numbers(int64_t after, size_t limit, const Placement& place = {});
  std::optional<StoredMessage> Find(int64_t number);
  // Its `parts` stay empty.
  std::optional<StoredMessage> FindWithoutParts(int64_t number);
  // The message with these bytes.
  std::optional<int64_t> FindNumber(const Digest& digest);
  std::optional<StoredPart> FindPart(const ItemPlace& item);
  std::optional<std::string> ReadRaw(int64_t number);
  // The decoded bytes.
  std::optional<std::string> ReadContent(const Digest& content);
  // nullopt: there is no such content.
  std::optional<ContentMark> ReadMark(const Digest& content);
  MdbTotals Totals();

  // The next items after `at` that have no stamp or one that is not current, and are wanted; none:
  // the walk is over. Asks about one stamp of each kind, without its time and
  // finding, and by the generation that it is of at least. What is likeliest to be bad comes first.
  std::vector<StaleItem> NextStale(const IsCurrent& is_current, const StaleWanted& wanted,
                                   StalePlace& at);
  uint64_t Mailboxes();
  // By mailbox and path.
  std::vector<FolderSummary> Folders();
  // What is out of the reach of clients, by number.
  std::vector<QuarantinedMessage> Quarantined();

  // Has a pass found all that every folder holds current under `level`, and nothing come since?
  bool IsSwept(const Level& level);

  // The record: all that was ever found in messages, by message; who was given one, the first
  // first.
  std::vector<Detection> Detections();
  std::vector<Opening> OpeningsOf(int64_t message);
  // All of the record that tells of it, what was not written yet too.
  MessageRecord RecordOf(int64_t message);
  // The details of a message that was deleted by an outcome, as they were; without parts.
  std::optional<StoredMessage> FindDeparted(int64_t message);

  // Writing; Access::kWrite only ---------------------------------------------------------------

  // All of them in one durable transaction, with the stamps that they bring, or none. Adds to
  // `new_items` unless it is null. What their contents are known to be, and is so by `is_current`,
  // is done to them at once; without it that is left to who asks for them.
  ImportCount Import(std::span<const IncomingMessage> messages,
                     std::vector<NewItem>* new_items = nullptr, const IsCurrent& is_current = {});

  // Takes the message out of all folders of a mailbox, and out of the MDB, with all of its record,
  // when it stands in no other. With `to` it stands there from then on. Fails if its bytes are no
  // longer what they `was`, or that mailbox does not have it: what somebody has made of it
  // meanwhile must not go with it. Durable, all of it or nothing.
  void TakeOut(int64_t number, const Digest& was, const std::string& mailbox,
               const std::optional<Placement>& to);

  // Adds what another MDB's record told of the message. Durable; twice is as once.
  void AddRecord(int64_t message, const MessageRecord& record);

  // The owner of a mailbox saves other content for a part. Others who have the message keep theirs:
  // then his is another one from now on. Returns its number. Adds what is new in the store to
  // `new_items`; what is known to be bad is dealt with as by Import. Fails if the part is no longer
  // what it `was`. Durable, all of it or nothing.
  int64_t SavePart(const ItemPlace& item, const Digest& was, const std::string& mailbox,
                   const std::string& content, std::vector<NewItem>& new_items,
                   const IsCurrent& is_current);

  // All of them in one transaction; the outcomes in the order of the changes.
  std::vector<MarkOutcome> ApplyMarks(std::span<const MarkChange> changes, Durability durability);

  // Somebody is given the message. In memory; written with the next outcomes, in a group of its own
  // when there are many, or by WriteOpenings.
  void NoteOpened(int64_t message, const std::string& user, const std::string& client,
                  int64_t time_ns);
  void WriteOpenings();

  // Takes a message out of quarantine, as it was received. It gets back the number and the places
  // of what stood in for it; returns the number it has then. kForgiven: what its verdict says
  // against it holds no longer, as long as the same vendor judges; by an administrator's order.
  // Durable.
  enum class Verdict { kStands, kForgiven };
  int64_t Release(int64_t number, Verdict verdict, int64_t now_ns);

  // A pass under `level` is over: marks the folders that hold nothing stale. Returns how many are
  // so now that were not before.
  uint64_t FinishFolders(const Level& level, const IsCurrent& is_current);

 private:
  class Reader;

  Database& WriterLocked();
  size_t PutOpeningsLocked(Database& writer);
  void ForgetOpenings(size_t written);
  void Place(Database& writer, const Placement& placement, int64_t message);
  bool Arrive(Database& writer, const IncomingMessage& message, std::vector<NewItem>* new_items,
              const IsCurrent& is_current, ImportCount& count);

  const std::filesystem::path file_;
  const std::string name_;
  MdbKind kind_ = MdbKind::kPrivate;

  std::mutex writer_mutex_;
  std::unique_ptr<Database> writer_;  // by writer_mutex_; null: opened for reading only

  std::mutex openings_mutex_;      // after writer_mutex_
  std::vector<Opening> openings_;  // by openings_mutex_: not written yet, the oldest first

  std::mutex pool_mutex_;
  std::vector<std::unique_ptr<Database>> idle_readers_;  // by pool_mutex_
};

}  // namespace store_sim
