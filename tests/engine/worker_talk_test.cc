// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/worker_talk and engine/packed: a whole answer comes through as it
// was, anything else is no answer.
#include "worker_talk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vsapi::engine {
namespace {

using ::testing::SizeIs;

ScanReport Infected() {
  ScanReport report;
  report.status = VSAPI_OK;
  report.verdict = VSAPI_VERDICT_INFECTED;
  report.text = "a line";
  report.findings = {{VSAPI_FINDING_THREAT, "Worm.A", "a.zip/b.exe"}};
  report.findings_dropped = 3;
  return report;
}

std::string Packed(const ScanReport& report, bool is_worn = false) {
  SaidEvents said;
  return PackAnswer(report, is_worn, said);
}

TEST(WorkerTalk, BringsAnAnswerAsItWas) {
  SaidEvents said;
  said.Log(EventId::kVendorSays, VSAPI_SEVERITY_WARNING, "hello", {});
  const auto answer = UnpackAnswer(PackAnswer(Infected(), true, said));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->report.verdict, VSAPI_VERDICT_INFECTED);
  EXPECT_EQ(answer->report.text, "a line");
  ASSERT_THAT(answer->report.findings, SizeIs(1));
  EXPECT_EQ(answer->report.findings[0].name, "Worm.A");
  EXPECT_EQ(answer->report.findings[0].part_path, "a.zip/b.exe");
  EXPECT_EQ(answer->report.findings_dropped, 3u);
  EXPECT_TRUE(answer->is_worn);
  ASSERT_THAT(answer->said, SizeIs(1));
  EXPECT_EQ(answer->said[0].what, "hello");
  EXPECT_EQ(answer->said[0].severity, VSAPI_SEVERITY_WARNING);
}

TEST(WorkerTalk, TakesNoPartOfAnAnswerForOne) {
  const std::string whole = Packed(Infected());
  for (size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(UnpackAnswer(whole.substr(0, size))) << size;
  EXPECT_FALSE(UnpackAnswer(whole + "x"));
  EXPECT_FALSE(UnpackAnswer(std::string(whole.size(), '\xff')));
}

TEST(WorkerTalk, TakesNoUnknownNumberForAnAnswer) {
  const auto with = [](auto change) {
    ScanReport report = Infected();
    change(report);
    return UnpackAnswer(Packed(report)).has_value();
  };
  EXPECT_TRUE(with([](ScanReport&) {}));
  EXPECT_FALSE(with([](ScanReport& report) { report.status = 77; }));
  EXPECT_FALSE(with([](ScanReport& report) { report.verdict = VSAPI_VERDICT_NONE; }));
  EXPECT_FALSE(with([](ScanReport& report) { report.verdict = 77; }));
  EXPECT_FALSE(with([](ScanReport& report) { report.scope = 77; }));
  EXPECT_FALSE(with([](ScanReport& report) { report.findings[0].kind = 77; }));
  EXPECT_FALSE(with([](ScanReport& report) { report.findings[0].name.clear(); }));
  EXPECT_FALSE(with([](ScanReport& report) { report.findings.resize(65, report.findings[0]); }));
  EXPECT_FALSE(with([](ScanReport& report) { report.replacement = "not cleaned"; }));
}

TEST(WorkerTalk, CleansText) {
  ScanReport report = Infected();
  report.findings[0].name = std::string(500, 'n') + "\n\xff";
  const auto answer = UnpackAnswer(Packed(report));
  ASSERT_TRUE(answer);
  EXPECT_LT(answer->report.findings[0].name.size(), size_t{VSAPI_FINDING_SIZE});
}

TEST(WorkerTalk, PassesOnWhatAWorkerMaySayAlone) {
  SaidEvents said;
  said.Log(EventId::kEngineStopped, "I am the engine");
  const auto answer = UnpackAnswer(PackAnswer(Infected(), false, said));
  ASSERT_TRUE(answer);
  EXPECT_THAT(answer->said, SizeIs(0));
}

// An answer without events, then so many.
std::string PackedSaying(size_t events) {
  std::string packed = Packed(Infected());
  packed.resize(packed.size() - sizeof(uint64_t));  // that there are none
  Packer said;
  said.Add(events);
  for (size_t i = 0; i < events; ++i)
    said.Add(static_cast<uint64_t>(EventId::kVendorSays)).Add(VSAPI_SEVERITY_INFO).Add("x");
  return packed + said.bytes();
}

TEST(WorkerTalk, TakesNoFloodOfEvents) {
  EXPECT_TRUE(UnpackAnswer(PackedSaying(SaidEvents::kMost)));
  EXPECT_FALSE(UnpackAnswer(PackedSaying(SaidEvents::kMost + 1)));
}

// ---- In memory that the worker may have written over --------------------------------------------

class SharedWithAWorker : public ::testing::Test {
 protected:
  Talk& talk() { return *reinterpret_cast<Talk*>(memory_.data()); }
  void Put(const std::string& packed) {
    packed.copy(talk().packed, packed.size());
    talk().packed_size = packed.size();
  }
  static std::string PackedReplacement(size_t size) {
    ScanReport report = Infected();
    report.verdict = VSAPI_VERDICT_CLEANED;
    report.replacement = std::string(size, 'r');
    return Packed(report);
  }

  std::string memory_ = std::string(Talk::kReplacementAt, '\0') + "replacement";
};

TEST_F(SharedWithAWorker, AReplacementIsTakenFromBehindTheTalk) {
  Put(PackedReplacement(11));
  const auto answer = ReadAnswer(memory_);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->report.replacement, "replacement");
}

TEST_F(SharedWithAWorker, NothingIsReadBeyondIt) {
  Put(PackedReplacement(12));
  EXPECT_FALSE(ReadAnswer(memory_));
  Put(PackedReplacement(11));
  talk().packed_size = UINT64_MAX;
  EXPECT_FALSE(ReadAnswer(memory_));
}

}  // namespace
}  // namespace vsapi::engine
