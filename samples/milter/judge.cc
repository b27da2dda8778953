// SPDX-License-Identifier: Apache-2.0
#include "judge.h"

#include <boost/asio/use_future.hpp>
#include <future>
#include <optional>

#include "header_fields.h"
#include "signed_mail.h"
#include "times.h"
#include "transport_delivery.h"

namespace store_milter {
namespace {

using store_sim::TransitMail;

std::string WhyOf(const vsapi::MessageDecision& decision) {
  const bool is_judged = decision.verdict != VSAPI_VERDICT_NONE;
  const std::string why =
      is_judged ? vsapi_verdict_text(decision.verdict) : vsapi_reason_text(decision.reason);
  return decision.finding.empty() ? why : why + ": " + decision.finding;
}

Reply ReplyFor(const vsapi::MessageDecision& decision, const TransitMail& mail) {
  const std::string why = mail.WhyItStays(decision);
  if (decision.answer == VSAPI_MESSAGE_DELIVER && !why.empty()) return Quarantine(why);
  return ReplyTo(decision);
}

}  // namespace

bool IsBulk(const Submission& submission) {
  return !submission.interactive && store_sim::IsBulkMail(submission.raw);
}

Judgement Judge::Ask(Submission submission, const std::function<void()>& still_at_it) {
  Judgement judgement;
  judgement.is_bulk = IsBulk(submission);
  judgement.number = ++last_number_;
  const AskAbout ask = [&](const Mail& mail) {
    return Wait(mail,
                {.bulk = judgement.is_bulk, .client = "smtp", .user = submission.user.c_str()},
                still_at_it);
  };
  const auto mail = std::make_shared<TransitMail>(std::move(submission.envelope),
                                                  store_sim::NowNs(), std::move(submission.raw));
  const vsapi::MessageDecision decision = ask(mail);
  judgement.reply = ReplyFor(decision, *mail);
  if (judgement.reply.kind == Reply::Kind::kDeliver) return judgement;
  const bool is_let_go = decision.answer == VSAPI_MESSAGE_DELIVER;  // but not by us
  judgement.why = is_let_go ? judgement.reply.text : WhyOf(decision);
  if (judgement.reply.kind == Reply::Kind::kDeliverChanged)
    judgement.reply = Replace(judgement.number, mail, decision, ask);
  return judgement;
}

Reply Judge::Replace(int64_t number, const Mail& original, vsapi::MessageDecision decision,
                     const AskAbout& ask) const {
  const Reply otherwise = Quarantine(WhyOf(decision));
  if (IsSigned(original->incoming())) return otherwise;
  Mail mail = original;
  for (int edits = 0; edits < kMostEdits; ++edits) {
    auto edited = store_sim::WithPartsReplaced(*mail, number, decision);
    if (!edited) return otherwise;
    mail = std::make_shared<TransitMail>(original->envelope(), original->incoming().received_ns,
                                         std::move(*edited));
    decision = ask(mail);
    Reply reply = ReplyFor(decision, *mail);
    if (reply.kind == Reply::Kind::kDeliver) {
      const auto rewrite = RewriteOf(original->incoming().raw, mail->incoming().raw);
      if (!rewrite) return otherwise;
      return {Reply::Kind::kDeliverChanged, "", "", "", *rewrite};
    }
    if (reply.kind != Reply::Kind::kDeliverChanged) return reply;
  }
  return otherwise;
}

// By the engine's form that blocks none of its callers: each connection of the MTA is a thread
// here, and the engine lets few of those wait at a time.
vsapi::MessageDecision Judge::Wait(const Mail& mail, const vsapi::SubmissionOptions& how,
                                   const std::function<void()>& still_at_it) {
  auto answer = engine_.AsyncOnSubmission(
      {mail, mail->Items(std::nullopt), mail->incoming().apart.details.message_id},
      boost::asio::use_future, how);
  while (answer.wait_for(sign_of_life_) == std::future_status::timeout) still_at_it();
  return answer.get();
}

}  // namespace store_milter
