// SPDX-License-Identifier: Apache-2.0
//
// The layout of the vendor contract on 64-bit machines, frozen: a vendor DLL built yesterday reads
// these places today. A new field is a new row at the end of its struct; no row ever changes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <vsapi/abi/vsapi_vendor.h>

#include "api/source_tree.h"

namespace vsapi::test {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAreArray;

static_assert(sizeof(void*) == 8, "the table below is that of 64-bit machines");

struct Row {
  std::string name;
  size_t offset, size;                // as compiled
  size_t frozen_offset, frozen_size;  // as promised
};

#define FIELD(type, field, offset, size) \
  Row { #type "." #field, offsetof(type, field), sizeof(type::field), offset, size }
#define STRUCT(type, size) \
  Row { #type, 0, sizeof(type), 0, size }

// NOLINTBEGIN(bugprone-sizeof-expression, readability-function-size): it is a table.
const std::vector<Row>& FrozenLayout() {
  static const std::vector<Row> kRows = {
      STRUCT(vsapi_value, 32),
      FIELD(vsapi_value, struct_size, 0, 4),
      FIELD(vsapi_value, type, 4, 4),
      FIELD(vsapi_value, text, 8, 8),
      FIELD(vsapi_value, text_size, 16, 8),
      FIELD(vsapi_value, integer, 24, 8),
      STRUCT(vsapi_services, 16),
      FIELD(vsapi_services, struct_size, 0, 4),
      FIELD(vsapi_services, get_extension, 8, 8),
      STRUCT(vsapi_scan_request_calls, 32),
      FIELD(vsapi_scan_request_calls, read, 0, 8),
      FIELD(vsapi_scan_request_calls, property, 8, 8),
      FIELD(vsapi_scan_request_calls, is_cancelled, 16, 8),
      FIELD(vsapi_scan_request_calls, remaining_ns, 24, 8),
      STRUCT(vsapi_scan_request, 56),
      FIELD(vsapi_scan_request, struct_size, 0, 4),
      FIELD(vsapi_scan_request, access, 4, 4),
      FIELD(vsapi_scan_request, lane, 8, 4),
      FIELD(vsapi_scan_request, number, 16, 8),
      FIELD(vsapi_scan_request, size, 24, 8),
      FIELD(vsapi_scan_request, data, 32, 8),
      FIELD(vsapi_scan_request, budget_ns, 40, 8),
      FIELD(vsapi_scan_request, calls, 48, 8),
      STRUCT(vsapi_finding, 24),
      FIELD(vsapi_finding, struct_size, 0, 4),
      FIELD(vsapi_finding, kind, 4, 4),
      FIELD(vsapi_finding, name, 8, 8),
      FIELD(vsapi_finding, part_path, 16, 8),
      STRUCT(vsapi_scan_result_calls, 24),
      FIELD(vsapi_scan_result_calls, add_finding, 0, 8),
      FIELD(vsapi_scan_result_calls, set_text, 8, 8),
      FIELD(vsapi_scan_result_calls, write_replacement, 16, 8),
      STRUCT(vsapi_scan_result, 24),
      FIELD(vsapi_scan_result, struct_size, 0, 4),
      FIELD(vsapi_scan_result, verdict, 4, 4),
      FIELD(vsapi_scan_result, scope, 8, 4),
      FIELD(vsapi_scan_result, calls, 16, 8),
      STRUCT(vsapi_vendor_table, 56),
      FIELD(vsapi_vendor_table, start, 0, 8),
      FIELD(vsapi_vendor_table, stop, 8, 8),
      FIELD(vsapi_vendor_table, destroy, 16, 8),
      FIELD(vsapi_vendor_table, open_session, 24, 8),
      FIELD(vsapi_vendor_table, close_session, 32, 8),
      FIELD(vsapi_vendor_table, scan, 40, 8),
      FIELD(vsapi_vendor_table, get_extension, 48, 8),
      STRUCT(vsapi_vendor, 8),
      FIELD(vsapi_vendor, table, 0, 8),
      STRUCT(vsapi_vendor_info, 32),
      FIELD(vsapi_vendor_info, struct_size, 0, 4),
      FIELD(vsapi_vendor_info, flags, 4, 4),
      FIELD(vsapi_vendor_info, name, 8, 8),
      FIELD(vsapi_vendor_info, description, 16, 8),
      FIELD(vsapi_vendor_info, version, 24, 8),
      STRUCT(vsapi_create, 32),
      FIELD(vsapi_create, struct_size, 0, 4),
      FIELD(vsapi_create, services, 8, 8),
      FIELD(vsapi_create, parameters, 16, 8),
      FIELD(vsapi_create, sessions, 24, 4),
      STRUCT(vsapi_entry, 24),
      FIELD(vsapi_entry, struct_size, 0, 4),
      FIELD(vsapi_entry, abi_major, 4, 2),
      FIELD(vsapi_entry, abi_minor, 6, 2),
      FIELD(vsapi_entry, info, 8, 8),
      FIELD(vsapi_entry, create, 16, 8),
      STRUCT(vsapi_ext_fork, 8),
      FIELD(vsapi_ext_fork, after_fork, 0, 8),
      STRUCT(vsapi_ext_log, 8),
      FIELD(vsapi_ext_log, write, 0, 8),
      STRUCT(vsapi_ext_self_test, 8),
      FIELD(vsapi_ext_self_test, positive_sample, 0, 8),
      STRUCT(vsapi_signatures_identity, 64),
      FIELD(vsapi_signatures_identity, struct_size, 0, 4),
      FIELD(vsapi_signatures_identity, version, 8, 8),
      FIELD(vsapi_signatures_identity, digest, 16, 32),
      FIELD(vsapi_signatures_identity, count, 48, 8),
      FIELD(vsapi_signatures_identity, built_ns, 56, 8),
      STRUCT(vsapi_ext_signatures, 16),
      FIELD(vsapi_ext_signatures, identity, 0, 8),
      FIELD(vsapi_ext_signatures, poll, 8, 8),
      STRUCT(vsapi_ext_thread_check, 16),
      FIELD(vsapi_ext_thread_check, is_control, 0, 8),
      FIELD(vsapi_ext_thread_check, is_scan, 8, 8),
  };
  return kRows;
}
// NOLINTEND(bugprone-sizeof-expression, readability-function-size)

// "struct.field" for each field of each struct that the header `text` defines, and the struct
// itself.
std::vector<std::string> FieldsDefinedIn(const std::string& text) {
  static const std::regex kStruct(R"(struct\s+(vsapi_\w+)\s*\{([^}]*)\})");
  static const std::regex kField(R"((?:\*\s*(\w+)\)\([^;]*|(\w+)(?:\[\d+\])?)\s*;)");
  const std::string code = WithoutComments(text);
  std::vector<std::string> names;
  for (std::sregex_iterator i(code.begin(), code.end(), kStruct), end; i != end; ++i) {
    const std::string type = (*i)[1], body = (*i)[2];
    names.push_back(type);
    for (std::sregex_iterator j(body.begin(), body.end(), kField); j != end; ++j) {
      names.push_back(type + "." + (*j)[1].str() + (*j)[2].str());
    }
  }
  return names;
}

TEST(Layout, IsWhatItAlwaysWas) {
  for (const Row& row : FrozenLayout()) {
    EXPECT_EQ(row.offset, row.frozen_offset) << row.name;
    EXPECT_EQ(row.size, row.frozen_size) << row.name;
  }
}

TEST(Layout, IsFrozenForEachFieldOfTheContract) {
  std::vector<std::string> defined, frozen;
  for (const auto& header : SourcesUnder("api/include/vsapi/abi")) {
    const auto fields = FieldsDefinedIn(ReadText(header));
    defined.insert(defined.end(), fields.begin(), fields.end());
  }
  for (const Row& row : FrozenLayout()) frozen.push_back(row.name);
  EXPECT_THAT(defined, UnorderedElementsAreArray(frozen));
}

TEST(Layout, SeesEveryKindOfFieldInAHeader) {
  EXPECT_THAT(FieldsDefinedIn("typedef struct vsapi_x {\n  uint32_t struct_size; /* a; b */\n"
                              "  const char* text;\n  uint8_t digest[32];\n"
                              "  int32_t(VSAPI_CALL* call)(int a,\n    int* b);\n} vsapi_x;"),
              ElementsAre("vsapi_x", "vsapi_x.struct_size", "vsapi_x.text", "vsapi_x.digest",
                          "vsapi_x.call"));
}

TEST(HasField, SaysWhetherTheStructReachesFarEnough) {
  vsapi_create how{};
  how.struct_size = sizeof how;
  EXPECT_TRUE(VSAPI_HAS_FIELD(&how, vsapi_create, sessions));
  how.struct_size = offsetof(vsapi_create, sessions) + sizeof how.sessions;
  EXPECT_TRUE(VSAPI_HAS_FIELD(&how, vsapi_create, sessions));
}

TEST(HasField, IsFalseForAFieldThatIsYoungerThanTheStruct) {
  vsapi_create how{};
  how.struct_size = offsetof(vsapi_create, sessions);
  EXPECT_FALSE(VSAPI_HAS_FIELD(&how, vsapi_create, sessions));
  EXPECT_TRUE(VSAPI_HAS_FIELD(&how, vsapi_create, parameters));
}

TEST(HasField, IsFalseForAFieldThatIsOnlyHalfThere) {
  vsapi_create how{};
  how.struct_size = offsetof(vsapi_create, sessions) + 1;
  EXPECT_FALSE(VSAPI_HAS_FIELD(&how, vsapi_create, sessions));
}

}  // namespace
}  // namespace vsapi::test
