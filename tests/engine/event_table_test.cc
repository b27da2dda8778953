// SPDX-License-Identifier: Apache-2.0
//
// The specification of engine/event_table: each event's number, text and advice, and the page made
// of them.
#include "event_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "api/source_tree.h"

namespace vsapi::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(EventsPage, IsAsItsTableSays) {
  EXPECT_EQ(test::ReadText(test::SourceRoot() / "engine/events.md"), EventsMarkdown())
      << "make it anew: cmake --build build/release --target docs";
}

TEST(EventsPage, HasALineForEachEvent) {
  for (const EventKind& kind : EventKinds())
    EXPECT_THAT(EventsMarkdown(),
                HasSubstr("\n| " + std::to_string(static_cast<uint32_t>(kind.id)) + " | "));
  EXPECT_THAT(EventsMarkdown(), HasSubstr("\n| 348 | error | transport | "));
}

TEST(EventTable, HasEachNumberOnce) {
  std::set<EventId> ids;
  for (const EventKind& kind : EventKinds()) {
    EXPECT_TRUE(ids.insert(kind.id).second) << static_cast<uint32_t>(kind.id);
    EXPECT_EQ(&KindOf(kind.id), &kind);
  }
}

TEST(EventTable, AdvisesOnAllThatIsAWarningOrWorseButAFinding) {
  for (const EventKind& kind : EventKinds()) {
    const bool needs_none =
        kind.severity < VSAPI_SEVERITY_WARNING || kind.id == EventId::kVirusFound;
    EXPECT_TRUE(needs_none || *kind.action != '\0') << kind.text;
  }
}

// Every {name} of a text is one of the event's fields.
TEST(EventTable, NamesTheFieldsThatItsTextsUse) {
  for (const EventKind& kind : EventKinds()) {
    std::istringstream names(kind.fields);
    EventFields fields;
    for (std::string name; names >> name;) fields.emplace_back(name, "x");
    const std::string text = TextOf(kind, "what", fields);
    EXPECT_THAT(text, Not(HasSubstr("unknown"))) << kind.text;
    EXPECT_THAT(text, Not(HasSubstr("{")));
  }
}

TEST(EventText, IsFilledFromTheFieldsAndTheCaller) {
  EXPECT_EQ(TextOf(KindOf(EventId::kVendorRetired), "", {{"left", "1"}, {"gone", "2"}}),
            "2 generation(s) retired, 1 still in use");
  EXPECT_EQ(TextOf(KindOf(EventId::kSettingsMalformed), "v.reg:3: no", {}),
            "v.reg:3: no; the last good settings stay in force");
  EXPECT_EQ(TextOf(KindOf(EventId::kScanFailed), "busy {mdb}", {{"mdb", "mdb1"}}),
            "busy {mdb} (EcProcessVirusScanQueueItem, database mdb1, folder unknown, message "
            "unknown)");
}

}  // namespace
}  // namespace vsapi::engine
