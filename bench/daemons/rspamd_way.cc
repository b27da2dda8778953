// SPDX-License-Identifier: Apache-2.0
#include "rspamd_way.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "daemon_process.h"

namespace vsapi::bench {
namespace {

namespace http = boost::beast::http;
using Local = boost::asio::local::stream_protocol;

// All others of its modules would ask servers that are not there. A list of domains of its own, for
// it spends a minute on the one that it comes with.
void Configure(const std::string& folder, const std::string& clamd_socket) {
  std::filesystem::create_directory(folder + "/modules");
  std::filesystem::create_symlink("/usr/share/rspamd/plugins/antivirus.lua",
                                  folder + "/modules/antivirus.lua");
  std::ofstream(folder + "/domains") << "com\n";
  std::ofstream(folder + "/rules.lua") << "\n";
  std::ofstream(folder + "/rspamd.conf")
      << "options { filters = \"\"; pidfile = \"" << folder << "/pid\"; tempdir = \"" << folder
      << "\"; control_socket = \"" << folder << "/control mode=0600\"; url_tld = \"" << folder
      << "/domains\"; disable_hyperscan = true; task_timeout = 60s; max_message = 64M; }\n"
      << "logging { type = \"file\"; filename = \"" << folder << "/log\"; level = \"warning\"; }\n"
      << "worker \"normal\" { bind_socket = \"" << folder
      << "/socket mode=0600\"; task_timeout = 60s; count = " << std::thread::hardware_concurrency()
      << "; }\n"
      << "lua = \"" << folder << "/rules.lua\";\n"
      << "modules { path = \"" << folder << "/modules/\"; }\n"
      << "antivirus { clamav { type = \"clamav\"; symbol = \"CLAM_VIRUS\"; timeout = 60; "
         "scan_mime_parts = true; scan_text_mime = true; servers = \""
      << clamd_socket << "\"; } }\n";
}

std::string AsMessage(const std::string& content) {
  return "From: <sender@example.com>\r\nTo: <recipient@example.com>\r\nMIME-Version: 1.0\r\n"
         "Content-Type: application/octet-stream; name=\"attachment\"\r\n"
         "Content-Transfer-Encoding: binary\r\n\r\n" +
         content;
}

// A failed scan is a symbol of its own, beside an answer that lets the message pass.
Answer AnswerOfReport(const std::string& report) {
  const auto json = nlohmann::json::parse(report, nullptr, false);
  const auto symbols = json.is_object() ? json.find("symbols") : json.end();
  if (json.is_discarded() || symbols == json.end() || symbols->contains("CLAM_VIRUS_FAIL"))
    return Answer::kNone;
  return symbols->contains("CLAM_VIRUS") ? Answer::kInfected : Answer::kClean;
}

class Rspamd final : public Way {
 public:
  explicit Rspamd(const Clamd& clamd) : Way("rspamd_antivirus"), folder_(MemoryFolder()) {
    Configure(folder_.path(), clamd.socket());
    // --insecure: it may stay the user that it is started as, root too.
    process_.emplace(std::vector<std::string>{"rspamd", "--no-fork", "--insecure",
                                              "--config=" + folder_.path() + "/rspamd.conf"},
                     folder_.path() + "/log");
    process_->AwaitThat([this] { return Ask("Good morning!") == Answer::kClean; });
  }

  Client NewClient(const Mailboxes& mail) override {
    return [this, &mail](size_t item) { return Ask(mail.bytes(item)); };
  }

 private:
  Answer Ask(const std::string& content) const {
    boost::system::error_code error;
    boost::asio::io_context context;
    Local::socket socket(context);
    socket.connect(Local::endpoint(folder_.path() + "/socket"), error);
    http::request<http::string_body> request(http::verb::post, "/checkv2", 11, AsMessage(content));
    request.set(http::field::host, "localhost");
    request.prepare_payload();
    if (!error) http::write(socket, request, error);
    boost::beast::flat_buffer buffer;
    http::response<http::string_body> response;
    if (!error) http::read(socket, buffer, response, error);
    return error ? Answer::kNone : AnswerOfReport(response.body());
  }

  const TempFolder folder_;
  std::optional<DaemonProcess> process_;
};

}  // namespace

std::unique_ptr<Way> MakeRspamd(const Clamd& clamd) { return std::make_unique<Rspamd>(clamd); }

}  // namespace vsapi::bench
