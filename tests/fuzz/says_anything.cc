// SPDX-License-Identifier: Apache-2.0
//
// A vendor whose answer is written in the content: each byte says which call of the engine is next,
// and with what. The content's own words mean nothing to it.
#include "vendors/test_vendor.h"

namespace vsapi::test_vendor {

// Reads the content as a list of calls; at its end all is zero and empty.
class Script {
 public:
  explicit Script(std::string_view bytes) : rest_(bytes) {}
  bool is_over() const { return rest_.empty(); }
  int Next() {
    if (rest_.empty()) return 0;
    const int byte = static_cast<signed char>(rest_.front());
    rest_.remove_prefix(1);
    return byte;
  }
  std::string Text() {
    const auto size = static_cast<unsigned char>(Next());
    const std::string text(rest_.substr(0, size));
    rest_.remove_prefix(text.size());
    return text;
  }

 private:
  std::string_view rest_;
};

static void Find(Script& script, vsapi_scan_result* result) {
  const int32_t kind = script.Next();
  const std::string name = script.Text(), path = script.Text();
  const vsapi_finding finding = {sizeof finding, kind, name.c_str(),
                                 path.empty() ? nullptr : path.c_str()};
  result->calls->add_finding(result, &finding);
}

static void FindHalf(Script& script, vsapi_scan_result* result) {
  const vsapi_finding finding = {static_cast<uint32_t>(script.Next()), VSAPI_FINDING_THREAT,
                                 nullptr, nullptr};
  result->calls->add_finding(result, &finding);
}

static void Replace(Script& script, vsapi_scan_result* result) {
  const std::string text = script.Text();
  result->calls->write_replacement(result, text.empty() ? nullptr : text.data(), text.size());
}

static void AskBack(Script& script, const vsapi_scan_request* request) {
  char buffer[16];
  size_t got = 0;
  request->calls->read(request, static_cast<uint64_t>(script.Next()), buffer, sizeof buffer, &got);
  vsapi_value value = {};
  value.struct_size = sizeof value;
  request->calls->property(request, static_cast<uint32_t>(script.Next()),
                           static_cast<uint32_t>(script.Next()), &value);
}

static int32_t Misjudge(Instance&, const vsapi_scan_request* request, const std::string& content,
                        vsapi_scan_result* result) {
  for (Script script(content); !script.is_over();) switch (script.Next()) {
      case 'f':
        Find(script, result);
        break;
      case 'h':
        FindHalf(script, result);
        break;
      case 't':
        result->calls->set_text(result, script.Text().c_str());
        break;
      case 'n':
        result->calls->set_text(result, nullptr);
        break;
      case 'r':
        Replace(script, result);
        break;
      case 'v':
        result->verdict = script.Next();
        break;
      case 's':
        result->scope = script.Next();
        break;
      case 'a':
        AskBack(script, request);
        break;
      case 'e':
        return script.Next();
      default:
        break;
    }
  return VSAPI_OK;
}

constexpr vsapi_vendor_table kTable = TableThatJudgesBy<Misjudge>();

}  // namespace vsapi::test_vendor

VSAPI_TEST_VENDOR("SaysAnythingVendor", 0, vsapi::test_vendor::kTable);
