// SPDX-License-Identifier: Apache-2.0
#include "clamd_connection.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

namespace vsapi::bench {
namespace {

using engine::platform::Handle;

Handle Connect(const std::string& path, std::chrono::seconds patience) {
  Handle handle(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const timeval time = {patience.count(), 0};
  for (const int way : {SO_RCVTIMEO, SO_SNDTIMEO})
    setsockopt(handle.get(), SOL_SOCKET, way, &time, sizeof time);
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  if (connect(handle.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw ClamdGone(std::string("clamd can't be reached: ") + std::strerror(errno));
  return handle;
}

// One byte that carries the descriptor.
bool PassDescriptor(int socket, int descriptor) {
  char byte = 0;
  iovec content = {&byte, 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof descriptor)] = {};
  msghdr message = {};
  message.msg_iov = &content;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* const head = CMSG_FIRSTHDR(&message);
  head->cmsg_level = SOL_SOCKET;
  head->cmsg_type = SCM_RIGHTS;
  head->cmsg_len = CMSG_LEN(sizeof descriptor);
  std::memcpy(CMSG_DATA(head), &descriptor, sizeof descriptor);
  return sendmsg(socket, &message, MSG_NOSIGNAL) == 1;
}

std::string BigEndian(size_t number) {
  const uint32_t word = htonl(static_cast<uint32_t>(number));
  return {reinterpret_cast<const char*>(&word), sizeof word};
}

std::string Framed(const std::string& command) { return "z" + command + '\0'; }

}  // namespace

ClamdConnection::ClamdConnection(const std::string& socket, std::chrono::seconds patience)
    : socket_(Connect(socket, patience)) {}

void ClamdConnection::Send(const std::string& command) { SendAll(Framed(command)); }

void ClamdConnection::SendFile(const std::string& path) {
  const Handle file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) throw std::runtime_error("can't open " + path);
  Send("FILDES");
  if (!PassDescriptor(socket_.get(), file.get())) throw ClamdGone("clamd has hung up");
}

void ClamdConnection::SendStream(const std::string& bytes) {
  SendAll(Framed("INSTREAM") + BigEndian(bytes.size()) + bytes + BigEndian(0));
}

std::string ClamdConnection::Receive() {
  size_t end = received_.find('\0');
  for (char buffer[4096]; end == std::string::npos; end = received_.find('\0')) {
    const ssize_t got = recv(socket_.get(), buffer, sizeof buffer, 0);
    if (got <= 0) throw ClamdGone("clamd gives no answer");
    received_.append(buffer, static_cast<size_t>(got));
  }
  std::string reply = received_.substr(0, end);
  received_.erase(0, end + 1);
  return reply;
}

void ClamdConnection::SendAll(const std::string& bytes) {
  for (size_t sent = 0; sent < bytes.size();) {
    const ssize_t now = send(socket_.get(), bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (now <= 0) throw ClamdGone("clamd has hung up");
    sent += static_cast<size_t>(now);
  }
}

Answer AnswerOf(const std::string& reply) {
  if (reply.ends_with(" FOUND")) return Answer::kInfected;
  return reply.ends_with(": OK") ? Answer::kClean : Answer::kNone;
}

}  // namespace vsapi::bench
