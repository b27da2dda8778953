// SPDX-License-Identifier: Apache-2.0
//
// The life of an instance, in every order that vendor.h allows, and that it leaves the process as
// it was. A destroy after a failed start is not tried: nothing here makes a start fail.
#include <memory>

#include "checks.h"
#include "host.h"
#include "process_state.h"
#include "words.h"

namespace vendor_check {
namespace {

constexpr uint32_t kSessions = 16;
constexpr int kInstances = 3;

// A host and a library, for the checks that make the instances themselves.
struct Ground {
  explicit Ground(Examination& examination)
      : host(examination), library(examination.subject().library) {}
  Host host;
  Library library;
};

// Not destroyed: whether it can be is another check's question.
const Instance& CreateForGood(Ground& ground) {
  return *std::make_unique<Instance>(ground.host, ground.library).release();
}

void ExpectHarmlessText(Instance& instance, const std::string& when) {
  Session session(instance);
  const Answer answer = session.ScanPatiently(HarmlessText());
  instance.host().examination().Expect(answer.was_given() && answer.status == VSAPI_OK,
                                       when + " a harmless text gets " + answer.Describe());
}

void Create(Examination& examination) {
  Ground ground(examination);
  examination.Step("create");
  examination.Expect(CreateForGood(ground).get()->table != nullptr, "the instance has no table");
}

void Table(Examination& examination) {
  Ground ground(examination);
  const vsapi_vendor_table& table = CreateForGood(ground).table();
  examination.Expect(table.start != nullptr, "there is no start");
  examination.Expect(table.stop != nullptr, "there is no stop");
  examination.Expect(table.destroy != nullptr, "there is no destroy");
  examination.Expect(table.open_session != nullptr, "there is no open_session");
  examination.Expect(table.close_session != nullptr, "there is no close_session");
  examination.Expect(table.scan != nullptr, "there is no scan");
}

void CreateAndDestroy(Examination& examination) {
  Ground ground(examination);
  for (int round = 0; round < 3; ++round) Instance(ground.host, ground.library);
}

void Start(Examination& examination) {
  Ground ground(examination);
  Instance instance(ground.host, ground.library);
  examination.Step("start");
  instance.Start();
  examination.Step("stop");
  instance.Stop();
  examination.Step("destroy");
}

void Restart(Examination& examination) {
  Ground ground(examination);
  Instance instance(ground.host, ground.library);
  for (int round = 1; round <= 3; ++round) {
    const std::string when = "after start number " + std::to_string(round);
    examination.Step(when);
    instance.Start();
    ExpectHarmlessText(instance, when);
    instance.Stop();
  }
}

void StartWithoutSessions(Examination& examination) {
  Ground ground(examination);
  Instance instance(ground.host, ground.library, kSessions);
  instance.Start();
}

void OpenAllSessions(Examination& examination) {
  Ground ground(examination);
  Instance instance(ground.host, ground.library, kSessions);
  instance.Start();
  for (int round = 0; round < 2; ++round) {
    std::vector<std::unique_ptr<Session>> sessions;
    for (uint32_t i = 1; i <= kSessions; ++i) {
      examination.Step("session " + std::to_string(i) + " of " + std::to_string(kSessions));
      sessions.push_back(std::make_unique<Session>(instance));
    }
    for (const auto& session : sessions) session->Scan(HarmlessText());
  }
}

void SideBySide(Examination& examination) {
  Ground ground(examination);
  std::vector<std::unique_ptr<Instance>> instances;
  for (int i = 0; i < kInstances; ++i) {
    examination.Step("instance " + std::to_string(i + 1));
    instances.push_back(std::make_unique<Instance>(ground.host, ground.library));
    instances.back()->Start();
  }
  // The oldest goes first, as when definitions change.
  for (; !instances.empty(); instances.erase(instances.begin()))
    for (const auto& instance : instances)
      ExpectHarmlessText(*instance,
                         "with " + std::to_string(instances.size()) + " instances side by side");
}

void LeavesTheProcessAlone(Examination& examination) {
  const ProcessState before;
  const auto look = [&](const std::string& when) {
    for (const std::string& change : before.ChangedIn(ProcessState()))
      examination.Fail(when + " " + change);
  };
  {
    Running running(examination);
    look("after start");
    for (const Content& content : {HarmlessText(), LongText(100'000)})
      running.session->Scan(content);
    look("after some scans");
  }
  look("after destroy");
}

}  // namespace

std::vector<Check> LifeChecks() {
  return {
      {"life.create", "entry.sizes", "create makes an instance", "abi/entry.h: vsapi_entry.create",
       Create},
      {"life.table", "life.create", "The table of an instance is whole",
       "abi/vendor.h: vsapi_vendor_table", Table},
      {"life.destroy", "life.table", "An instance may be destroyed without a start",
       "abi/vendor.h: Life cycle", CreateAndDestroy},
      {"life.start", "life.table", "Create, start, stop, destroy",
       "abi/vendor.h: vsapi_vendor_table.start", Start},
      {"life.restart", "life.start", "A stopped instance may be started again, and scans",
       "abi/vendor.h: Life cycle", Restart},
      {"life.unused", "life.start", "Sessions that were announced need not be opened",
       "abi/entry.h: vsapi_create.sessions", StartWithoutSessions},
      {"life.sessions", "life.start", "As many sessions as were announced, and once more",
       "abi/vendor.h: vsapi_vendor_table.open_session", OpenAllSessions},
      {"life.side-by-side", "life.start", "Several instances live side by side, in any order",
       "abi/vendor.h: Life cycle", SideBySide},
      {"life.process", "life.start",
       "Signal handlers, signal mask, working folder, umask and locale stay as they were",
       "abi/vendor.h: Life cycle", LeavesTheProcessAlone},
  };
}

}  // namespace vendor_check
