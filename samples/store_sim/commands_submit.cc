// SPDX-License-Identifier: Apache-2.0
//
// store_sim submit and queue: messages on their way, and those pending submission.
#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "commands.h"
#include "host_client.h"
#include "host_requests.h"
#include "submit_run.h"
#include "times.h"

namespace store_sim {
namespace {

struct SubmitCommand {
  std::string folder;
  SubmitArguments submit;
};

// Without a running host one try is made here; what is deferred waits for the next.
int SubmitHere(const SubmitCommand& command) {
  const Store store(command.folder, Access::kWrite);
  const Desk desk = Terminal();
  Progress progress(desk.err, desk.terminal);
  EventLines events(progress, EventLines::Which::kProblems);
  TransportQueue queue(store.folder(), Access::kWrite);
  Scanning scanning(store, ScanOptions{}, events);
  TransportWorker worker(store, queue, scanning,
                         [&](const std::string& line) { events.Tell(line); });
  const int status = RunSubmit(command.submit, worker, desk);
  worker.StopTaking();
  scanning.End();
  worker.Join();
  events.Finish();
  return status;
}

int Submit(SubmitCommand command) {
  command.submit.file = std::filesystem::absolute(command.submit.file);
  if (!command.submit.relay.empty())
    command.submit.relay = std::filesystem::absolute(command.submit.relay);
  const auto host = HostClient::Find(command.folder);
  if (!host) return SubmitHere(command);
  return ExitStatusOf(host->Ask(SubmitRequest(command.submit), Terminal()));
}

struct QueueCommand {
  std::string folder;
  QueueArguments queue;
};

void ListQueue(const std::string& folder) {
  const Store store(folder, Access::kRead);
  std::vector<QueuedMessage> messages;
  if (TransportQueue::Exists(folder))
    messages = TransportQueue(store.folder(), Access::kRead).List();
  PrintQueue(messages, NowNs(), std::cout);
}

int ChangeQueue(const QueueCommand& command) {
  if (const auto host = HostClient::Find(command.folder))
    return ExitStatusOf(host->Ask(QueueRequest(command.queue), Terminal()));
  const Store store(command.folder, Access::kWrite);
  TransportQueue queue(store.folder(), Access::kWrite);
  return RunQueue(command.queue, queue, Terminal());
}

CLI::App* AddChange(CLI::App& queue, const char* name, const char* description,
                    const std::shared_ptr<QueueCommand>& arguments, int& exit_status) {
  CLI::App* command = queue.add_subcommand(name, description);
  command->add_option("NUMBER", arguments->queue.numbers, "Of the queue; none: all of them");
  command->callback([arguments, name, &exit_status] {
    arguments->queue.action = name;
    exit_status = ChangeQueue(*arguments);
  });
  return command;
}

}  // namespace

void AddSubmitCommand(CLI::App& app, int& exit_status) {
  const auto arguments = std::make_shared<SubmitCommand>();
  SubmitArguments& submit = arguments->submit;
  CLI::App* command = app.add_subcommand("submit", "Hand one message to transport");
  command->add_option("DIR", arguments->folder, "Folder of the store")->required();
  command->add_option("FILE", submit.file, "The message")->required()->check(CLI::ExistingFile);
  command->add_option("--from", submit.from, "Address of the sender");
  command
      ->add_option("--to", submit.to,
                   "Address of a recipient: the mailbox is what stands before its @; may be given "
                   "several times")
      ->expected(1)
      ->take_all();
  command->add_option("--mdb", submit.mdb, "Messaging database that it is delivered into");
  command
      ->add_option("--relay", submit.relay,
                   "A folder for the next host, instead of a mailbox of this store")
      ->check(CLI::ExistingDirectory);
  command->add_option("--hop", submit.hop,
                      "Address of the host that it came from, for AVStampTrustedHops");
  command->add_flag("--outgoing", submit.outgoing,
                    "Sent by a user of this store: see the setting TransportExclusion");
  command
      ->add_option("--as", submit.as, "client; or replication, backup, system: unscanned [client]")
      ->check(CLI::IsMember({"client", "replication", "backup", "system"}));
  command->footer(
      "It is durable in the queue before anything else, and scanned where TransportAVAPI\\Enabled "
      "is 1. Exit status: 0 delivered, 10 rejected, deleted or in quarantine, 11 deferred: it "
      "stays in the queue, and the running host tries again.");
  command->callback([arguments, &exit_status] {
    if (const std::string wrong = WrongWith(arguments->submit); !wrong.empty())
      throw CLI::ValidationError(wrong);
    exit_status = Submit(*arguments);
  });
}

void AddQueueCommand(CLI::App& app, int& exit_status) {
  const auto arguments = std::make_shared<QueueCommand>();
  CLI::App* command =
      app.add_subcommand("queue", "Show and change the messages pending submission");
  command->add_option("DIR", arguments->folder, "Folder of the store")->required();
  command->require_subcommand(1);
  command->add_subcommand("list", "Print them")->callback([arguments] {
    ListQueue(arguments->folder);
  });
  AddChange(*command, "retry", "Try them now, and as often as at first", arguments, exit_status);
  AddChange(*command, "remove", "Throw them away", arguments, exit_status);
  command->footer(
      "What is in quarantine stays until it is retried or removed. Of a message that is at the "
      "engine in this moment the outcome still comes.");
}

}  // namespace store_sim
