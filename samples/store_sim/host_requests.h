// SPDX-License-Identifier: Apache-2.0
//
// What the running host is asked to do for a command of the same name: its arguments as JSON and
// back. Strangers' JSON that does not fit is an Error.
//
// Thread safety: pure functions.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "import_run.h"
#include "move_run.h"
#include "open_run.h"
#include "quarantine_run.h"
#include "replace_run.h"
#include "reply_run.h"
#include "submit_run.h"
#include "trace_run.h"

namespace store_sim {

nlohmann::json OpenRequest(const OpenArguments& arguments);
nlohmann::json ImportRequest(const ImportArguments& arguments);
nlohmann::json MoveRequest(const MoveArguments& arguments);
nlohmann::json ReplyRequest(const ReplyArguments& arguments);
nlohmann::json ReplaceRequest(const ReplaceArguments& arguments);
nlohmann::json QuarantineRequest(const QuarantineArguments& arguments);
nlohmann::json TraceRequest(const TraceArguments& arguments);
nlohmann::json SubmitRequest(const SubmitArguments& arguments);
nlohmann::json QueueRequest(const QueueArguments& arguments);

OpenArguments OpenArgumentsOf(const nlohmann::json& request);
ImportArguments ImportArgumentsOf(const nlohmann::json& request);
MoveArguments MoveArgumentsOf(const nlohmann::json& request);
ReplyArguments ReplyArgumentsOf(const nlohmann::json& request);
ReplaceArguments ReplaceArgumentsOf(const nlohmann::json& request);
QuarantineArguments QuarantineArgumentsOf(const nlohmann::json& request);
TraceArguments TraceArgumentsOf(const nlohmann::json& request);
SubmitArguments SubmitArgumentsOf(const nlohmann::json& request);
QueueArguments QueueArgumentsOf(const nlohmann::json& request);

// What a host answers these with: the exit status that the command would have had.
nlohmann::json ExitStatusAnswer(int exit_status);
int ExitStatusOf(const nlohmann::json& answer);

}  // namespace store_sim
