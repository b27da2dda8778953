// SPDX-License-Identifier: Apache-2.0
//
// What Prometheus gets, and the alert rules over it.
#include "metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <regex>
#include <set>

#include "running_host.h"
#include "support/gate.h"

namespace store_sim {
namespace {

using ::testing::HasSubstr;
using ::testing::IsSubsetOf;

constexpr char kRules[] = SAMPLES_DIR "/prometheus/vsapi_alerts.yml";

class MetricsTest : public HostTest {
 protected:
  std::string Fetch() {
    const std::string url = host_->ready().substr(host_->ready().find("http://"));
    const std::string port = url.substr(url.rfind(':') + 1);
    boost::asio::io_context context;
    boost::asio::ip::tcp::socket socket(context);
    socket.connect(
        {boost::asio::ip::address_v4::loopback(), static_cast<uint16_t>(std::stoi(port))});
    const std::string request = "GET /metrics HTTP/1.0\r\n\r\n";
    boost::asio::write(socket, boost::asio::buffer(request));
    std::string answer;
    boost::system::error_code ended;
    boost::asio::read(socket, boost::asio::dynamic_buffer(answer), ended);
    return answer.substr(answer.find("\r\n\r\n") + 4);
  }

  static int Promtool(const std::string& arguments) {
    return std::system(("'" PROMTOOL "' " + arguments).c_str());
  }
};

TEST_F(MetricsTest, CountByTheNamesOfBoth) {
  Make({Text("1", "one"), Text("2", "INFECTED:Evil")});
  Serve("good", {"--metrics", "0"});
  EXPECT_THAT(host_->ready(), HasSubstr("metrics at http://127.0.0.1:"));
  ASSERT_EQ(Run("open s --all"), kInfected);
  const std::string page = Fetch();
  EXPECT_THAT(page, HasSubstr("\nvsapi_files_scanned_total 2\n"));
  EXPECT_THAT(page, HasSubstr("\nvsapi_files_infected_total 1\n"));
  EXPECT_THAT(page, HasSubstr("# HELP vsapi_files_scanned_total Items handed to the vendor (Virus "
                              "Scan Files Scanned)\n# TYPE vsapi_files_scanned_total counter\n"));
  EXPECT_THAT(page, HasSubstr("\nvsapi_vendor_up 1\n"));
  EXPECT_THAT(page, HasSubstr("\nvsapi_low_lane_oldest_seconds 0\n"));
}

TEST_F(MetricsTest, TellTheCoverageOfEachMdb) {
  Make({Text("1", "one"), Text("2", "INFECTED:Evil")});
  Serve("good", {"--metrics", "0"});
  EXPECT_THAT(Fetch(), HasSubstr("\nvsapi_mdb_items{mdb=\"mdb1\"} 2\n"));
  ASSERT_EQ(Run("open s 1"), kAllowed) << err_;
  EXPECT_TRUE(vsapi::test::Eventually([this] {
    return Fetch().find("\nvsapi_mdb_items_current{mdb=\"mdb1\"} 1\n") != std::string::npos;
  }));
}

TEST_F(MetricsTest, LeaveNoCounterOfTheEngineOut) {
  vsapi::Engine engine(vsapi::Options{});
  std::string helps;
  for (const auto& family : Metrics(engine).Collect()) helps += family.help + "\n";
  for (const auto& [name, value] : engine.Counters()) {
    EXPECT_THAT(helps, HasSubstr("(" + name + ")")) << value;
  }
}

TEST_F(MetricsTest, LeaveNoHistogramOfTheEngineOut) {
  vsapi::Engine engine(vsapi::Options{});
  size_t shown = 0;
  for (const auto& family : Metrics(engine).Collect()) {
    if (family.type == prometheus::MetricType::Histogram) shown += family.metric.size();
  }
  EXPECT_EQ(shown, engine.Histograms().size());
}

TEST_F(MetricsTest, TellHowLongScansTookByAccessClass) {
  Make({Text("1", "one"), Text("2", "two")});
  Serve("good", {"--metrics", "0"});
  ASSERT_EQ(Run("open s --all"), kAllowed);
  const std::string page = Fetch();
  EXPECT_THAT(page, HasSubstr("# TYPE vsapi_vendor_seconds histogram\n"));
  for (const char* name :
       {"vsapi_queue_wait_seconds", "vsapi_vendor_seconds", "vsapi_total_wait_seconds"}) {
    const std::string on_demand = std::string("\n") + name + "_count{access=\"on-demand\"} 2\n";
    EXPECT_THAT(page, HasSubstr(on_demand));
  }
  EXPECT_THAT(page, HasSubstr("vsapi_vendor_seconds_bucket{access=\"on-demand\",le=\"2.5\"} 2\n"));
  EXPECT_THAT(page, HasSubstr("vsapi_vendor_seconds_bucket{access=\"on-demand\",le=\"+Inf\"} 2\n"));
  EXPECT_THAT(page, HasSubstr("vsapi_vendor_seconds_count{access=\"transport\"} 0\n"));
}

TEST_F(MetricsTest, RefuseAnAddressThatIsNone) {
  Make({});
  RunningHost host(folder_, {"--metrics", "nonsense:port"});
  EXPECT_EQ(host.Wait(), kFailed);
  EXPECT_THAT(host.Errors(), HasSubstr("--metrics nonsense:port: "));
}

std::set<std::string> NamesIn(const std::string& text) {
  const std::regex name("vsapi_[a-z_]+");
  std::set<std::string> names;
  for (std::sregex_iterator at(text.begin(), text.end(), name), end; at != end; ++at) {
    names.insert(at->str());
  }
  return names;
}

TEST_F(MetricsTest, AreThereForEachAlertRule) {
  std::string expressions;
  std::ifstream rules(kRules);
  for (std::string line; std::getline(rules, line);) {
    if (line.find(" expr: ") != std::string::npos) expressions += line;
  }
  ASSERT_NE(expressions, "");
  Make({});
  Serve("good", {"--metrics", "0"});
  std::set<std::string> there = NamesIn(Fetch());
  there.insert("vsapi_definitions_built_timestamp_seconds");  // only of a vendor that tells it
  EXPECT_THAT(NamesIn(expressions), IsSubsetOf(there));
}

TEST_F(MetricsTest, SatisfyPromtool) {
  if (std::string(PROMTOOL).empty()) GTEST_SKIP() << "promtool (package prometheus) is not there";
  Make({Text("1", "one")});
  Serve("good", {"--metrics", "0"});
  ASSERT_EQ(Run("open s 1"), kAllowed);
  const auto page = folder_.Write("page", Fetch());
  EXPECT_EQ(Promtool("check metrics <'" + page.string() + "'"), 0);
  EXPECT_EQ(Promtool("check rules '" + std::string(kRules) + "'"), 0);
}

}  // namespace
}  // namespace store_sim
