// SPDX-License-Identifier: Apache-2.0
//
// The program store_milter as an MTA meets it: over its socket, in the milter protocol, spoken by
// miltertest. Skipped where that is not installed.
#include <gmock/gmock.h>

#include <future>
#include <optional>

#include "samples/milter/milter_process.h"
#include "support/gate.h"

namespace store_milter {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// In Lua. miltertest forgets macros that were told before an earlier stage of SMTP, so each is
// taken.
constexpr char kFunctions[] = R"(
function connect(daemon)
  local conn = mt.connect(socket)
  assert(conn, "no connection")
  mt.macro(conn, SMFIC_CONNECT, "{daemon_name}", daemon or "smtpd")
  assert(mt.conninfo(conn, "client.example.org", "192.0.2.1") == nil)
  return conn
end
function send(conn, body, fields)
  mt.macro(conn, SMFIC_MAIL, "i", "4QUEUEID", "{auth_type}", auth_type or "")
  assert(mt.mailfrom(conn, "<a@example.org>") == nil)
  assert(mt.rcptto(conn, "<b@example.org>") == nil)
  for name, value in pairs(fields or {}) do assert(mt.header(conn, name, " " .. value) == nil) end
  assert(mt.header(conn, "Message-ID", " <1@example.org>") == nil)
  assert(mt.eoh(conn) == nil)
  assert(mt.bodystring(conn, body) == nil)
  assert(mt.eom(conn) == nil)
end
function expect(conn, reply)
  local got = mt.getreply(conn)
  assert(got == reply, "the reply is " .. string.char(got) .. ", not " .. string.char(reply))
end
function untouched(conn)
  return not (mt.eom_check(conn, MT_HDRADD) or mt.eom_check(conn, MT_HDRINSERT) or
              mt.eom_check(conn, MT_HDRCHANGE) or mt.eom_check(conn, MT_HDRDELETE) or
              mt.eom_check(conn, MT_BODYCHANGE) or mt.eom_check(conn, MT_QUARANTINE))
end
)";

class StoreMilter : public ::testing::Test {
 protected:
  void SetUp() override {
    if (std::string(MILTERTEST).empty()) GTEST_SKIP() << "the program miltertest is not installed";
  }

  void Start(std::vector<std::string> arguments = {}, const std::string& vendor = "good") {
    arguments.insert(arguments.end(), {"--vendor", VSAPI_TEST_VENDORS_DIR "/" + vendor + ".so"});
    milter_.emplace(folder_, std::move(arguments));
    ASSERT_THAT(milter_->ready(), StartsWith("store_milter: filtering at unix:"))
        << milter_->Errors();
  }

  // Does the MTA have the conversation that the Lua text wants?
  bool Talk(const std::string& lua) {
    const auto script =
        folder_.Write("talk.lua", "socket = \"" + milter_->socket() + "\"\n" + kFunctions + lua);
    const std::string command =
        MILTERTEST " -s '" + script.string() + "' >'" + (folder_ / "out").string() + "' 2>&1";
    const bool talked = std::system(command.c_str()) == 0;
    if (!talked) ADD_FAILURE() << store_sim::ReadAll(folder_ / "out") << milter_->Errors();
    return talked;
  }

  const store_sim::TempFolder folder_;
  std::optional<MilterProcess> milter_;
};

TEST_F(StoreMilter, LeavesWhatIsCleanUntouched) {
  Start();
  EXPECT_TRUE(Talk(R"(
    conn = connect()
    send(conn, "hello\r\n")
    expect(conn, SMFIR_CONTINUE)
    assert(untouched(conn), "the message was changed")
    mt.disconnect(conn)
  )"));
  EXPECT_EQ(milter_->Errors(), "");
}

TEST_F(StoreMilter, RefusesWhatIsInfectedAndSaysByWhat) {
  Start();
  EXPECT_TRUE(Talk(R"(
    conn = connect()
    send(conn, "INFECTED:Evil%d\r\n")
    expect(conn, SMFIR_REPLYCODE)
    assert(mt.eom_check(conn, MT_SMTPREPLY, "550", "5.7.1",
                        "the message is refused: infected: Evil?d"))
    mt.disconnect(conn)
  )"));
  EXPECT_THAT(milter_->Errors(), HasSubstr("4QUEUEID: refused: infected: Evil%d (transport/1"));
}

TEST_F(StoreMilter, QuarantinesItByOption) {
  Start({"--infected", "quarantine"});
  EXPECT_TRUE(Talk(R"(
    conn = connect()
    send(conn, "INFECTED:Evil\r\n")
    expect(conn, SMFIR_CONTINUE)
    assert(mt.eom_check(conn, MT_QUARANTINE, "infected: Evil"))
    mt.disconnect(conn)
  )"));
}

TEST_F(StoreMilter, ReplacesTheBodyByOption) {
  Start({"--infected", "replace-part"});
  EXPECT_TRUE(Talk(R"(
    conn = connect()
    send(conn, "INFECTED:Evil\r\n")
    expect(conn, SMFIR_CONTINUE)
    assert(mt.eom_check(conn, MT_BODYCHANGE), "the body is the same")
    assert(mt.eom_check(conn, MT_HDRCHANGE, "Content-Transfer-Encoding", " base64"))
    mt.disconnect(conn)
  )"));
}

TEST_F(StoreMilter, DefersWhatCantBeScanned) {
  Start({}, "lie");
  EXPECT_TRUE(Talk(R"(
    conn = connect()
    send(conn, "LIE\r\n")
    expect(conn, SMFIR_REPLYCODE)
    assert(mt.eom_check(conn, MT_SMTPREPLY, "451", "4.7.1",
                        "the message could not be scanned; try again later"))
    mt.disconnect(conn)
  )"));
  EXPECT_THAT(milter_->Errors(),
              HasSubstr("4QUEUEID: deferred: scan failed (transport/1, high lane)"));
}

TEST_F(StoreMilter, TakesManyMessagesOnOneConnection) {
  Start();
  EXPECT_TRUE(Talk(R"(
    conn = connect()
    for round = 1, 20 do
      send(conn, "hello " .. round .. "\r\n")
      expect(conn, SMFIR_CONTINUE)
      send(conn, "INFECTED:Evil\r\n")
      expect(conn, SMFIR_REPLYCODE)
    end
    mt.disconnect(conn)
  )"));
}

TEST_F(StoreMilter, ForgetsWhatTheMtaHasAborted) {
  Start();
  EXPECT_TRUE(Talk(R"(
    first = connect()
    assert(mt.mailfrom(first, "<a@example.org>") == nil)
    assert(mt.rcptto(first, "<b@example.org>") == nil)
    assert(mt.header(first, "X", " y") == nil)
    mt.disconnect(first, false)
    second = connect()
    send(second, "hello\r\n")
    expect(second, SMFIR_CONTINUE)
    mt.disconnect(second)
  )"));
}

TEST_F(StoreMilter, RefusesWhatIsTooLarge) {
  Start({"--max-message-size", "1"});
  EXPECT_TRUE(Talk(R"(
    conn = connect()
    for round = 1, 2 do
      assert(mt.mailfrom(conn, "<a@example.org>") == nil)
      assert(mt.rcptto(conn, "<b@example.org>") == nil)
      assert(mt.header(conn, "X", " y") == nil)
      assert(mt.eoh(conn) == nil)
      for piece = 1, 40 do assert(mt.bodystring(conn, string.rep("x", 30000)) == nil) end
      assert(mt.eom(conn) == nil)
      expect(conn, SMFIR_REPLYCODE)
      assert(mt.eom_check(conn, MT_SMTPREPLY, "552", "5.3.4",
                          "the message is too large to be scanned"))
    end
    send(conn, "small\r\n")
    expect(conn, SMFIR_CONTINUE)
    mt.disconnect(conn)
  )"));
}

// ---- Lanes -------------------------------------------------------------------------------------

TEST_F(StoreMilter, PutsBulkMailIntoTheLowLaneButNotThatOfAPerson) {
  Start({"--verbose"});
  EXPECT_TRUE(Talk(R"(
    bulk = { ["List-Id"] = "<l.example.org>" }
    conn = connect()
    send(conn, "one\r\n", bulk)
    auth_type = "PLAIN"
    send(conn, "two\r\n", bulk)
    mt.disconnect(conn)
    auth_type = nil
    conn = connect("ORIGINATING")
    send(conn, "three\r\n", bulk)
    mt.disconnect(conn)
  )"));
  EXPECT_THAT(milter_->Errors(), HasSubstr("4QUEUEID: delivered (transport/1, low lane)"));
  EXPECT_THAT(milter_->Errors(), HasSubstr("4QUEUEID: delivered (transport/2, high lane)"));
  EXPECT_THAT(milter_->Errors(), HasSubstr("4QUEUEID: delivered (transport/3, high lane)"));
}

// ---- The program -------------------------------------------------------------------------------

TEST_F(StoreMilter, AnswersWhatItHasBeforeSigtermEndsIt) {
  vsapi::test::VendorGate gate;
  Start({"--parameters", gate.parameters()});
  auto talked = std::async(std::launch::async, [&] {
    return Talk(R"(
      conn = connect()
      send(conn, "GATE\r\n")
      expect(conn, SMFIR_CONTINUE)
      mt.disconnect(conn)
    )");
  });
  gate.AwaitEntered(1);
  milter_->Signal(SIGTERM);
  EXPECT_TRUE(vsapi::test::Eventually([&] { return !milter_->IsListening(); }));
  gate.LetAll();
  EXPECT_TRUE(talked.get());
  EXPECT_EQ(milter_->Wait(), 0);
  EXPECT_EQ(milter_->Errors(), "");
}

TEST_F(StoreMilter, TakesOverTheSocketOfAKilledOne) {
  Start();
  milter_->Signal(SIGKILL);
  EXPECT_EQ(milter_->Wait(), -SIGKILL);
  Start();
  EXPECT_TRUE(Talk("conn = connect() send(conn, \"hello\\r\\n\") expect(conn, SMFIR_CONTINUE)"));
}

TEST_F(StoreMilter, ShowsItsMetrics) {
  Start({"--metrics", "0"});
  EXPECT_THAT(milter_->ready(), HasSubstr("; metrics at http://127.0.0.1:"));
}

TEST_F(StoreMilter, WarnsWhereItsSettingsSwitchScanningOff) {
  const auto settings = folder_.Write(
      "off.reg",
      "Windows Registry Editor Version 5.00\r\n\r\n"
      "[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\MSExchangeIS\\VirusScan]\r\n"
      "\"Enabled\"=dword:00000001\r\n");
  Start({"--settings", settings.string()});
  EXPECT_THAT(milter_->Errors(), HasSubstr("warning: scanning is switched off"));
  EXPECT_TRUE(Talk(R"(
    conn = connect()
    send(conn, "INFECTED:Evil\r\n")
    expect(conn, SMFIR_CONTINUE)
    mt.disconnect(conn)
  )"));
}

TEST_F(StoreMilter, SaysWhatIsWrongWithItsCommandLine) {
  const auto run = [&](const std::string& arguments) {
    const std::string command =
        STORE_MILTER_PROGRAM " " + arguments + " >'" + (folder_ / "out").string() + "' 2>&1";
    return WEXITSTATUS(std::system(command.c_str()));
  };
  EXPECT_EQ(run("--help"), 0);
  EXPECT_EQ(run("--listen nowhere"), 2);
  EXPECT_THAT(store_sim::ReadAll(folder_ / "out"), HasSubstr("unix:PATH"));
  EXPECT_EQ(run("--settings /no/such.reg"), 2);
  EXPECT_EQ(run("--listen unix:/no/such/folder/socket"), 1);
  EXPECT_THAT(store_sim::ReadAll(folder_ / "out"), HasSubstr("can't listen"));
}

}  // namespace
}  // namespace store_milter
