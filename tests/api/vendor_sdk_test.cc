// SPDX-License-Identifier: Apache-2.0
//
// The specification of vsapi/vendor.h, from the outside: exceptions stop at the border and become
// what the contract has for them, what was made is unmade, and each call has its state.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/vendor_harness.h"

namespace vsapi::test {
namespace {

struct Thrown {
  const char* word;
  int32_t status;
  const char* text;  // the administrator's; "" for none
};

const Thrown kAll[] = {{"FAILURE", VSAPI_E_BUSY, "come again"},
                       {"SILENT", VSAPI_E_BUSY, ""},
                       {"NO_MEMORY", VSAPI_E_NO_MEMORY, ""},
                       {"EXCEPTION", VSAPI_E_INTERNAL, "what happened"},
                       {"NUMBER", VSAPI_E_INTERNAL, ""}};

const LoadedVendor& Dll() {
  static const LoadedVendor dll(VSAPI_SDK_VENDOR);
  return dll;
}

class SdkVendor {
 public:
  explicit SdkVendor(const std::string& parameters = "") : instance(Dll(), parameters) {}
  const vsapi_vendor_table& table() const { return *instance.get()->table; }
  VendorInstance instance;
};

TEST(VendorSdk, TurnsWhatAScanThrowsIntoItsStatusAndText) {
  StartedVendor vendor(VSAPI_SDK_VENDOR);
  for (const Thrown& thrown : kAll) {
    const Outcome outcome = vendor.Scan(thrown.word);
    EXPECT_EQ(outcome.status, thrown.status) << thrown.word;
    EXPECT_EQ(outcome.verdict, VSAPI_VERDICT_NONE) << thrown.word;
    EXPECT_EQ(outcome.text, thrown.text) << thrown.word;
  }
  EXPECT_EQ(vendor.Scan("harmless").verdict, VSAPI_VERDICT_CLEAN);
}

TEST(VendorSdk, TurnsWhatControlCallsThrowIntoTheirStatus) {
  for (const Thrown& thrown : kAll) {
    const std::string word = std::string(" ") + thrown.word;
    EXPECT_EQ(SdkVendor("create" + word).instance.create_status(), thrown.status) << word;
    EXPECT_EQ(SdkVendor("start" + word).instance.Start(), thrown.status) << word;
    const SdkVendor no_session("session" + word);
    vsapi_session* session = nullptr;
    const auto* table = no_session.instance.get()->table;
    ASSERT_EQ(table->start(no_session.instance.get()), VSAPI_OK);
    EXPECT_EQ(table->open_session(no_session.instance.get(), &session), thrown.status) << word;
    EXPECT_EQ(session, nullptr);
  }
}

TEST(VendorSdk, LogsWhyAControlCallFailed) {
  SdkVendor failing("start FAILURE"), odd("start EXCEPTION"), poor("start NO_MEMORY");
  failing.instance.Start();
  odd.instance.Start();
  poor.instance.Start();
  EXPECT_TRUE(failing.instance.Logged(VSAPI_LOG_ERROR, "come again"));
  EXPECT_TRUE(odd.instance.Logged(VSAPI_LOG_ERROR, "what happened"));
  EXPECT_TRUE(poor.instance.Logged(VSAPI_LOG_ERROR, "out of memory"));
}

TEST(VendorSdk, TurnsWhatExtensionsThrowIntoTheirStatus) {
  for (const Thrown& thrown : kAll) {
    SdkVendor vendor(std::string("extensions ") + thrown.word);
    ASSERT_EQ(vendor.instance.Start(), VSAPI_OK);
    vsapi_vendor* it = vendor.instance.get();
    const auto* signatures = vendor.instance.Extension<vsapi_ext_signatures>(VSAPI_EXT_SIGNATURES);
    const auto* sample = vendor.instance.Extension<vsapi_ext_self_test>(VSAPI_EXT_SELF_TEST);
    const auto* fork = vendor.instance.Extension<vsapi_ext_fork>(VSAPI_EXT_FORK);
    vsapi_signatures_identity identity = {};
    identity.struct_size = sizeof identity;
    int32_t newer = 0;
    const void* data = nullptr;
    size_t size = 0;
    EXPECT_EQ(signatures->identity(it, &identity), thrown.status) << thrown.word;
    EXPECT_EQ(signatures->poll(it, &newer), thrown.status) << thrown.word;
    EXPECT_EQ(newer, 0);
    EXPECT_EQ(sample->positive_sample(it, &data, &size), thrown.status) << thrown.word;
    EXPECT_EQ(fork->after_fork(it, "/tmp"), thrown.status) << thrown.word;
  }
}

TEST(VendorSdk, LetsNothingOutOfStop) {
  SdkVendor vendor("stop NUMBER");
  ASSERT_EQ(vendor.instance.Start(), VSAPI_OK);
  vendor.instance.Stop();
  EXPECT_EQ(vendor.instance.Start(), VSAPI_OK) << "it is stopped all the same";
}

TEST(VendorSdk, AnswersStateOutOfOrder) {
  SdkVendor vendor;
  vsapi_session* session = nullptr;
  EXPECT_EQ(vendor.table().open_session(vendor.instance.get(), &session), VSAPI_E_STATE);
  ASSERT_EQ(vendor.instance.Start(), VSAPI_OK);
  EXPECT_EQ(vendor.table().start(vendor.instance.get()), VSAPI_E_STATE);
}

TEST(VendorSdk, EndsSessionsWhenTheyAreClosed) {
  SdkVendor vendor;
  ASSERT_EQ(vendor.instance.Start(), VSAPI_OK);
  { const VendorSession session(vendor.instance); }
  EXPECT_TRUE(vendor.instance.Logged(VSAPI_LOG_INFO, "a session is closed"));
}

TEST(VendorSdk, HandsOverAReplacementAlsoAnEmptyOne) {
  StartedVendor vendor(VSAPI_SDK_VENDOR);
  const Outcome cleaned = vendor.Scan("CLEANED"), emptied = vendor.Scan("EMPTIED");
  EXPECT_EQ(cleaned.verdict, VSAPI_VERDICT_CLEANED);
  EXPECT_EQ(cleaned.replacement, "new");
  EXPECT_EQ(emptied.verdict, VSAPI_VERDICT_CLEANED);
  EXPECT_EQ(emptied.replacement, "");
}

TEST(VendorSdk, ReadsContentWhereverItIs) {
  StartedVendor vendor(VSAPI_SDK_VENDOR);
  EXPECT_EQ(vendor.Scan({.content = "CLEANED", .in_memory = false, .longest_read = 2}).verdict,
            VSAPI_VERDICT_CLEANED);
  EXPECT_EQ(vendor.Scan({.content = "CLEANED", .in_memory = false, .read_fails_at = 3}).status,
            VSAPI_E_READ_FAILED);
  EXPECT_EQ(vendor.Scan({.content = "CLEANED", .in_memory = false, .declared_size = 9}).status,
            VSAPI_E_READ_FAILED);
  EXPECT_EQ(vendor.Scan({.content = "CLEANED", .in_memory = false, .cancelled_after = 0}).status,
            VSAPI_E_CANCELLED);
}

}  // namespace
}  // namespace vsapi::test
