// SPDX-License-Identifier: Apache-2.0
#include "way.h"

#include <stdexcept>

namespace vsapi::bench {

std::optional<size_t> Feed::Next() {
  const size_t number = taken_.fetch_add(1);
  if (number > 0 && number % group_.count == 0 && Clock::now() >= end_) last_ = number;
  if (stopped_ || number >= last_) return {};
  const size_t item = group_.first + number % group_.count;
  mail_.Refresh(item);
  return item;
}

void Feed::Done(size_t item, Answer answer) {
  if (answer == Answer::kInfected && !mail_.is_infected(item))
    throw std::runtime_error("a harmless item was called infected: " + mail_.path(item));
  if (answer == Answer::kClean && mail_.is_infected(item)) missed_.fetch_add(1);
  if (answer == Answer::kNone) unscanned_.fetch_add(1);
  bytes_.fetch_add(mail_.bytes(item).size());
  answered_.fetch_add(1);
}

void Way::WorkByClients(Feed& feed, size_t clients) {
  std::vector<std::jthread> crowd;
  for (size_t i = 0; i < clients; ++i)
    crowd.emplace_back([&] {
      const Client client = NewClient(feed.mail());
      while (const auto item = feed.Next()) feed.Done(*item, client(*item));
    });
}

uint64_t Way::ScanSame(const Mailboxes& mail, size_t item, size_t times) {
  std::atomic<size_t> asked = 0;
  std::vector<std::jthread> crowd;
  for (size_t i = 0; i < ThreadCount(); ++i)
    crowd.emplace_back([&] {
      const Client client = NewClient(mail);
      while (asked.fetch_add(1) < times) client(item);
    });
  return times;
}

}  // namespace vsapi::bench
