// SPDX-License-Identifier: Apache-2.0
//
// The vendor class: life cycle, sessions, extensions. The border of the DLL is the SDK's.
//
// Nothing outlives an instance, so the DLL need not stay resident.
#include <vsapi/vendor.h>

#include <memory>
#include <optional>
#include <string>

#include "../common/eicar.h"
#include "parameters.h"
#include "rule_set.h"
#include "scanner.h"

namespace vsapi::yara {
namespace {

class YaraVendor final : public Vendor,
                         public WithSignatures,
                         public WithSelfTest,
                         public WithFork {
 public:
  static constexpr vsapi_vendor_info kInfo = {
      sizeof(vsapi_vendor_info), 0, "OpenVSAPI-YARA",
      "OpenVSAPI " VSAPI_VERSION_TEXT " with libyara " YR_VERSION, 1};

  explicit YaraVendor(const Create& how)
      : services_(how.services),
        parameters_(ParseParameters(how.parameters)),
        sessions_(how.sessions) {}

  void Start() override { rules_.emplace(parameters_, sessions_, services_); }
  void Stop() override { rules_.reset(); }
  std::unique_ptr<Session> OpenSession() override {
    return std::make_unique<Scanner>(parameters_, *rules_);
  }
  int32_t Scan(Session& session, const Request& request, Result& result) override {
    return static_cast<Scanner&>(session).Scan(request, result);
  }

  vsapi_signatures_identity Signatures() override { return rules_->identity(); }
  bool HasNewerSignatures() override { return rules_->HasNewer(); }
  Bytes PositiveSample() override { return {eicar_.data(), eicar_.size()}; }
  // Compiled rules are plain memory: a forked worker may go on with them as they are.
  void AfterFork(const std::string&) override {}

 private:
  const Services services_;
  const Parameters parameters_;
  const uint32_t sessions_;
  const std::string eicar_ = Eicar();
  std::optional<RuleSet> rules_;  // while started
};

}  // namespace
}  // namespace vsapi::yara

VSAPI_VENDOR(vsapi::yara::YaraVendor)
