// SPDX-License-Identifier: Apache-2.0
#include "submit_run.h"

#include <fstream>

#include "access_names.h"
#include "display.h"
#include "error.h"
#include "exit_status.h"
#include "mail_reader.h"
#include "times.h"

namespace store_sim {
namespace {

std::string ReadMessage(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw Error(file + ": can't be read; name a file with one message");
  std::string raw;
  std::vector<char> buffer(1 << 16);
  while (stream.read(buffer.data(), static_cast<std::streamsize>(buffer.size())),
         stream.gcount() > 0) {
    raw.append(buffer.data(), static_cast<size_t>(stream.gcount()));
    if (raw.size() > kDefaultLargestMessage)
      throw Error(file + ": is larger than " + FormatBytes(kDefaultLargestMessage));
  }
  if (stream.bad()) throw Error(file + ": can't be read to its end; check the disk");
  if (raw.empty()) throw Error(file + ": is empty");
  return raw;
}

int32_t AccessFor(const std::string& as) {
  const int32_t access = AccessOf(as);
  return access == VSAPI_ACCESS_ON_DEMAND ? int32_t{VSAPI_ACCESS_TRANSPORT} : access;
}

int StatusAfter(int32_t answer) {
  switch (answer) {
    case VSAPI_MESSAGE_DELIVER:
      return kDone;
    case VSAPI_MESSAGE_DEFER:
      return kInProgress;
    default:
      return kInfected;
  }
}

std::string StateText(const QueuedMessage& message, int64_t now_ns) {
  if (message.state == QueueState::kQuarantined) return "quarantined";
  return message.not_before_ns <= now_ns ? "due" : "deferred";
}

std::string ShortRecipients(const QueuedMessage& message) {
  const auto& to = message.envelope.to;
  if (to.empty()) return ForDisplay(message.envelope.relay, 40);
  return ForDisplay(to.front(), 40) +
         (to.size() > 1 ? " and " + std::to_string(to.size() - 1) + " more" : "");
}

// Those named, or all.
std::vector<int64_t> Chosen(const QueueArguments& arguments, TransportQueue& queue) {
  if (!arguments.numbers.empty()) return arguments.numbers;
  std::vector<int64_t> numbers;
  for (const QueuedMessage& message : queue.List()) numbers.push_back(message.number);
  return numbers;
}

}  // namespace

std::string WrongWith(const SubmitArguments& arguments) {
  if (AccessOf(arguments.as) == 0) return "--as names nobody: '" + arguments.as + "'";
  if (arguments.to.empty() && arguments.relay.empty()) return "name a recipient by --to";
  for (const std::string& address : arguments.to)
    if (address != ForDisplay(address)) return "an address has control characters";
  return "";
}

int RunSubmit(const SubmitArguments& arguments, TransportWorker& worker, const Desk& desk) {
  Envelope envelope{arguments.from, arguments.to,       arguments.mdb,          arguments.relay,
                    arguments.hop,  arguments.outgoing, AccessFor(arguments.as)};
  auto first_try = worker.Submit(std::move(envelope), ReadMessage(arguments.file));
  try {
    const TransportWorker::Outcome outcome = first_try.get();
    desk.out << "transport/" << outcome.number << "  " << outcome.text << '\n';
    return StatusAfter(outcome.answer);
  } catch (const std::future_error&) {
    throw Error("the host ends; the message is in the queue and is judged when it runs again");
  }
}

std::string WrongWith(const QueueArguments& arguments) {
  const bool is_known = arguments.action == "retry" || arguments.action == "remove";
  return is_known ? "" : "'" + arguments.action + "' is no action; use retry or remove";
}

int RunQueue(const QueueArguments& arguments, TransportQueue& queue, const Desk& desk) {
  int status = kDone;
  for (const int64_t number : Chosen(arguments, queue)) {
    const bool is_there = queue.Load(number).has_value();
    if (!is_there) {
      desk.err << "store_sim: there is no message " << number << " in the queue\n";
      status = kTrouble;
    } else if (arguments.action == "retry") {
      queue.RetryNow(number, NowNs());
    } else {
      queue.Remove(number);
    }
  }
  return status;
}

void PrintQueue(const std::vector<QueuedMessage>& messages, int64_t now_ns, std::ostream& out) {
  Table table({{"NUMBER", Table::Align::kRight},
               {"STATE"},
               {"TRIES", Table::Align::kRight},
               {"NEXT TRY"},
               {"SIZE", Table::Align::kRight},
               {"FROM"},
               {"TO"},
               {"SUBJECT"},
               {"LAST"}});
  for (const QueuedMessage& message : messages) {
    const std::string state = StateText(message, now_ns);
    table.Add({std::to_string(message.number), state + (message.bulk ? " (bulk)" : ""),
               std::to_string(message.tries),
               state == "deferred" ? FormatTime(message.not_before_ns) : "-",
               FormatBytes(message.size), ForDisplay(message.envelope.from, 40),
               ShortRecipients(message), ForDisplay(message.subject, 40),
               ForDisplay(message.last, 60)});
  }
  table.Print(out);
}

}  // namespace store_sim
