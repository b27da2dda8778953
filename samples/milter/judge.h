// SPDX-License-Identifier: Apache-2.0
//
// Asks the engine about a message that has come, and makes of its decision what the MTA is
// answered: replaces parts where that is to be done, and asks again about what comes of it.
//
// Thread safety: any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "reply.h"
#include "transit_mail.h"

namespace store_milter {

// A message with its envelope, and who brings it.
struct Submission {
  store_sim::Envelope envelope;
  std::string raw;
  std::string user;          // who has logged in; "" nobody
  bool interactive = false;  // a person waits for the answer
};

// Where it waits: what a person has just sent is never bulk, whatever its header says.
bool IsBulk(const Submission& submission);

struct Judgement {
  Reply reply;
  std::string why;     // for the administrator: "infected: Evil"; "" for what is delivered as it is
  int64_t number = 0;  // of the message, as the notices in it have it
  bool is_bulk = false;  // it waited in the low lane
};

class Judge {
 public:
  // An MTA that hears nothing for minutes gives up.
  static constexpr std::chrono::seconds kSignOfLife{20};
  // So often parts are replaced at most: each time may uncover more.
  static constexpr int kMostEdits = 3;

  explicit Judge(vsapi::Engine& engine, std::chrono::milliseconds sign_of_life = kSignOfLife)
      : engine_(engine), sign_of_life_(sign_of_life) {}

  // Blocks; calls `still_at_it` each time that the sign of life is due.
  Judgement Ask(Submission submission, const std::function<void()>& still_at_it);

 private:
  using Mail = std::shared_ptr<store_sim::TransitMail>;
  using AskAbout = std::function<vsapi::MessageDecision(const Mail&)>;

  vsapi::MessageDecision Wait(const Mail& mail, const vsapi::SubmissionOptions& how,
                              const std::function<void()>& still_at_it);
  // The message with what `decision` names replaced, if it is clean then.
  Reply Replace(int64_t number, const Mail& original, vsapi::MessageDecision decision,
                const AskAbout& ask) const;

  vsapi::Engine& engine_;
  const std::chrono::milliseconds sign_of_life_;
  std::atomic<int64_t> last_number_ = 0;
};

}  // namespace store_milter
