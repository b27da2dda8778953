// SPDX-License-Identifier: Apache-2.0
//
// Every function pointer of the vendor contract says in the comment before it which thread may call
// it in which state. The comment ends with the role: [any], [scan & started],
// [control & (created | stopped)].
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/source_tree.h"

namespace vsapi::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

bool EndsWithRole(const std::string& comment) {
  static const std::string kState = "(loaded|created|started|stopped)";
  static const std::regex kRole(R"(\[(any|(control|scan) & ()" + kState + R"(|\()" + kState +
                                R"(( \| )" + kState + R"()+\)))\]\s*\*/$)");
  return std::regex_search(comment, kRole);
}

// The comment that ends right before the declaration which holds position `pointer`; "" if none.
std::string CommentBefore(const std::string& text, size_t pointer) {
  const std::string code = WithoutComments(text);
  const size_t previous = code.find_last_of(";{}", pointer);
  const size_t end = text.rfind("*/", pointer);
  if (end == std::string::npos || (previous != std::string::npos && end < previous)) return "";
  const size_t begin = text.rfind("/*", end);
  return text.substr(begin, end + 2 - begin);
}

// The names of the function pointers in `text` whose comment does not end with a role.
std::vector<std::string> PointersWithoutRole(const std::string& text) {
  static const std::regex kPointer(R"(\(\s*(?:VSAPI_CALL)?\s*\*\s*(?:const\s+)?(\w+)\s*\)\s*\()");
  const std::string code = WithoutComments(text);
  std::vector<std::string> names;
  for (std::sregex_iterator i(code.begin(), code.end(), kPointer), end; i != end; ++i) {
    if (!EndsWithRole(CommentBefore(text, i->position()))) names.push_back((*i)[1]);
  }
  return names;
}

TEST(ThreadRoles, StandOnEachFunctionPointerOfTheVendorContract) {
  const auto headers = SourcesUnder("api/include/vsapi/abi");
  ASSERT_FALSE(headers.empty());
  for (const auto& header : headers) {
    EXPECT_THAT(PointersWithoutRole(ReadText(header)), IsEmpty()) << header;
  }
}

TEST(ThreadRoles, AreMissedWhereNoCommentStands) {
  EXPECT_THAT(PointersWithoutRole("struct t {\n  int(VSAPI_CALL* bare)(void);\n};"),
              ElementsAre("bare"));
  EXPECT_THAT(PointersWithoutRole("struct t { int (*no_macro)(void); };"), ElementsAre("no_macro"));
}

TEST(ThreadRoles, AreNotTakenFromTheFunctionBefore) {
  EXPECT_THAT(PointersWithoutRole("/* One. [any] */\nint(VSAPI_CALL* one)(void);\n"
                                  "int(VSAPI_CALL* two)(void);"),
              ElementsAre("two"));
}

TEST(ThreadRoles, AreMissedWhenTheCommentNamesNone) {
  EXPECT_THAT(PointersWithoutRole("/* Reads. */\nint(VSAPI_CALL* read)(void);"),
              ElementsAre("read"));
  EXPECT_THAT(PointersWithoutRole("/* Inside a [control] call. */\nint(VSAPI_CALL* read)(void);"),
              ElementsAre("read"));
}

TEST(ThreadRoles, AreRefusedWithWordsThatTheContractDoesNotHave) {
  for (const char* role : {"[main]", "[scan]", "[scan & running]", "[control & created | stopped]",
                           "[any & started]", "[control & (created)]"}) {
    EXPECT_THAT(PointersWithoutRole("/* X. " + std::string(role) + " */\nint(VSAPI_CALL* x)(int);"),
                ElementsAre("x"))
        << role;
  }
}

TEST(ThreadRoles, AreReadAcrossLinesOfAComment) {
  EXPECT_THAT(PointersWithoutRole("/* Makes ready.\n   * [control & (created | stopped)] */\n"
                                  "int32_t(VSAPI_CALL* start)(vsapi_vendor* vendor);"),
              IsEmpty());
}

}  // namespace
}  // namespace vsapi::test
