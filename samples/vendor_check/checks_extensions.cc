// SPDX-License-Identifier: Apache-2.0
//
// The vendor's extensions: those it has are whole and do what they say. Having none is legal.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "checks.h"
#include "host.h"
#include "words.h"

namespace vendor_check {
namespace {

namespace fs = std::filesystem;

void Constant(Examination& examination) {
  Running running(examination);
  for (const char* id : {VSAPI_EXT_SIGNATURES, VSAPI_EXT_SELF_TEST, VSAPI_EXT_FORK}) {
    const auto* first = running.instance.Extension<void>(id);
    examination.Expect(first == running.instance.Extension<void>(id),
                       std::string(id) + " is another table each time");
    if (first != nullptr) examination.Note(id);
  }
  for (const char* id : {"", "vsapi.signatures", "vsapi.signatures/999", "no.such.extension/1"})
    examination.Expect(running.instance.Extension<void>(id) == nullptr,
                       "there is a table for " + Quoted(id));
}

void Whole(Examination& examination) {
  Running running(examination);
  const auto expect = [&](bool there, const char* function) {
    examination.Expect(there, std::string(function) + " is missing");
  };
  const auto& instance = running.instance;
  if (const auto* table = instance.Extension<vsapi_ext_signatures>(VSAPI_EXT_SIGNATURES)) {
    expect(table->identity != nullptr, VSAPI_EXT_SIGNATURES " identity");
    expect(table->poll != nullptr, VSAPI_EXT_SIGNATURES " poll");
  }
  if (const auto* table = instance.Extension<vsapi_ext_self_test>(VSAPI_EXT_SELF_TEST))
    expect(table->positive_sample != nullptr, VSAPI_EXT_SELF_TEST " positive_sample");
  if (const auto* table = instance.Extension<vsapi_ext_fork>(VSAPI_EXT_FORK))
    expect(table->after_fork != nullptr, VSAPI_EXT_FORK " after_fork");
}

const vsapi_ext_signatures& Signatures(const Instance& instance) {
  const auto* table = instance.Extension<vsapi_ext_signatures>(VSAPI_EXT_SIGNATURES);
  if (table == nullptr) instance.host().examination().Skip("it has no " VSAPI_EXT_SIGNATURES);
  return *table;
}

vsapi_signatures_identity IdentityOf(const Instance& instance) {
  vsapi_signatures_identity identity = {};
  identity.struct_size = sizeof identity;
  const int32_t status = Signatures(instance).identity(instance.get(), &identity);
  if (status != VSAPI_OK) throw Failure("identity returned " + StatusName(status));
  return identity;
}

std::string Difference(const vsapi_signatures_identity& one,
                       const vsapi_signatures_identity& other) {
  if (one.version != other.version)
    return "version " + std::to_string(one.version) + ", then " + std::to_string(other.version);
  if (std::memcmp(one.digest, other.digest, sizeof one.digest) != 0) return "another digest";
  if (one.count != other.count || one.built_ns != other.built_ns) return "another count or time";
  return "";
}

void Identity(Examination& examination) {
  Running running(examination);
  const vsapi_signatures_identity first = IdentityOf(running.instance);
  const auto compare = [&](const Instance& instance, const std::string& when) {
    const std::string difference = Difference(first, IdentityOf(instance));
    examination.Expect(difference.empty(), when + ": " + difference);
  };
  compare(running.instance, "at the second call");
  for (const Content& content : Contents(running.instance)) running.session->Scan(content);
  compare(running.instance, "after some scans");
  Instance second(running.host, running.library);
  second.Start();
  compare(second, "in a second instance");
  examination.Note("version " + std::to_string(first.version) + ", " + std::to_string(first.count) +
                   " signatures");
}

void Poll(Examination& examination) {
  Running running(examination);
  for (int call = 0; call < 3; ++call) {
    int32_t newer = 0;
    const int32_t status = Signatures(running.instance).poll(running.instance.get(), &newer);
    examination.Expect(status == VSAPI_OK, "poll returned " + StatusName(status));
    examination.Expect(newer == 0, "poll tells of newer definitions right after the start");
  }
}

void SelfTest(Examination& examination) {
  Running running(examination);
  const auto sample = SelfTestSample(running.instance);
  if (!sample) examination.Skip("it has no " VSAPI_EXT_SELF_TEST);
  for (const Content& content : {*sample, ByReads(*sample)}) {
    const Answer answer = running.session->ScanPatiently(content);
    examination.Expect(answer.status == VSAPI_OK && answer.verdict == VSAPI_VERDICT_INFECTED,
                       "its own sample gets " + answer.Describe());
  }
}

// What the child of the fork does; its exit status says whether it could.
[[noreturn]] void ScanInWorker(Running& running, const vsapi_ext_fork& table,
                               const std::string& folder) {
  Examination& examination = running.host.examination();
  const int32_t status = table.after_fork(running.instance.get(), folder.c_str());
  examination.Expect(status == VSAPI_OK, "after_fork returned " + StatusName(status));
  if (status == VSAPI_OK) {
    Session session(running.instance);
    const Answer answer = session.ScanPatiently(HarmlessText());
    examination.Expect(answer.is_clean(), "a harmless text gets " + answer.Describe());
  }
  _exit(0);
}

void Fork(Examination& examination) {
  Running running(examination);
  const auto* table = running.instance.Extension<vsapi_ext_fork>(VSAPI_EXT_FORK);
  if (table == nullptr) examination.Skip("it has no " VSAPI_EXT_FORK);
  running.session.reset();
  const fs::path folder = fs::temp_directory_path() / "worker";
  fs::create_directory(folder);
  const pid_t child = fork();
  if (child == 0) ScanInWorker(running, *table, folder);
  int status = 0;
  waitpid(child, &status, 0);
  examination.Expect(!WIFSIGNALED(status),
                     "the worker died by signal " + std::to_string(WTERMSIG(status)));
  running.session.emplace(running.instance);
  const Answer answer = running.session->ScanPatiently(HarmlessText());
  examination.Expect(answer.is_clean(),
                     "in the parent, then, a harmless text gets " + answer.Describe());
  fs::remove_all(folder);
}

}  // namespace

std::vector<Check> ExtensionChecks() {
  return {
      {"extensions.constant", "life.start", "Each id has the same table always; others have none",
       "abi/vendor.h: vsapi_vendor_table.get_extension", Constant},
      {"extensions.whole", "life.start", "An extension that is there has all its functions",
       "abi/vendor.h: vsapi_vendor_table.get_extension", Whole},
      {"extensions.self-test", "extensions.whole", "It finds its own sample infected",
       "abi/ext/self_test.h: vsapi_ext_self_test.positive_sample", SelfTest},
      {"extensions.identity", "extensions.whole",
       "The identity of the definitions is the same at each call and in a second instance",
       "abi/ext/signatures.h: vsapi_ext_signatures.identity", Identity},
      {"extensions.poll", "extensions.whole", "Right after a start nothing is newer",
       "abi/ext/signatures.h: vsapi_ext_signatures.poll", Poll},
      {"extensions.fork", "extensions.whole",
       "A started instance scans in a forked process, and goes on in its parent",
       "abi/ext/fork.h: vsapi_ext_fork.after_fork", Fork},
  };
}

}  // namespace vendor_check
