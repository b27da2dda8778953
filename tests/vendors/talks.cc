// SPDX-License-Identifier: Apache-2.0
//
// Uses what the engine offers: writes a line with the role that it finds itself in from create,
// start and scan, and one that breaks the rules of a line on content with the word TALK. Behaves
// otherwise.
#include "test_vendor.h"

namespace vsapi::test_vendor {

struct TalkingInstance : Instance {
  const vsapi_services* services = nullptr;
  const vsapi_ext_log* log = nullptr;
  const vsapi_ext_thread_check* thread_check = nullptr;
};

static void TellRole(const TalkingInstance& self, const std::string& where) {
  const bool control = self.thread_check->is_control(self.services) != 0;
  const bool scan = self.thread_check->is_scan(self.services) != 0;
  const std::string text = where + (control ? " control" : "") + (scan ? " scan" : "");
  self.log->write(self.services, VSAPI_LOG_INFO, text.c_str());
}

static TalkingInstance& Talking(vsapi_vendor* vendor) {
  return static_cast<TalkingInstance&>(Self(vendor));
}

static int32_t StartTalking(vsapi_vendor* vendor) {
  TellRole(Talking(vendor), "start");
  return VSAPI_OK;
}

static void DestroyTalking(vsapi_vendor* vendor) { delete &Talking(vendor); }

static int32_t TalkAndJudge(Instance& instance, const vsapi_scan_request* request,
                            const std::string& content, vsapi_scan_result* result) {
  const TalkingInstance& self = Talking(&instance);
  if (Has(content, "TALK")) {
    TellRole(self, "scan");
    self.log->write(self.services, 99, "two\nlines \xff");
    result->calls->set_text(result, "first");
    result->calls->set_text(result, "a text\nfor the administrator");
  }
  return JudgeWell(instance, request, content, result);
}

constexpr vsapi_vendor_table kTable = [] {
  vsapi_vendor_table table = TableThatJudgesBy<TalkAndJudge>();
  table.start = StartTalking;
  table.destroy = DestroyTalking;
  return table;
}();

static int32_t CreateTalking(const vsapi_create* how, vsapi_vendor** vendor) {
  auto* self = new TalkingInstance;
  self->table = &kTable;
  self->parameters = how->parameters;
  self->services = how->services;
  self->log =
      static_cast<const vsapi_ext_log*>(how->services->get_extension(how->services, VSAPI_EXT_LOG));
  self->thread_check = static_cast<const vsapi_ext_thread_check*>(
      how->services->get_extension(how->services, VSAPI_EXT_THREAD_CHECK));
  if (how->services->get_extension(how->services, "vsapi.nonsense/1") != nullptr) std::abort();
  TellRole(*self, "create");
  *vendor = self;
  return VSAPI_OK;
}

}  // namespace vsapi::test_vendor

static constexpr vsapi_vendor_info kInfo = {sizeof(vsapi_vendor_info), 0, "TalkingVendor",
                                            "Test vendor TalkingVendor", 1};
VSAPI_EXPORT_ENTRY = {sizeof(vsapi_entry), VSAPI_ABI_MAJOR, VSAPI_ABI_MINOR, &kInfo,
                      vsapi::test_vendor::CreateTalking};
