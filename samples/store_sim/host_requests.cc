// SPDX-License-Identifier: Apache-2.0
#include "host_requests.h"

#include <nlohmann/json.hpp>

#include "error.h"

namespace store_sim {

using nlohmann::json;

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(OpenArguments, messages, all, mailbox, folder,
                                                client, user, timeout_s, save, as, quiet, verbose)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(ImportArguments, paths, mdb, mailboxes, folder,
                                                largest_mib, no_scan)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(MoveArguments, message, mailbox, to_mdb, to_mailbox,
                                                to_folder, as)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(ReplyArguments, message, mailbox, to, text,
                                                forwards)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(ReplaceArguments, message, part, file, mailbox)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(QuarantineArguments, rescan, messages)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(TraceArguments, message, timeout_s)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(SubmitArguments, file, from, to, mdb, relay, hop,
                                                outgoing, as)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(QueueArguments, action, numbers)

namespace {

template <class Arguments>
json Request(const char* command, const Arguments& arguments) {
  json request = arguments;
  request["command"] = command;
  return request;
}

template <class Arguments>
Arguments ArgumentsOf(const json& request) {
  Arguments arguments;
  try {
    arguments = request.get<Arguments>();
  } catch (const json::exception& error) {
    throw Error(std::string("an argument is of a wrong type: ") + error.what());
  }
  const std::string wrong = WrongWith(arguments);
  if (!wrong.empty()) throw Error(wrong);
  return arguments;
}

}  // namespace

json OpenRequest(const OpenArguments& arguments) { return Request("open", arguments); }
json ImportRequest(const ImportArguments& arguments) { return Request("import", arguments); }
json TraceRequest(const TraceArguments& arguments) { return Request("trace", arguments); }
json SubmitRequest(const SubmitArguments& arguments) { return Request("submit", arguments); }
json QueueRequest(const QueueArguments& arguments) { return Request("queue", arguments); }
json MoveRequest(const MoveArguments& arguments) { return Request("move", arguments); }
json ReplyRequest(const ReplyArguments& arguments) { return Request("reply", arguments); }
json ReplaceRequest(const ReplaceArguments& arguments) { return Request("replace", arguments); }
json QuarantineRequest(const QuarantineArguments& arguments) {
  return Request("quarantine", arguments);
}

OpenArguments OpenArgumentsOf(const json& request) { return ArgumentsOf<OpenArguments>(request); }
ImportArguments ImportArgumentsOf(const json& request) {
  return ArgumentsOf<ImportArguments>(request);
}
TraceArguments TraceArgumentsOf(const json& request) {
  return ArgumentsOf<TraceArguments>(request);
}
SubmitArguments SubmitArgumentsOf(const json& request) {
  return ArgumentsOf<SubmitArguments>(request);
}
QueueArguments QueueArgumentsOf(const json& request) {
  return ArgumentsOf<QueueArguments>(request);
}
MoveArguments MoveArgumentsOf(const json& request) { return ArgumentsOf<MoveArguments>(request); }
ReplyArguments ReplyArgumentsOf(const json& request) {
  return ArgumentsOf<ReplyArguments>(request);
}
ReplaceArguments ReplaceArgumentsOf(const json& request) {
  return ArgumentsOf<ReplaceArguments>(request);
}
QuarantineArguments QuarantineArgumentsOf(const json& request) {
  return ArgumentsOf<QuarantineArguments>(request);
}

json ExitStatusAnswer(int exit_status) { return {{"exit_status", exit_status}}; }
int ExitStatusOf(const json& answer) { return answer.at("exit_status").get<int>(); }

}  // namespace store_sim
