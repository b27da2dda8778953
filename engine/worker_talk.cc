// SPDX-License-Identifier: Apache-2.0
#include "worker_talk.h"

#include <algorithm>
#include <utility>

#include "text.h"
#include "words.h"

namespace vsapi::engine {
namespace {

constexpr size_t kMostFindings = 64;
constexpr size_t kLongestSaid = 1000;
constexpr size_t kLongestPart = 500;
constexpr size_t kLongestReplacement = Talk::kReserved - Talk::kReplacementAt;

bool UnpackFindings(Unpacker& from, ScanReport& report) {
  report.findings_dropped = from.Number();
  const uint64_t count = from.Number();
  if (count > kMostFindings) return false;
  for (uint64_t i = 0; i < count && from.is_good(); ++i) {
    Finding finding;
    finding.kind = from.Small();
    finding.name = CleanLine(from.Text(), VSAPI_FINDING_SIZE - 1);
    finding.part_path = CleanLine(from.Text(), kLongestPart);
    if (finding.kind < VSAPI_FINDING_THREAT || finding.kind > VSAPI_FINDING_MALFORMED ||
        finding.name.empty())
      return false;
    report.findings.push_back(std::move(finding));
  }
  return from.is_good();
}

// The rules that the worker's own proxy has seen to: who breaks them is no worker of ours.
bool KeepsTheRules(const WorkerAnswer& answer) {
  const ScanReport& report = answer.report;
  if (!IsKnownStatus(report.status)) return false;
  if (report.status != VSAPI_OK) return answer.replacement_size == 0;
  if (!IsKnownVerdict(report.verdict)) return false;
  const bool is_cleaned = report.verdict == VSAPI_VERDICT_CLEANED;
  return (is_cleaned || answer.replacement_size == 0) &&
         answer.replacement_size <= kLongestReplacement &&
         (report.scope == VSAPI_SCOPE_CONTENT || report.scope == VSAPI_SCOPE_ITEM);
}

}  // namespace

void SaidEvents::Log(EventId id, std::string what, EventFields fields) {
  Log(id, KindOf(id).severity, std::move(what), std::move(fields));
}

void SaidEvents::Log(EventId id, int32_t severity, std::string what, EventFields) {
  if (events_.size() < kMost) events_.push_back({id, severity, std::move(what)});
}

void SaidEvents::PackInto(Packer& to) {
  to.Add(events_.size());
  for (const SaidEvent& event : events_)
    to.Add(static_cast<uint64_t>(event.id))
        .Add(static_cast<uint64_t>(event.severity))
        .Add(event.what);
  events_.clear();
}

bool UnpackSaid(Unpacker& from, std::vector<SaidEvent>& said) {
  uint64_t left = from.Number();
  if (left > SaidEvents::kMost) return false;
  for (; left > 0 && from.is_good(); --left) {
    const auto id = static_cast<EventId>(from.Number());
    const int32_t severity = from.Small();
    const std::string what = CleanLine(from.Text(), kLongestSaid);
    if (id == EventId::kVendorSays || id == EventId::kContractBroken)
      said.push_back(
          {id, std::clamp<int32_t>(severity, VSAPI_SEVERITY_DEBUG, VSAPI_SEVERITY_ERROR), what});
  }
  return from.is_at_end();
}

void PackPriority(const std::optional<platform::Priority>& priority, Packer& to) {
  const platform::Priority known = priority.value_or(platform::Priority());
  to.Add(priority.has_value())
      .Add(known.policy)
      .Add(static_cast<uint64_t>(known.nice))
      .Add(static_cast<uint64_t>(known.slice.count()));
}

std::optional<platform::Priority> UnpackPriority(Unpacker& from) {
  const bool is_known = from.Number() != 0;
  platform::Priority priority;
  priority.policy = static_cast<uint32_t>(from.Number());
  priority.nice = from.Small();
  priority.slice = std::chrono::nanoseconds(from.Number());
  return is_known ? std::optional(priority) : std::nullopt;
}

const char* StepText(uint32_t step) {
  switch (static_cast<Step>(step)) {
    case Step::kIdle:
      return "between two scans";
    case Step::kScans:
      return "in the vendor's scan";
    case Step::kAsks:
      return "in the vendor's scan, asking for a property";
    case Step::kAnswers:
      return "after the vendor's scan";
  }
  return "unknown";
}

std::string PackAnswer(const ScanReport& report, bool is_worn, SaidEvents& said) {
  Packer packer;
  packer.Add(static_cast<uint64_t>(report.status))
      .Add(static_cast<uint64_t>(report.verdict))
      .Add(static_cast<uint64_t>(report.scope))
      .Add(is_worn)
      .Add(report.replacement.size())
      .Add(report.text)
      .Add(report.findings_dropped)
      .Add(report.findings.size());
  for (const Finding& finding : report.findings)
    packer.Add(static_cast<uint64_t>(finding.kind)).Add(finding.name).Add(finding.part_path);
  said.PackInto(packer);
  return packer.bytes();
}

std::optional<WorkerAnswer> UnpackAnswer(std::string_view bytes) {
  Unpacker from(bytes);
  WorkerAnswer answer;
  answer.report.status = from.Small();
  answer.report.verdict = from.Small();
  answer.report.scope = from.Small();
  answer.is_worn = from.Number() != 0;
  answer.replacement_size = from.Number();
  answer.report.text = CleanLine(from.Text(), kLongestPart);
  const bool is_whole = UnpackFindings(from, answer.report) && UnpackSaid(from, answer.said);
  if (!is_whole || !KeepsTheRules(answer)) return std::nullopt;
  return answer;
}

void PutRequest(Talk& talk, const ScanJob& job) {
  talk.number = job.number;
  talk.size = job.content.size();
  talk.budget_ns = job.budget.count();
  talk.access = job.access;
  talk.lane = static_cast<int32_t>(job.lane);
  talk.cancelled = false;
  talk.turn = Turn::kScan;
}

void GiveProperty(Talk& talk, ScanContent& content) {
  vsapi_value value = {};
  value.struct_size = sizeof value;
  const int32_t status = content.Property(talk.property, talk.index, &value);
  size_t size = 0;
  if (status == VSAPI_OK && value.type == VSAPI_TYPE_TEXT) {
    size = std::min(value.text_size, Talk::kPackedSize - 1);
    std::copy_n(value.text, size, talk.packed);
    talk.packed[size] = '\0';
  }
  talk.property_status = status;
  talk.property_type = value.type;
  talk.integer = value.integer;
  talk.packed_size = size;
  talk.turn = Turn::kGiveProperty;
}

std::optional<WorkerAnswer> ReadAnswer(std::string_view shared) {
  const Talk& talk = *reinterpret_cast<const Talk*>(shared.data());
  const uint64_t size = std::min(talk.packed_size.load(), uint64_t{Talk::kPackedSize});
  auto answer = UnpackAnswer(std::string(talk.packed, size));  // a copy, which stays as it is
  if (!answer || answer->replacement_size == 0) return answer;
  if (shared.size() < Talk::kReplacementAt + answer->replacement_size) return std::nullopt;
  answer->report.replacement = shared.substr(Talk::kReplacementAt, answer->replacement_size);
  return answer;
}

}  // namespace vsapi::engine
