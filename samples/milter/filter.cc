// SPDX-License-Identifier: Apache-2.0
#include "filter.h"

#include <arpa/inet.h>
#include <libmilter/mfapi.h>
#include <libmilter/mfdef.h>

#include <algorithm>
#include <memory>
#include <new>
#include <thread>

#include "conversation.h"
#include "display.h"
#include "error.h"
#include "gate.h"

namespace store_milter {
namespace {

// The answers of scans that take longer than this are deferrals.
constexpr std::chrono::seconds kPatience{30};

// libmilter writes a reply after its callback has returned, and tells nobody when. One that is cut
// off is a deferral too.
constexpr std::chrono::seconds kToBeWritten{1};

constexpr unsigned long kActions = SMFIF_QUARANTINE | SMFIF_CHGBODY | SMFIF_CHGHDRS | SMFIF_ADDHDRS;
// Not told: what we have no use for. Not answered: all but the end of a message, so that the MTA
// never waits for a round trip.
constexpr unsigned long kSteps = SMFIP_HDR_LEADSPC | SMFIP_NOHELO | SMFIP_NOUNKNOWN | SMFIP_NODATA |
                                 SMFIP_NR_CONN | SMFIP_NR_MAIL | SMFIP_NR_RCPT | SMFIP_NR_HDR |
                                 SMFIP_NR_EOH | SMFIP_NR_BODY;

// libmilter hands its callbacks nothing of ours, so they find it here. Set before it starts, and
// never read once the gate is closed.
Filter* the_filter = nullptr;
Gate gate;

// libmilter changes no text, and says so nowhere.
char* Mutable(const char* text) { return const_cast<char*>(text); }
char* Mutable(const std::string& text) { return Mutable(text.c_str()); }

std::string MacroOf(SMFICTX* context, const char* name) {
  const char* const value = smfi_getsymval(context, Mutable(name));
  return value == nullptr ? "" : value;
}

std::string AddressText(const sockaddr* address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address != nullptr && address->sa_family == AF_INET)
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(address)->sin_addr, text, sizeof text);
  if (address != nullptr && address->sa_family == AF_INET6)
    inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr, text,
              sizeof text);
  return text;
}

// ---- Answering ----------------------------------------------------------------------------------

// A value begins right after the colon, as with those that come.
bool Change(SMFICTX* context, const Rewrite& rewrite) {
  for (const FieldChange& field : rewrite.fields) {
    const std::string value = " " + field.value.value_or("");
    char* const given = field.value ? Mutable(value) : nullptr;
    if (smfi_chgheader(context, Mutable(field.name), field.number, given) != MI_SUCCESS)
      return false;
  }
  auto* const body = reinterpret_cast<unsigned char*>(Mutable(rewrite.body));
  return smfi_replacebody(context, body, static_cast<int>(rewrite.body.size())) == MI_SUCCESS;
}

// Without the text where libmilter does not like it.
sfsistat Refuse(SMFICTX* context, const Reply& reply, sfsistat answer) {
  smfi_setreply(context, Mutable(reply.code), Mutable(reply.status), Mutable(reply.text));
  return answer;
}

// What can't be told to the MTA is deferred: it never goes on as it is.
sfsistat Send(SMFICTX* context, const Reply& reply) {
  switch (reply.kind) {
    case Reply::Kind::kDeliver:
      return SMFIS_CONTINUE;
    case Reply::Kind::kDeliverChanged:
      return Change(context, reply.rewrite) ? SMFIS_CONTINUE : SMFIS_TEMPFAIL;
    case Reply::Kind::kDiscard:
      return SMFIS_DISCARD;
    case Reply::Kind::kQuarantine:
      return smfi_quarantine(context, Mutable(reply.text)) == MI_SUCCESS ? SMFIS_CONTINUE
                                                                         : SMFIS_TEMPFAIL;
    case Reply::Kind::kReject:
      return Refuse(context, reply, SMFIS_REJECT);
    case Reply::Kind::kDefer:
      break;
  }
  return Refuse(context, reply, SMFIS_TEMPFAIL);
}

}  // namespace

// ---- What libmilter calls -----------------------------------------------------------------------

class Filter::Calls {
 public:
  static sfsistat Negotiate(SMFICTX* context, unsigned long actions, unsigned long steps,
                            unsigned long, unsigned long, unsigned long* wanted_actions,
                            unsigned long* wanted_steps, unsigned long* wanted_2,
                            unsigned long* wanted_3) {
    if ((actions & kActions) != kActions || (steps & kSteps) != kSteps) {
      Tell("an MTA was turned away: it has less than version 6 of the milter protocol");
      return SMFIS_REJECT;
    }
    *wanted_actions = kActions;
    *wanted_steps = kSteps;
    *wanted_2 = *wanted_3 = 0;
    smfi_setsymlist(context, SMFIM_CONNECT, Mutable("{daemon_name}"));
    smfi_setsymlist(context, SMFIM_ENVFROM, Mutable("i {auth_type} {auth_authen}"));
    smfi_setsymlist(context, SMFIM_EOM, Mutable("i"));
    return SMFIS_CONTINUE;
  }

  static sfsistat Connect(SMFICTX* context, char*, sockaddr* address) {
    return Hear(context, [&](Conversation& talk) { talk.Connected(AddressText(address)); });
  }

  static sfsistat EnvelopeFrom(SMFICTX* context, char** arguments) {
    return Hear(context, [&](Conversation& talk) {
      const bool interactive = the_filter->IsInteractive(MacroOf(context, "{daemon_name}"),
                                                         MacroOf(context, "{auth_type}"));
      talk.Begin(arguments[0], MacroOf(context, "{auth_authen}"), interactive);
    });
  }

  static sfsistat EnvelopeTo(SMFICTX* context, char** arguments) {
    return Hear(context, [&](Conversation& talk) { talk.AddRecipient(arguments[0]); });
  }

  static sfsistat Field(SMFICTX* context, char* name, char* value) {
    return Hear(context, [&](Conversation& talk) { talk.AddField(name, value); });
  }

  static sfsistat EndOfHeader(SMFICTX* context) {
    return Hear(context, [](Conversation& talk) { talk.EndHeader(); });
  }

  static sfsistat Body(SMFICTX* context, unsigned char* bytes, size_t size) {
    return Hear(context, [&](Conversation& talk) {
      talk.AddBody({reinterpret_cast<const char*>(bytes), size});
    });
  }

  static sfsistat EndOfMessage(SMFICTX* context) {
    Reply reply = Failed();
    Within(context, [&](Conversation& talk) { reply = the_filter->Answer(context, talk); });
    return Send(context, reply);
  }

  static sfsistat Abort(SMFICTX* context) {
    Within(context, [](Conversation& talk) { talk.Forget(); });
    return SMFIS_CONTINUE;
  }

  static sfsistat Close(SMFICTX* context) {
    const std::unique_ptr<Conversation> ended(static_cast<Conversation*>(smfi_getpriv(context)));
    smfi_setpriv(context, nullptr);
    return SMFIS_CONTINUE;
  }

 private:
  static void Tell(const std::string& line) {
    if (!gate.Enter()) return;
    the_filter->tell_(line);
    gate.Leave();
  }

  static Conversation& Of(SMFICTX* context) {
    if (auto* const known = static_cast<Conversation*>(smfi_getpriv(context))) return *known;
    auto fresh = std::make_unique<Conversation>(the_filter->options_.spool);
    if (smfi_setpriv(context, fresh.get()) != MI_SUCCESS) throw std::bad_alloc();
    return *fresh.release();
  }

  // A message of which something could not be kept is forgotten, and deferred at its end.
  template <class Work>
  static void Within(SMFICTX* context, Work work) noexcept {
    if (!gate.Enter()) return;
    try {
      work(Of(context));
    } catch (const std::exception& error) {
      if (auto* const talk = static_cast<Conversation*>(smfi_getpriv(context))) talk->Forget();
      TellTrouble(error.what());
    }
    gate.Leave();
  }

  static void TellTrouble(const char* what) noexcept try {
    the_filter->tell_(std::string("a message is deferred: ") + what);
  } catch (const std::exception&) {
    return;  // there is no memory for words
  }

  template <class Work>
  static sfsistat Hear(SMFICTX* context, Work work) noexcept {
    Within(context, work);
    return SMFIS_NOREPLY;
  }
};

Filter::Filter(Options options, vsapi::Engine& engine, Tell tell)
    : options_(std::move(options)), tell_(std::move(tell)), judge_(engine) {}

bool Filter::IsInteractive(const std::string& daemon, const std::string& auth_type) const {
  const auto& names = options_.submission_daemons;
  return !auth_type.empty() || std::find(names.begin(), names.end(), daemon) != names.end();
}

Reply Filter::Answer(smfi_str* context, Conversation& talk) {
  const std::string queue_id = MacroOf(context, "i");
  Conversation::Taken taken = talk.Take();
  if (!taken.submission) {
    TellOf(queue_id, {taken.instead, taken.problem});
    return taken.instead;
  }
  Judgement judgement =
      judge_.Ask(std::move(*taken.submission), [context] { smfi_progress(context); });
  TellOf(queue_id, judgement);
  return std::move(judgement.reply);
}

void Filter::TellOf(const std::string& queue_id, const Judgement& judgement) const {
  if (judgement.reply.kind == Reply::Kind::kDeliver && !options_.tells_all) return;
  std::string line = (queue_id.empty() ? "a message" : store_sim::ForDisplay(queue_id)) + ": " +
                     NameOf(judgement.reply.kind);
  if (!judgement.why.empty()) line += ": " + store_sim::ForDisplay(judgement.why);
  if (judgement.number != 0)
    line += " (transport/" + std::to_string(judgement.number) + ", " +
            (judgement.is_bulk ? "low" : "high") + " lane)";
  tell_(line);
}

void Filter::Listen() {
  the_filter = this;
  const smfiDesc description = {
      .xxfi_name = Mutable("store_milter"),
      .xxfi_version = SMFI_VERSION,
      .xxfi_flags = kActions,
      .xxfi_connect = Calls::Connect,
      .xxfi_helo = nullptr,
      .xxfi_envfrom = Calls::EnvelopeFrom,
      .xxfi_envrcpt = Calls::EnvelopeTo,
      .xxfi_header = Calls::Field,
      .xxfi_eoh = Calls::EndOfHeader,
      .xxfi_body = Calls::Body,
      .xxfi_eom = Calls::EndOfMessage,
      .xxfi_abort = Calls::Abort,
      .xxfi_close = Calls::Close,
      .xxfi_unknown = nullptr,
      .xxfi_data = nullptr,
      .xxfi_negotiate = Calls::Negotiate,
  };
  constexpr bool kReplacesSocketFile = true;  // one that a killed process left
  const bool listens = smfi_register(description) == MI_SUCCESS &&
                       smfi_setconn(Mutable(options_.listen)) == MI_SUCCESS &&
                       smfi_opensocket(kReplacesSocketFile) == MI_SUCCESS;
  if (!listens)
    throw store_sim::Error("can't listen at " + options_.listen +
                           "; is it taken, or its folder not yours? libmilter says why in syslog");
}

// libmilter's threads go on until the process ends, but find the gate closed.
bool Filter::Run() {
  const bool served = smfi_main() == MI_SUCCESS;
  gate.Close(kPatience);
  return served;
}

void Filter::AwaitAnswered() {
  gate.Close(std::chrono::hours(1));
  std::this_thread::sleep_for(kToBeWritten);
}

}  // namespace store_milter
