#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <stdexcept>
#include <vector>

#include "system_error.hpp"
#include "unique_fd.hpp"
#include "workload.hpp"

namespace daytona::bench {

namespace {

unique_fd connect_to(std::uint16_t port) {
  unique_fd made(checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  checked(::connect(made.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), "connect");
  const int on = 1;
  ::setsockopt(made.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return made;
}

std::string request_of(const setting& wanted) {
  const bool is_exec = wanted.load == workload::exec;
  std::string text = is_exec ? "POST " : "GET ";
  text.append(target_of(wanted.load)).append(" HTTP/1.1\r\nHost: 127.0.0.1:").append(std::to_string(wanted.port));
  text +=
      "\r\nAuthorization: Bearer dtn_bench\r\nUser-Agent: epoll/1.0\r\nAccept: application/json\r\n"
      "X-Daytona-Source: epoll\r\nX-Daytona-SDK-Version: 0.226.1\r\n";
  if (!is_exec) return text + "\r\n";
  const std::string body = R"({"command":"ls -l"})";
  return text + "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

class epoll_caller final : public caller {
 public:
  explicit epoll_caller(const setting& wanted)
      : request_(request_of(wanted)), epoll_(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")) {
    for (std::size_t i = 0; i < wanted.in_flight; ++i) {
      connections_.push_back(connect_to(wanted.port));
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.fd = connections_.back().get();
      checked(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, event.data.fd, &event), "epoll_ctl");
    }
  }

  void run(std::size_t calls) override {
    std::size_t begun = 0;
    for (; begun < calls && begun < connections_.size(); ++begun) send_to(connections_[begun].get());
    std::array<epoll_event, 64> events;
    for (std::size_t done = 0; done < calls;) {
      const int count =
          checked(::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), -1), "epoll_wait");
      for (int i = 0; i < count; ++i, ++done) {
        const int ready = events[static_cast<std::size_t>(i)].data.fd;
        receive_from(ready);
        if (begun < calls) {
          send_to(ready);
          ++begun;
        }
      }
    }
  }

 private:
  void send_to(int socket) { checked(::send(socket, request_.data(), request_.size(), MSG_NOSIGNAL), "send"); }

  /// The server writes an answer at once, and over loopback it arrives whole.
  void receive_from(int socket) {
    const auto size = static_cast<std::size_t>(checked(::recv(socket, buffer_.data(), buffer_.size(), 0), "recv"));
    const std::string_view answer(buffer_.data(), size);
    const auto end = answer.find("\r\n\r\n");
    const auto field = answer.find("\r\nContent-Length: ");
    if (end == std::string_view::npos || field == std::string_view::npos || !answer.starts_with("HTTP/1.1 200"))
      throw std::runtime_error("not an answer with 200 and a length");
    const auto length = std::strtoul(answer.data() + field + 18, nullptr, 10);
    if (end + 4 + length != size) throw std::runtime_error("an answer in pieces");
  }

  std::string request_;
  unique_fd epoll_;
  std::vector<unique_fd> connections_;
  std::array<char, 65536> buffer_;
};

}  // namespace

std::unique_ptr<caller> make_epoll(const setting& wanted) { return std::make_unique<epoll_caller>(wanted); }

}  // namespace daytona::bench
