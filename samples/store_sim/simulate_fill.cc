// SPDX-License-Identifier: Apache-2.0
#include "simulate_fill.h"

#include <deque>

#include "importer.h"
#include "simulate_mail.h"
#include "simulate_mailboxes.h"
#include "times.h"

namespace store_sim {
namespace {

// One MDB's share of it, in batches; what is durable goes into the ledger.
class Filler {
 public:
  Filler(Mdb& mdb, Ledger& ledger)
      : ledger_(ledger), importer_(mdb, [this](const auto&) { Acknowledge(); }) {}

  void Add(const std::string& token, uint64_t mailbox, const std::string& mail) {
    begun_.emplace_back(token, mailbox);
    IncomingMessage message = Prepare(mail, {Mailboxes::NameOf(mailbox), "Inbox"}, NowNs());
    message.came_in = "simulation";
    importer_.Add(std::move(message));
  }
  void Flush() { importer_.Flush(); }

 private:
  void Acknowledge() {
    for (const auto& [token, mailbox] : begun_) ledger_.Stored(token, {mailbox});
    begun_.clear();
  }

  Ledger& ledger_;
  std::vector<std::pair<std::string, uint64_t>> begun_;
  Importer importer_;
};

}  // namespace

void FillStore(const Store& store, const Profile& profile, uint64_t seed, Ledger& ledger,
               Progress& progress) {
  uint64_t there = 0;
  std::deque<Filler> fillers;
  for (Mdb* mdb : PrivateMdbs(store)) {
    there += mdb->Totals().messages;
    fillers.emplace_back(*mdb, ledger);
  }
  SimulatedMail mail(profile, MailSeed(seed, 0));
  MixRandom random(seed);
  for (uint64_t number = there; number < profile.messages; ++number) {
    const std::string token = FillToken(seed, number);
    const uint64_t mailbox = random.Below(profile.mailboxes);
    fillers[mailbox % fillers.size()].Add(token, mailbox,
                                          mail.Compose(token, random.Below(UINT64_MAX)));
    progress.Update(number, profile.messages,
                    std::to_string(number) + " messages stored to begin with");
  }
  for (Filler& each : fillers) each.Flush();
}

}  // namespace store_sim
