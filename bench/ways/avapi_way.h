// SPDX-License-Identifier: Apache-2.0
//
// AVAPI 1.0. The engine's profile 1.0 scans attachments alone, nothing that is new, and tells
// clients that come too early to ask again, which they do after OpenRetryDelay. What that profile
// does not have is here: one queue for all, first in first out, and one pass over the attachments
// that are there at the start. The pass asks as clients do, so its items stand in their lane; the
// engine's own background scanning, which gives way to clients, is off.
//
// Thread safety: as Way.
#pragma once

#include "engine_way.h"

namespace store_sim::ways {

class AvapiWay final : public EngineWay {
 public:
  explicit AvapiWay(Places places) : EngineWay(std::move(places), "1.0", Transport::kNone) {}

  Settings settings() const override;
  bool settles() const override { return false; }  // bodies never are current
  void Begin(Host& host, const Mailboxes& mailboxes) override;
  void Load() override;
  void End() override;

 private:
  using Question = std::vector<vsapi::Item>;

  void Pass(const std::stop_token& stop);
  std::vector<Question> Questions() const;
  void AskTogether(std::span<const Question> questions);

  std::jthread pass_;
};

}  // namespace store_sim::ways
