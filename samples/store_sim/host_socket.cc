// SPDX-License-Identifier: Apache-2.0
#include "host_socket.h"

#include <sys/stat.h>
#include <sys/un.h>

#include "error.h"

namespace store_sim {
namespace {

namespace fs = std::filesystem;
using Protocol = boost::asio::local::stream_protocol;

constexpr size_t kLongestPath = sizeof(sockaddr_un::sun_path) - 1;

fs::path SocketFile(const fs::path& folder) {
  fs::path file = folder / kHostSocketName;
  if (file.native().size() <= kLongestPath) return file;
  throw Error(file.string() + ": a socket's path has at most " + std::to_string(kLongestPath) +
              " bytes; go to the folder and name it by a shorter path");
}

[[noreturn]] void Fail(const fs::path& file, const boost::system::error_code& error) {
  throw Error(file.string() + ": " + error.message());
}

void RemoveSocket(const fs::path& file) {
  std::error_code ignored;
  if (fs::is_socket(file, ignored)) fs::remove(file, ignored);
}

}  // namespace

HostSocket::HostSocket(boost::asio::io_context& context, const Store& store)
    : file_(SocketFile(store.folder())), acceptor_(context, Protocol()) {
  RemoveSocket(file_);
  boost::system::error_code error;
  // Before there is a file that others could open.
  if (fchmod(acceptor_.native_handle(), S_IRUSR | S_IWUSR) != 0) {
    Fail(file_, {errno, boost::system::system_category()});
  }
  acceptor_.bind(Protocol::endpoint(file_.string()), error);
  if (!error) acceptor_.listen(Protocol::acceptor::max_listen_connections, error);
  if (error) Fail(file_, error);
}

HostSocket::~HostSocket() { RemoveSocket(file_); }

std::optional<Protocol::socket> ConnectToHost(boost::asio::io_context& context,
                                              const fs::path& folder) {
  const fs::path file = folder / kHostSocketName;
  std::error_code ignored;
  if (!fs::is_socket(file, ignored)) return std::nullopt;
  Protocol::socket socket(context);
  boost::system::error_code error;
  socket.connect(Protocol::endpoint(SocketFile(folder).string()), error);
  if (!error) return socket;
  const bool is_dead = error == boost::asio::error::connection_refused ||
                       error == boost::system::errc::no_such_file_or_directory;
  if (!is_dead) Fail(file, error);
  return std::nullopt;
}

}  // namespace store_sim
