// SPDX-License-Identifier: Apache-2.0
//
// A vendor on the C++ SDK that ends each function in the way that a word asks for: the word is in
// the content for a scan, in Parameters for what the control thread calls.
#include <vsapi/vendor.h>

#include <stdexcept>

namespace {

void EndAs(std::string_view word) {
  const auto has = [&](const char* what) { return word.find(what) != std::string_view::npos; };
  if (has("FAILURE")) throw vsapi::Failure(VSAPI_E_BUSY, "come again");
  if (has("SILENT")) throw vsapi::Failure(VSAPI_E_BUSY);
  if (has("NO_MEMORY")) throw std::bad_alloc();
  if (has("EXCEPTION")) throw std::runtime_error("what happened");
  if (has("NUMBER")) throw 42;
}

// Says in the log that it is gone: whoever opened it must close it.
class Counted final : public vsapi::Session {
 public:
  explicit Counted(const vsapi::Services& services) : services_(services) {}
  ~Counted() override { services_.Log(VSAPI_LOG_INFO, "a session is closed"); }

 private:
  const vsapi::Services services_;
};

class SdkVendor final : public vsapi::Vendor,
                        public vsapi::WithSignatures,
                        public vsapi::WithSelfTest,
                        public vsapi::WithFork {
 public:
  static constexpr vsapi_vendor_info kInfo = {sizeof(vsapi_vendor_info), 0, "SdkVendor",
                                              "a test of the SDK", 1};

  explicit SdkVendor(const vsapi::Create& how)
      : services_(how.services), parameters_(how.parameters) {
    if (At("create")) EndAs(parameters_);
  }
  ~SdkVendor() override { services_.Log(VSAPI_LOG_INFO, "the vendor is gone"); }

  void Start() override {
    if (At("start")) EndAs(parameters_);
  }
  void Stop() override {
    if (At("stop")) EndAs(parameters_);
  }
  std::unique_ptr<vsapi::Session> OpenSession() override {
    if (At("session")) EndAs(parameters_);
    return std::make_unique<Counted>(services_);
  }
  int32_t Scan(vsapi::Session&, const vsapi::Request& request, vsapi::Result& result) override {
    const std::string content(request.ReadAll(buffer_).text());
    if (content == "CLEANED") vsapi::Replacement(result).Write({"new", 3});
    if (content == "EMPTIED") vsapi::Replacement whole(result);
    EndAs(content);
    return content == "CLEANED" || content == "EMPTIED" ? VSAPI_VERDICT_CLEANED
                                                        : VSAPI_VERDICT_CLEAN;
  }

  vsapi_signatures_identity Signatures() override {
    EndAs(parameters_);
    return {};
  }
  bool HasNewerSignatures() override {
    EndAs(parameters_);
    return true;
  }
  vsapi::Bytes PositiveSample() override {
    EndAs(parameters_);
    return {"sample", 6};
  }
  void AfterFork(const std::string&) override { EndAs(parameters_); }

 private:
  bool At(const char* function) const { return parameters_.find(function) == 0; }

  const vsapi::Services services_;
  const std::string parameters_;
  std::vector<char> buffer_;  // of the one session that the test has
};

}  // namespace

VSAPI_VENDOR(SdkVendor)
