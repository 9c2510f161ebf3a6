#include "server_child.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <utility>

#include "cpus.hpp"
#include "system_error.hpp"

namespace daytona::bench {

unique_fd listen_on_loopback(std::uint16_t& port, int backlog) {
  unique_fd listener(checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  checked(::bind(listener.get(), generic, size), "bind");
  checked(::listen(listener.get(), backlog), "listen");
  checked(::getsockname(listener.get(), generic, &size), "getsockname");
  port = ntohs(address.sin_port);
  return listener;
}

server_child::server_child() {
  int ends[2];
  checked(::pipe2(ends, O_CLOEXEC), "pipe2");
  owner_ = unique_fd(ends[0]);
  alive_ = unique_fd(ends[1]);
}

server_child::~server_child() {
  alive_ = unique_fd();
  while (child_ > 0 && ::waitpid(child_, nullptr, 0) < 0 && errno == EINTR) continue;
}

unique_fd server_child::owner() { return std::move(owner_); }

bool server_child::fork(int cpu) {
  child_ = checked(::fork(), "fork");
  if (child_ != 0) return false;
  alive_ = unique_fd();
  pin_to(cpu);
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
  return true;
}

}  // namespace daytona::bench
