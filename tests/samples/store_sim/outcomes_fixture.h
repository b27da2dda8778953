// SPDX-License-Identifier: Apache-2.0
//
// What the tests of outcomes share: an MDB of two messages with the same attachment, and orders for
// it.
#pragma once

#include <gtest/gtest.h>

#include "importer.h"
#include "mdb_check.h"
#include "store.h"
#include "temp_folder.h"

namespace store_sim {

inline const std::string kAttachment("\0\1\2\3\xff", 5);
inline constexpr ItemPlace kFirst{1, 1};  // the attachment of the first message

// Parts: a body of its own, the attachment, a picture that all messages have.
inline std::string Message(const std::string& subject) {
  return "From: a@example.org\nSubject: " + subject +
         "\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n" + subject +
         "\n--b\nContent-Type: application/x\nContent-Disposition: attachment; filename=x.bin\n"
         "Content-Transfer-Encoding: base64\n\nAAECA/8=\n"
         "--b\nContent-Type: image/png\n\npicture\n--b--\n";
}

class OutcomesTest : public ::testing::Test {
 protected:
  OutcomesTest() {
    Store::Init(folder_ / "s", {"mdb1"});
    store_.emplace(folder_ / "s", Access::kWrite);
    Import("one", {"alice", "Inbox"});
    Import("two", {"bob", "Inbox/Old"});
  }

  Mdb& mdb() { return store_->mdb(""); }
  ImportCount Import(const std::string& subject, const Placement& place,
                     const IsCurrent& is_current = {}) {
    new_items_.clear();
    Importer importer(
        mdb(), [this](const auto& items) { new_items_ = items; }, is_current);
    importer.Add(Prepare(Message(subject), place, 7));
    importer.Flush();
    return importer.count();
  }
  StoredPart Part(int64_t message, int64_t ordinal) {
    return mdb().FindPart({message, ordinal}).value();
  }
  MarkOutcome Apply(const ItemPlace& item, int32_t action, int32_t verdict,
                    int32_t scope = VSAPI_SCOPE_CONTENT, const std::string& replacement = "") {
    Stamp stamp;
    stamp.vendor = "V";
    stamp.version = 1;
    stamp.generation = 1;
    stamp.verdict = verdict;
    stamp.finding = "Evil";
    stamp.scope = scope;
    stamp.action = action;
    MarkChange change;
    change.content = Part(item.message, item.ordinal).content;
    change.mark.stamp = stamp;
    change.item = item;
    change.replacement = replacement;
    return mdb().ApplyMarks({&change, 1}, Durability::kDurable).front();
  }
  // The problems that a check finds.
  std::vector<std::string> Problems() {
    std::vector<std::string> problems;
    CheckMdb(mdb(), folder_ / "s/mdb1.db", [&](const auto& line) { problems.push_back(line); });
    return problems;
  }

  TempFolder folder_;
  std::optional<Store> store_;
  std::vector<NewItem> new_items_;  // of the last import
};

}  // namespace store_sim
