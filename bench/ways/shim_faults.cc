// SPDX-License-Identifier: Apache-2.0
#include "shim_faults.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <iostream>
#include <thread>

#include "error.h"
#include "importer.h"
#include "large_mail.h"
#include "mail_mix.h"
#include "mdb_check.h"
#include "mdb_look.h"
#include "one_call.h"
#include "times.h"

namespace store_sim::ways {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr int kMails = 20;
constexpr int kWritesBetween = 50;  // two failures

// A store of its own, which is written into while `judge` has its say.
class SmallStore {
 public:
  SmallStore(const Places& places, const std::string& name)
      : folder_(places.folder / name), file_(folder_ / "mdb1.db") {
    fs::create_directory(folder_);
    Mdb::Create(file_);
    mdb_.emplace(file_, "mdb1", Access::kWrite);
  }

  Mdb& mdb() { return *mdb_; }
  const fs::path& file() const { return file_; }
  const fs::path& folder() const { return folder_; }

  // False: the store has refused it.
  bool Deliver(const std::string& mail) try {
    DeliverInto(*mdb_, mail);
    return true;
  } catch (const Error&) {
    return false;
  }
  static void DeliverInto(Mdb& mdb, const std::string& mail) {
    const IncomingMessage message = Prepare(mail, {"user", "Inbox"}, NowNs());
    mdb.Import({&message, 1});
  }

  // As the next start finds it.
  void OpenAgain() {
    mdb_.reset();
    mdb_.emplace(file_, "mdb1", Access::kWrite);
  }
  uint64_t Damages() {
    return CheckMdb(*mdb_, file_, [](const std::string&) {}).problems;
  }

 private:
  const fs::path folder_, file_;
  std::optional<Mdb> mdb_;
};

std::string PlainMail(int number, const std::string& text) {
  return "From: a@example.org\nTo: b@example.org\nSubject: " + std::to_string(number) +
         "\nContent-Type: text/plain\n\n" + text + "\n";
}

int Checkpoint(const fs::path& file) {
  Database database(file, Access::kWrite);
  database.Number("PRAGMA user_version");  // only who has read it knows that there is a log
  return sqlite3_wal_checkpoint_v2(database.handle(), nullptr, SQLITE_CHECKPOINT_FULL, nullptr,
                                   nullptr);
}

int LetPass(std::string_view, std::string&) { return SQLITE_OK; }

class Faults {
 public:
  Faults(const Places& places, Judge& judge, Records& records)
      : places_(places), judge_(judge), records_(records) {}

  // Now and then a write fails, as a layer does that has run out of memory, or is being updated.
  void Fails() {
    SmallStore store(places_, "fails");
    MailMix mix(1);
    int writes = 0, accepted = 0;
    judge_ = [&](std::string_view, std::string&) {
      return ++writes % kWritesBetween == 0 ? SQLITE_IOERR_WRITE : SQLITE_OK;
    };
    for (int i = 0; i < kMails; ++i) accepted += store.Deliver(mix.Next()) ? 1 : 0;
    judge_ = LetPass;
    store.OpenAgain();
    records_.About("shim fails now and then");
    Add("deliveries", kMails);
    Add("deliveries_refused", kMails - accepted);
    Add("messages_out_of_reach", accepted - static_cast<double>(CountIntact(store.mdb())));
    Add("damages", static_cast<double>(store.Damages()));
  }

  // One writer's pages take long to scan; another waits for SQLite's lock meanwhile.
  void IsSlow() {
    constexpr std::chrono::milliseconds kScan{20};
    SmallStore store(places_, "slow");
    Mdb other(store.file(), "mdb1", Access::kWrite);
    MailMix mix(2);
    const std::string first = mix.Next(), second = PlainMail(1, "short");
    std::promise<void> begun;
    const std::thread::id slow = std::this_thread::get_id();
    int writes = 0;  // of the slow one
    judge_ = [&](std::string_view, std::string&) {
      if (std::this_thread::get_id() != slow) return SQLITE_OK;
      if (++writes == 1) begun.set_value();
      std::this_thread::sleep_for(kScan);
      return SQLITE_OK;
    };
    auto waited = std::async(std::launch::async, [&] {
      begun.get_future().wait();
      const auto since = Clock::now();
      SmallStore::DeliverInto(other, second);
      return std::chrono::duration<double, std::milli>(Clock::now() - since).count();
    });
    store.Deliver(first);
    records_.About("shim takes 20 ms for a write");
    RecordWait(waited.get(), writes);
    judge_ = LetPass;
  }

  // It overwrites what it finds, and says nothing.
  void Cleans() {
    SmallStore store(places_, "cleans");
    judge_ = [](std::string_view bytes, std::string& instead) {
      const std::string bad = EicarBytes();
      const size_t at = bytes.find(bad);
      if (at == bytes.npos) return SQLITE_OK;
      instead = bytes;
      std::fill_n(instead.begin() + static_cast<ptrdiff_t>(at), bad.size(), ' ');
      return SQLITE_OK;
    };
    store.Deliver(PlainMail(0, "before"));
    store.Deliver(PlainMail(1, EicarBytes()));
    for (int i = 2; i < kMails; ++i) store.Deliver(PlainMail(i, "after"));
    const uint64_t after_crash = CountAfterCrash(store);
    store.OpenAgain();
    judge_ = LetPass;
    records_.About("shim cleans a page");
    Add("deliveries", kMails);
    Add("out_of_reach_after_a_crash", kMails - static_cast<double>(after_crash));
    Add("messages_out_of_reach", kMails - static_cast<double>(CountIntact(store.mdb())));
    Add("damages", static_cast<double>(store.Damages()));
  }

  // Definitions that know by now what was written before. Each message that follows changes the
  // page in which it stands, and SQLite can't bring that from its log into the database, now or
  // ever.
  void KnowsTooLate() {
    SmallStore store(places_, "late");
    MailMix mix(4);
    store.Deliver(PlainMail(0, EicarBytes()));
    judge_ = [](std::string_view bytes, std::string&) {
      return bytes.find(EicarBytes()) == bytes.npos ? SQLITE_OK : SQLITE_IOERR_WRITE;
    };
    int accepted = 0;
    for (int i = 0; i < kMails; ++i) accepted += store.Deliver(mix.Next()) ? 1 : 0;
    records_.About("definitions know what is in the log");
    Add("deliveries", kMails);
    Add("deliveries_refused", kMails - accepted);
    Add("checkpoints_refused", Checkpoint(store.file()) == SQLITE_OK ? 0 : 1);
    records_.Add("log_left", static_cast<double>(fs::file_size(store.file().string() + "-wal")),
                 "bytes");
    judge_ = LetPass;
  }

  // Pages, of which none has a whole attachment; and for comparison mail that fits into one.
  void SeesHalf() {
    const std::vector<LargeMail> large = LargeMails();
    std::vector<std::string> mails;
    for (const LargeMail& each : large) mails.push_back(each.raw);
    WriteDefinitions(places_.folder / "known", large);
    RecordSeen("known attachments over a page", mails,
               "definitions=" + (places_.folder / "known").string());
    RecordSeen("known attachments in a page", MailMix(3).Eicar(), places_.parameters());
  }

 private:
  void Add(const char* metric, double value) { records_.Add(metric, value); }

  void RecordWait(double waited_ms, int writes) {
    Add("writes_of_the_first", writes);
    records_.Add("second_writer_waited", waited_ms, "ms");
  }

  // What a host that is killed now leaves behind, opened again.
  uint64_t CountAfterCrash(const SmallStore& store) {
    const fs::path left = places_.folder / "crashed";
    fs::copy(store.folder(), left);
    fs::remove(left / "mdb1.db-shm");
    Mdb mdb(left / "mdb1.db", "mdb1", Access::kWrite);
    return CountIntact(mdb);
  }

  // Does any write show it?
  void RecordSeen(const std::string& about, const std::vector<std::string>& mails,
                  const std::string& parameters) {
    SmallStore store(places_, about);
    vsapi::bench::DirectCall clamav(VSAPI_WAYS_VENDOR, parameters);
    bool found = false;
    judge_ = [&](std::string_view bytes, std::string&) {
      found |= clamav.Judge(bytes) != VSAPI_VERDICT_CLEAN;
      return SQLITE_OK;
    };
    int seen = 0;
    for (const std::string& mail : mails) {
      found = false;
      store.Deliver(mail);
      seen += found ? 1 : 0;
    }
    judge_ = LetPass;
    records_.About(about);
    Add("bad_mails", static_cast<double>(mails.size()));
    records_.Add("seen", seen, "items", Better::kMore);
  }

  const Places& places_;
  Judge& judge_;
  Records& records_;
};

}  // namespace

void RecordShimFaults(const Places& places, Judge& judge, Records& records) {
  const Judge before = judge;
  Faults faults(places, judge, records);
  faults.Fails();
  faults.IsSlow();
  faults.Cleans();
  faults.KnowsTooLate();
  faults.SeesHalf();
  judge = before;
}

}  // namespace store_sim::ways
