// SPDX-License-Identifier: Apache-2.0
//
// The specification of samples/minimal_vendor, of the one in C and the one in C++: EICAR is found
// wherever it stands and however the content comes, and nothing is called clean that was not wholly
// read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/samples.h"
#include "support/vendor_harness.h"

namespace vsapi::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr size_t kWindow = 64 * 1024;  // the vendor's own

struct Sample {
  const char* name;
  const char* path;
};

class MinimalVendor : public ::testing::TestWithParam<Sample> {
 protected:
  void ExpectFound(const Script& script) {
    const Outcome outcome = vendor_.Scan(script);
    EXPECT_EQ(outcome.status, VSAPI_OK);
    EXPECT_EQ(outcome.verdict, VSAPI_VERDICT_INFECTED);
    EXPECT_EQ(outcome.scope, VSAPI_SCOPE_CONTENT);
    EXPECT_THAT(outcome.names(), ElementsAre("EICAR-Test-File"));
  }
  void ExpectClean(const Script& script) {
    const Outcome outcome = vendor_.Scan(script);
    EXPECT_EQ(outcome.status, VSAPI_OK);
    EXPECT_EQ(outcome.verdict, VSAPI_VERDICT_CLEAN);
    EXPECT_THAT(outcome.names(), IsEmpty());
  }

  StartedVendor vendor_{GetParam().path};
};

INSTANTIATE_TEST_SUITE_P(Samples, MinimalVendor,
                         ::testing::Values(Sample{"MinimalVendor", VSAPI_MINIMAL_VENDOR},
                                           Sample{"MinimalVendorCpp", VSAPI_MINIMAL_CPP_VENDOR}),
                         [](const auto& each) { return std::string(each.param.name); });

TEST_P(MinimalVendor, SaysWhoItIs) {
  EXPECT_STREQ(vendor_.entry().info->name, GetParam().name);
  EXPECT_EQ(vendor_.entry().info->flags, 0u);
}

TEST_P(MinimalVendor, FindsEicarAlone) { ExpectFound({.content = Eicar()}); }

TEST_P(MinimalVendor, FindsEicarAnywhereInMemory) {
  for (size_t before : {size_t{1}, size_t{1000}, kWindow - 30, kWindow, 3 * kWindow - 67}) {
    SCOPED_TRACE(before);
    ExpectFound({.content = std::string(before, 'X') + Eicar() + std::string(100, 'X')});
  }
}

TEST_P(MinimalVendor, FindsEicarAcrossTheBorderOfAWindowWhateverItsPlace) {
  for (size_t inside = 0; inside <= Eicar().size(); ++inside) {
    SCOPED_TRACE(inside);
    ExpectFound({.content = std::string(kWindow - inside, '.') + Eicar(), .in_memory = false});
  }
}

TEST_P(MinimalVendor, FindsEicarByShortReads) {
  for (size_t longest : {size_t{1}, size_t{7}, size_t{67}, size_t{68}, size_t{4096}}) {
    SCOPED_TRACE(longest);
    ExpectFound({.content = std::string(10'000, '.') + Eicar() + "end",
                 .in_memory = false,
                 .longest_read = longest});
  }
}

TEST_P(MinimalVendor, CallsCleanWhatHoldsNoEicar) {
  ExpectClean({.content = "Hello"});
  ExpectClean({.content = std::string(3 * kWindow, 'X'), .in_memory = false});
  ExpectClean({.content = Eicar().substr(0, 67)});
  ExpectClean({.content = Eicar().substr(1), .in_memory = false});
}

TEST_P(MinimalVendor, CallsEmptyContentClean) {
  ExpectClean({.content = ""});
  ExpectClean({.content = "", .in_memory = false});
}

TEST_P(MinimalVendor, ForgetsOneScanBeforeTheNext) {
  ExpectClean({.content = Eicar().substr(0, 40), .in_memory = false});
  ExpectClean({.content = Eicar().substr(40), .in_memory = false});
}

TEST_P(MinimalVendor, PassesOnThatTheContentCouldNotBeRead) {
  const Outcome outcome = vendor_.Scan(
      {.content = std::string(3 * kWindow, '.'), .in_memory = false, .read_fails_at = 2 * kWindow});
  EXPECT_EQ(outcome.status, VSAPI_E_READ_FAILED);
}

TEST_P(MinimalVendor, NeverCallsCleanWhatEndedTooEarly) {
  const Outcome outcome =
      vendor_.Scan({.content = std::string(1000, '.'), .in_memory = false, .declared_size = 2000});
  EXPECT_EQ(outcome.status, VSAPI_E_READ_FAILED);
}

TEST_P(MinimalVendor, StopsWhenCancelled) {
  const Outcome outcome = vendor_.Scan({.content = std::string(10 * kWindow, '.') + Eicar(),
                                        .in_memory = false,
                                        .cancelled_after = 3});
  EXPECT_EQ(outcome.status, VSAPI_E_CANCELLED);
}

TEST_P(MinimalVendor, FindsTheSampleOfItsOwnSelfTest) {
  const auto* self_test = vendor_.Extension<vsapi_ext_self_test>(VSAPI_EXT_SELF_TEST);
  ASSERT_NE(self_test, nullptr);
  const void* data = nullptr;
  size_t size = 0;
  ASSERT_EQ(self_test->positive_sample(vendor_.get(), &data, &size), VSAPI_OK);
  ExpectFound({.content = std::string(static_cast<const char*>(data), size)});
}

TEST_P(MinimalVendor, HasNoOtherExtension) {
  EXPECT_EQ(vendor_.Extension<void>(VSAPI_EXT_SIGNATURES), nullptr);
}

TEST_P(MinimalVendor, LivesBesideAnotherInstance) {
  {
    StartedVendor two(GetParam().path);
    EXPECT_EQ(two.Scan(Eicar()).verdict, VSAPI_VERDICT_INFECTED);
  }
  EXPECT_EQ(vendor_.Scan(Eicar()).verdict, VSAPI_VERDICT_INFECTED);
}

}  // namespace
}  // namespace vsapi::test
