// SPDX-License-Identifier: Apache-2.0
//
// The thread of an MDB that writes outcomes, and what it tells of a store that does not take them.
#include <algorithm>
#include <new>

#include "mdb.h"
#include "mdb_store.h"
#include "platform.h"
#include "words.h"

namespace vsapi::engine {
namespace {

// The outcome has changed the message; or the item was gone before, or another one.
bool HasChangedOrMoved(const OutcomeDraft& draft) {
  if (draft.result != VSAPI_OK) return IsNotThere(draft.result);
  return draft.action != VSAPI_ACTION_STAMP && draft.action != VSAPI_ACTION_ATTEMPT;
}

}  // namespace

void Mdb::Run() {
  platform::SetThreadName("vsapi-wr-" + name_);
  mutex_.Lock();
  while (!detaching_ || !queue_.empty()) {
    if (!IsDueLocked()) {
      SleepLocked();
      continue;
    }
    group_.swap(queue_);
    is_urgent_ = false;
    mutex_.Unlock();
    WriteGroup();
    const size_t written = group_.size();
    group_.clear();
    mutex_.Lock();
    written_ += written;
    written_changed_.NotifyAll();
  }
  writer_is_ = Writer::kEnded;
  written_changed_.NotifyAll();
  mutex_.Unlock();
}

bool Mdb::IsDueLocked() const {
  if (queue_.empty()) return false;
  return is_urgent_ || detaching_ || queue_.size() >= kGroup || clock_.Now() >= gathers_until_;
}

void Mdb::SleepLocked() {
  writer_is_ = queue_.empty() ? Writer::kIdle : Writer::kGathers;
  if (queue_.empty())
    to_write_.Wait(mutex_);
  else
    clock_.WaitUntil(to_write_, mutex_, gathers_until_);
  writer_is_ = Writer::kWrites;
}

void Mdb::WriteGroup() {
  const int32_t status = Apply();
  Forget();
  ReportGroup();
  if (status == VSAPI_OK) CountChange();
  TellHowItGoes(IsFailure(status));
  for (OutcomeDraft& draft : group_)
    if (draft.done) draft.done(draft.result);
}

// A store that fails as a whole has written none of them.
int32_t Mdb::Apply() {
  int32_t status = VSAPI_E_GONE;
  try {
    if (const auto to = store()) {
      FillOutcomes();
      status = to->table.apply(to->self, outcomes_.data(), outcomes_.size());
    }
  } catch (const std::bad_alloc&) {
    status = VSAPI_E_NO_MEMORY;
  }
  for (size_t i = 0; i < group_.size(); ++i)
    group_[i].result = status == VSAPI_OK ? outcomes_[i].result : status;
  return status;
}

void Mdb::FillOutcomes() {
  size_t findings = 0;
  for (const OutcomeDraft& draft : group_)
    findings += draft.report ? draft.report->findings.size() : 0;
  findings_.clear();
  findings_.reserve(findings);  // so that pointers into it stay good
  outcomes_.assign(group_.size(), {});
  for (size_t i = 0; i < group_.size(); ++i) FillOutcome(group_[i], outcomes_[i]);
}

void Mdb::FillOutcome(const OutcomeDraft& draft, vsapi_outcome& outcome) {
  outcome.struct_size = sizeof outcome;
  outcome.action = draft.action;
  outcome.item = &draft.item;
  outcome.stamp = draft.stamp;
  outcome.attempt = draft.attempt;
  outcome.text = "";
  outcome.result = VSAPI_E_INTERNAL;
  outcome.since_generation = draft.since;
  if (draft.report == nullptr) return;
  outcome.findings = findings_.data() + findings_.size();
  outcome.finding_count = draft.report->findings.size();
  for (const Finding& finding : draft.report->findings)
    findings_.push_back(
        {sizeof(vsapi_finding), finding.kind, finding.name.c_str(), finding.part_path.c_str()});
  outcome.text = draft.report->text.c_str();
  if (draft.action != VSAPI_ACTION_REPLACE) return;
  outcome.replacement = draft.report->replacement.data();
  outcome.replacement_size = draft.report->replacement.size();
}

// The store has them now (or will never have them): its own stamps rule again where no other item's
// is on its way.
void Mdb::Forget() {
  const MutexLock lock(mutex_);
  for (const OutcomeDraft& draft : group_) {
    if (!draft.is_shown) continue;
    const auto shown = decided_.find(draft.item.digest);
    if (--shown->second.outcomes > 0) continue;
    if (spares_.size() < spares_.capacity())
      spares_.push_back(decided_.extract(shown));
    else
      decided_.erase(shown);
  }
}

// Once for all that were lost together, of which it names one, if it can one that found something.
void Mdb::ReportGroup() {
  size_t lost = 0;
  const OutcomeDraft* named = nullptr;
  for (const OutcomeDraft& draft : group_) {
    if (!IsFailure(draft.result)) continue;
    ++lost;
    if (named == nullptr || *named->stamp.finding == '\0') named = &draft;
  }
  if (lost > 0) Report(*named, lost);
}

void Mdb::Report(const OutcomeDraft& outcome, size_t count) {
  reasons_->AddFailure();
  counters_.Add(Counter::kOutcomesNotWritten, count);
  try {
    events_.Log(
        EventId::kOutcomeNotWritten,
        "\"" + name_ + "\" could not write outcomes (" + StatusText(outcome.result) + ")",
        {{"mdb", name_}, {"outcomes", std::to_string(count)}, {"finding", outcome.stamp.finding}});
  } catch (const std::bad_alloc&) {
    return;  // it is counted
  }
}

// Once for all together: one pass finds what they have left.
void Mdb::CountChange() {
  if (std::any_of(group_.begin(), group_.end(), HasChangedOrMoved)) reasons_->AddChange();
}

void Mdb::TellHowItGoes(bool has_failed) try {
  if (fails_ && !has_failed) events_.Log(EventId::kStoreWritesAgain, "", {{"mdb", name_}});
  fails_ = has_failed;
} catch (const std::bad_alloc&) {
  return;  // it is told after the next group
}

}  // namespace vsapi::engine
