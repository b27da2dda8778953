// SPDX-License-Identifier: Apache-2.0
//
// The libyara vendor, unchanged, in worker processes: it judges there as in the host, also what
// comes in large, and newer rules are seen.
#include "support/engine_test.h"

namespace vsapi::test {
namespace {

constexpr char kRule[] = "rule Found_It { strings: $a = \"find me\" condition: $a }\n";

class YaraIsolation : public EngineTest {
 protected:
  void StartIsolated() {
    folder_.Write("a.yar", kRule);
    std::filesystem::permissions(folder_.path(), std::filesystem::perms(0755));
    Options options;
    options.settings = {{"Enabled", "1"},
                        {"Isolation", "process"},
                        {"Library", VSAPI_YARA_DLL},
                        {"Parameters", "rules=" + folder_.path()}};
    StartWith(options);
  }
  Decision OpenText(const std::string& key, const std::string& content) {
    return Open(store_->Put(key, content));
  }

  const TemporaryFolder folder_;
};

TEST_F(YaraIsolation, JudgesAsInTheHost) {
  StartIsolated();
  events_->Await(kVendorLoaded);
  EXPECT_THAT(OpenText("1", "harmless"), Answers(VSAPI_ANSWER_ALLOW, VSAPI_REASON_SCANNED));
  EXPECT_EQ(OpenText("2", std::string(4 << 20, 'x') + "find me").answer,
            VSAPI_ANSWER_DENY_INFECTED);
  EXPECT_TRUE(engine_->Faults().empty());
}

TEST_F(YaraIsolation, TakesNewerRules) {
  StartIsolated();
  EXPECT_EQ(OpenText("1", "and me too").answer, VSAPI_ANSWER_ALLOW);
  folder_.Write("b.yar", "rule Other { strings: $a = \"and me too\" condition: $a }\n");
  ASSERT_TRUE(engine_->Reload());
  EXPECT_EQ(Open(store_->ItemOf("1")).answer, VSAPI_ANSWER_DENY_INFECTED);
}

}  // namespace
}  // namespace vsapi::test
