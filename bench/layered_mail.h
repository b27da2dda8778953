// SPDX-License-Identifier: Apache-2.0
//
// Mail as a scanner has to unpack it: messages with one attachment of a kind, whole and taken apart
// as a host does it. Each one made is new, in all of its layers, so that no cache knows any of it.
//
// Thread safety: one thread's.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "mail_mix.h"
#include "mail_mix_random.h"

namespace vsapi::bench {

struct LayeredMail {
  std::string whole;               // raw MIME
  std::vector<std::string> parts;  // decoded
};

class LayeredMails {
 public:
  // "plain", "html", "pdf", "png", "zip", "zip in zip", "office", "everyday"
  static const std::vector<std::string>& Kinds();

  LayeredMail Next(const std::string& kind);
  // What the host does before it asks about the parts.
  static std::vector<std::string> TakeApart(const std::string& whole);

 private:
  std::string Compose(const std::string& kind);
  store_sim::MixFile File(const std::string& kind);

  store_sim::MixRandom random_{11};
  store_sim::MailMix mix_{12};
};

}  // namespace vsapi::bench
