// SPDX-License-Identifier: Apache-2.0
//
// The fixture of tests that submit messages on their way: texts as parts, read by a host that keeps
// them in memory.
#ifndef VSAPI_TESTS_SUPPORT_SUBMITTED_H_
#define VSAPI_TESTS_SUPPORT_SUBMITTED_H_

#include <future>
#include <memory>
#include <string>
#include <vector>

#include "support/engine_test.h"

namespace vsapi::test {

inline constexpr uint32_t kTransportFailed = 348;
inline constexpr uint32_t kTransportGivenUp = 1050;
inline constexpr uint32_t kTransportStopped = 1051;

class SubmissionTest : public EngineTest {
 protected:
  void StartTransport(Settings settings = {}, const std::string& vendor = "good") {
    settings.insert(settings.begin(), {"TransportAVAPI\\Enabled", "1"});
    Start(vendor, settings);
  }

  // The texts as attachments, and last the message whole.
  Message MessageOf(const std::vector<std::string>& texts, const std::string& whole = "") {
    reader_ = std::make_shared<MemoryStore>();
    Message message{reader_, {}, "id@example.org"};
    std::string all = "whole";
    for (const std::string& text : texts) {
      message.parts.push_back(reader_->Put(std::to_string(message.parts.size()), text, "name"));
      all += " " + std::to_string(std::hash<std::string>()(text));  // of words that mean nothing
    }
    message.parts.push_back(reader_->Put("whole", whole.empty() ? all : whole, "name"));
    message.parts.back().kind = VSAPI_ITEM_MESSAGE;
    return message;
  }
  MessageDecision Submit(const std::vector<std::string>& texts, const SubmissionOptions& how = {},
                         const std::string& whole = "") {
    return engine_->OnSubmission(MessageOf(texts, whole), how);
  }
  std::future<MessageDecision> SubmitLater(const std::vector<std::string>& texts,
                                           const SubmissionOptions& how = {}) {
    return engine_->AsyncOnSubmission(MessageOf(texts), boost::asio::use_future, how);
  }

  std::shared_ptr<MemoryStore> reader_;
};

}  // namespace vsapi::test

#endif  // VSAPI_TESTS_SUPPORT_SUBMITTED_H_
