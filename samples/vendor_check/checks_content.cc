// SPDX-License-Identifier: Apache-2.0
//
// Contents and how they come: small, huge, in pieces, broken off, cancelled, with odd properties.
// Above all: what was not wholly read is never clean.
#include <algorithm>
#include <iterator>

#include "checks.h"
#include "host.h"
#include "words.h"

namespace vendor_check {
namespace {

using namespace std::chrono_literals;

constexpr auto kMayTakeToStop = 1s;
constexpr size_t kMiddling = size_t{1} << 20;
constexpr uint64_t kHuge = uint64_t{64} << 20;
constexpr size_t kLongByPieces = 64 * 1024;  // a longer one is not read byte by byte

// Tries each of `contents`, and says which one is at work.
template <typename Judge>
void ForEach(Running& running, const std::vector<Content>& contents, Judge judge) {
  for (const Content& content : contents) {
    running.host.examination().Step("scan of " + content.name);
    judge(content, running.session->ScanPatiently(content));
  }
}

void ExpectClean(Examination& examination, const std::vector<Content>& contents) {
  Running running(examination);
  ForEach(running, contents, [&](const Content& content, const Answer& answer) {
    examination.Expect(answer.is_clean(), content.name + " gets " + answer.Describe());
  });
}

void Empty(Examination& examination) {
  const Content empty{.name = "an empty content", .bytes = ""};
  ExpectClean(examination, {empty, ByReads(empty)});
}

void Tiny(Examination& examination) {
  const Content one{.name = "one byte", .bytes = "M"}, five{.name = "five bytes", .bytes = "Hello"};
  ExpectClean(examination, {one, ByReads(one), five, ByReads(five)});
}

void Harmless(Examination& examination) {
  ExpectClean(examination, {HarmlessText(), ByReads(HarmlessText()), LongText(100'000)});
}

void FindsEicar(Examination& examination) {
  if (!examination.subject().expect_eicar) examination.Skip("--no-eicar");
  Running running(examination);
  const Content eicar{.name = "EICAR", .bytes = Eicar()};
  ForEach(running, {eicar, ByReads(eicar)}, [&](const Content&, const Answer& answer) {
    examination.Expect(answer.status == VSAPI_OK && answer.verdict == VSAPI_VERDICT_INFECTED,
                       "EICAR gets " + answer.Describe() +
                           "; a vendor that knows no EICAR is checked with --no-eicar");
  });
}

void ShortReads(Examination& examination) {
  Running running(examination);
  for (const Content& content : Contents(running.instance)) {
    const Answer whole = running.session->ScanPatiently(content);
    for (const size_t longest : {SIZE_MAX, size_t{1}, size_t{7}, size_t{4093}}) {
      if (longest < 100 && content.size() > kLongByPieces) continue;
      examination.Step("scan of " + content.name + " by reads of " + std::to_string(longest));
      const Answer read = running.session->ScanPatiently(ByReads(content, longest));
      examination.Expect(read.SaysTheSameAs(whole),
                         content.name + ": " + whole.Describe() + " in memory, " + read.Describe() +
                             " by reads of at most " + std::to_string(longest));
    }
  }
}

void Huge(Examination& examination) {
  Running running(examination);
  ForEach(running, {Zeros(kHuge)}, [&](const Content& content, const Answer& answer) {
    examination.Expect(answer.was_given(), content.name + " get " + answer.Describe());
    examination.Note(content.name + ": " + answer.Describe() + " in " +
                     InMilliseconds(answer.took));
  });
}

// A content of which a part never comes.
std::vector<Content> Broken(uint64_t Content::*at) {
  std::vector<Content> contents;
  for (const uint64_t offset :
       {uint64_t{0}, uint64_t{1}, uint64_t{kMiddling / 2}, uint64_t{kMiddling - 1}}) {
    Content content = ByReads(LongText(kMiddling), 65'521);
    content.*at = offset;
    content.name += " of which " + std::to_string(offset) + " can be read";
    contents.push_back(content);
  }
  return contents;
}

void ExpectNeverClean(Examination& examination, const std::vector<Content>& contents) {
  Running running(examination);
  ForEach(running, contents, [&](const Content& content, const Answer& answer) {
    examination.Expect(!answer.is_clean(), content.name + ": " + answer.Describe());
    examination.Expect(answer.was_given(), content.name + ": " + answer.Describe());
  });
}

void ReadFails(Examination& examination) {
  ExpectNeverClean(examination, Broken(&Content::fails_at));
}

void EndsEarly(Examination& examination) {
  ExpectNeverClean(examination, Broken(&Content::ends_at));
}

bool MayFollowAStop(const Answer& answer) {
  return answer.status == VSAPI_E_CANCELLED || answer.status == VSAPI_E_TIMEOUT ||
         answer.status == VSAPI_OK;
}

bool BlamesALimit(const Answer& answer) {
  return answer.status == VSAPI_OK && answer.verdict == VSAPI_VERDICT_OVER_LIMIT;
}

std::chrono::nanoseconds TookToStop(const Answer& answer) {
  return answer.took_to_stop.value_or(answer.took);
}

void ExpectStopped(Examination& examination, const Content& content, const Answer& answer) {
  const std::string said = content.name + ": " + answer.Describe();
  examination.Expect(MayFollowAStop(answer) && answer.was_given(), said);
  const bool was_cut_off =
      !content.in_memory && std::min(content.cancelled_at, content.expired_at) < content.size();
  examination.Expect(!answer.is_clean() || !was_cut_off, said + ", though it was not read");
  examination.Expect(TookToStop(answer) <= kMayTakeToStop,
                     said + ", after " + InMilliseconds(TookToStop(answer)));
}

// Stops the scan of `content` once `offset` bytes were read, which is told by `at`; how long the
// vendor took from there.
std::chrono::nanoseconds Stop(Running& running, uint64_t offset, uint64_t Content::*at,
                              const Content& content) {
  Examination& examination = running.host.examination();
  examination.Step("scan of " + content.name + " that is stopped at " + std::to_string(offset));
  Content stopped = content;
  stopped.*at = offset;
  const Answer answer = running.session->ScanPatiently(stopped);
  ExpectStopped(examination, stopped, answer);
  // What is over a limit is so without a stop too.
  examination.Expect(
      !BlamesALimit(answer) || running.session->ScanPatiently(content).SaysTheSameAs(answer),
      content.name + ": " + answer.Describe() + ", though it was stopped by time");
  return TookToStop(answer);
}

void NoteLongest(Examination& examination, std::chrono::nanoseconds longest) {
  examination.Note("stopped within " + InMilliseconds(longest));
}

void StopAt(Examination& examination, uint64_t offset, uint64_t Content::*at,
            const std::vector<Content>& contents) {
  Running running(examination);
  std::chrono::nanoseconds longest{};
  for (const Content& content : contents)
    longest = std::max(longest, Stop(running, offset, at, content));
  NoteLongest(examination, longest);
}

void CancelledBefore(Examination& examination) {
  StopAt(examination, 0, &Content::cancelled_at,
         {LongText(kMiddling), ByReads(LongText(kMiddling))});
}

void CancelledMidway(Examination& examination) {
  StopAt(examination, kMiddling / 2, &Content::cancelled_at,
         {ByReads(LongText(kMiddling)), ByReads(LongText(kMiddling), 4093), Zeros(kHuge)});
}

void CancelledWhenRead(Examination& examination) {
  Running running(examination);
  std::vector<Content> contents = Contents(running.instance);
  contents.push_back(Zeros(kHuge));
  std::chrono::nanoseconds longest{};
  for (const Content& content : contents) {
    const uint64_t all = std::max<uint64_t>(content.size(), 1);
    longest = std::max(longest, Stop(running, all, &Content::cancelled_at, ByReads(content)));
  }
  NoteLongest(examination, longest);
}

void ExpiredMidway(Examination& examination) {
  StopAt(examination, kMiddling / 2, &Content::expired_at,
         {ByReads(LongText(kMiddling), 4093), Zeros(kHuge)});
}

Properties Ordinary() {
  return {{{VSAPI_PROPERTY_SENDER, {"alice@example.org"}},
           {VSAPI_PROPERTY_RECIPIENT, {"bob@example.org", "carol@example.org"}},
           {VSAPI_PROPERTY_SUBJECT, {"Minutes of Monday"}},
           {VSAPI_PROPERTY_MESSAGE_ID, {"1@example.org"}},
           {VSAPI_PROPERTY_MAILBOX, {"bob"}},
           {VSAPI_PROPERTY_FOLDER_PATH, {"Inbox/Work"}},
           {VSAPI_PROPERTY_MDB, {"private"}},
           {VSAPI_PROPERTY_SERVER, {"mail.example.org"}},
           {VSAPI_PROPERTY_CLIENT_PROTOCOL, {"imap"}},
           {VSAPI_PROPERTY_ATTACHMENT_NAME, {"minutes.txt"}},
           {VSAPI_PROPERTY_CONTENT_TYPE, {"text/plain"}},
           {VSAPI_PROPERTY_PART_PATH, {"2.1"}}},
          {{VSAPI_PROPERTY_SUBMIT_TIME, 1'700'000'000'000'000'000},
           {VSAPI_PROPERTY_DELIVERY_TIME, 1'700'000'000'000'000'001},
           {VSAPI_PROPERTY_SIZE, 68}}};
}

// Every text as `text`, every number as `number`.
Properties All(const std::string& text, int64_t number) {
  Properties properties = Ordinary();
  for (auto& [id, texts] : properties.texts) texts.assign(texts.size(), text);
  for (auto& [id, integer] : properties.integers) integer = number;
  return properties;
}

std::vector<Content> WithProperties() {
  Properties crowd = Ordinary();
  crowd.texts[VSAPI_PROPERTY_RECIPIENT].resize(10'000, "one@example.org");
  const std::pair<const char*, Properties> each[] = {
      {"ordinary properties", Ordinary()},
      {"empty properties", All("", 0)},
      {"properties of a mebibyte", All(std::string(kMiddling, 'x'), INT64_MAX)},
      {"properties beyond ASCII", All("\xc3\xa9\xe6\xbc\xa2\xf0\x9f\x93\xa7\xe2\x80\xae", -1)},
      {"properties with control characters", All("a\r\nb\x01\x1b[31m%s%n../../etc", INT64_MIN)},
      {"ten thousand recipients", crowd}};
  std::vector<Content> contents;
  for (const auto& [name, properties] : each) {
    contents.push_back(HarmlessText());
    contents.back().name += std::string(" with ") + name;
    contents.back().properties = properties;
  }
  return contents;
}

void OddProperties(Examination& examination) {
  Running running(examination);
  const Answer without = running.session->ScanPatiently(HarmlessText());
  ForEach(running, WithProperties(), [&](const Content& content, const Answer& answer) {
    examination.Expect(answer.was_given() && answer.status == VSAPI_OK,
                       content.name + " gets " + answer.Describe());
    examination.Expect(answer.verdict == without.verdict || answer.scope == VSAPI_SCOPE_ITEM,
                       content.name + " gets " + answer.Describe() +
                           ", without them another verdict, and the scope is not the item");
  });
}

}  // namespace

std::vector<Check> ContentChecks() {
  constexpr const char* kScan = "abi/vendor.h: vsapi_vendor_table.scan";
  constexpr const char* kRead = "abi/scan.h: vsapi_scan_request_calls.read";
  constexpr const char* kCancelled = "abi/scan.h: vsapi_scan_request_calls.is_cancelled";
  return {
      {"scan.empty", "life.start", "An empty content is clean", "abi/scan.h: vsapi_scan_request",
       Empty},
      {"scan.tiny", "life.start", "One byte and five bytes are clean", kScan, Tiny},
      {"scan.harmless", "life.start", "A harmless text is clean", "abi/ext/self_test.h", Harmless},
      {"scan.eicar", "life.start", "EICAR is found, in memory and by reads", kScan, FindsEicar},
      {"scan.huge", "life.start", "64 MiB of zeros end with a known answer, in time", kScan, Huge},
      {"scan.read-fails", "life.start", "A content that can't be read to its end is never clean",
       kRead, ReadFails},
      {"scan.ends-early", "life.start", "A content that ends before its size is never clean",
       "abi/verdict.h: What was not wholly read", EndsEarly},
      {"scan.cancelled-before", "life.start",
       "A scan that is cancelled from the start returns within a second", kCancelled,
       CancelledBefore},
      {"scan.cancelled-midway", "life.start",
       "A scan that is cancelled midway returns within a second, and not clean", kCancelled,
       CancelledMidway},
      {"scan.budget", "life.start",
       "A scan whose budget runs out returns within a second, neither clean nor over-limit",
       "abi/scan.h: vsapi_scan_request.budget_ns", ExpiredMidway},
      {"scan.properties", "life.start",
       "Any properties are borne; a verdict that they change is of the item",
       "abi/property.h, abi/verdict.h: VSAPI_SCOPE_ITEM", OddProperties},
      {"scan.cancelled-late", "scan.judged",
       "A scan that is cancelled when all is read returns within a second", kCancelled,
       CancelledWhenRead},
      {"scan.short-reads", "scan.judged", "Reads of any length give the verdict of the whole",
       kRead, ShortReads},
  };
}

}  // namespace vendor_check
