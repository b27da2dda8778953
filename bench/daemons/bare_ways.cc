// SPDX-License-Identifier: GPL-2.0-only
#include "bare_ways.h"

#include "bare_clamav.h"

namespace vsapi::bench {
namespace {

Answer Judgement(bool is_infected) { return is_infected ? Answer::kInfected : Answer::kClean; }

class Limit final : public Way {
 public:
  explicit Limit(const MarkerDefinitions& definitions)
      : Way("limit_libclamav"), clamav_(Step::kLimits, definitions.shape(), definitions.path()) {}

  void Work(Feed& feed) override { WorkByClients(feed, std::thread::hardware_concurrency()); }
  Client NewClient(const Mailboxes& mail) override {
    return [this, &mail](size_t item) { return Judgement(clamav_.Finds(mail.bytes(item))); };
  }

 private:
  const BareClamav clamav_;
};

class CyrusPass final : public Way {
 public:
  explicit CyrusPass(const MarkerDefinitions& definitions)
      : Way("cyrus_pass"), clamav_(Step::kDefaults, definitions.shape(), definitions.path()) {}

  void Work(Feed& feed) override { WorkByClients(feed, 1); }
  Client NewClient(const Mailboxes& mail) override {
    return [this, &mail](size_t item) { return Judgement(clamav_.FindsInFile(mail.path(item))); };
  }
  bool has_clients() const override { return false; }
  uint64_t ScanSame(const Mailboxes& mail, size_t item, size_t times) override {
    const Client pass = NewClient(mail);
    for (size_t i = 0; i < times; ++i) pass(item);
    return times;
  }

 private:
  const BareClamav clamav_;
};

}  // namespace

std::unique_ptr<Way> MakeLimit(const MarkerDefinitions& definitions) {
  return std::make_unique<Limit>(definitions);
}

std::unique_ptr<Way> MakeCyrusPass(const MarkerDefinitions& definitions) {
  return std::make_unique<CyrusPass>(definitions);
}

}  // namespace vsapi::bench
