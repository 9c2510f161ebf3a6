#include "server_process.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <array>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>

#include "cpus.hpp"
#include "system_error.hpp"

namespace daytona::bench {

namespace {

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::system_error(errno, std::generic_category(), path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The bytes of an answer with a body of data/. Its "00000" stand for the port, so that the length is the same at any.
std::string answer_with(std::string_view name, std::uint16_t port) {
  auto body = read_file(std::string(DAYTONA_BENCH_DATA).append("/").append(name).append(".json"));
  if (body.ends_with('\n')) body.pop_back();  // the file's, not the body's
  const auto digits = body.find(":00000/");
  if (digits != std::string::npos) body.replace(digits + 1, 5, std::to_string(port));
  std::string answer =
      "HTTP/1.1 200 OK\r\nDate: Wed, 04 Mar 2026 05:06:07 GMT\r\nContent-Type: application/json; charset=utf-8\r\n"
      "X-Request-Id: e614ce10-9871-421c-84ac-e1279c389562\r\nContent-Length: ";
  return answer.append(std::to_string(body.size())).append("\r\n\r\n").append(body);
}

/// The size of the request at the start of `bytes`, 0 if it is not whole yet.
std::size_t request_size(std::string_view bytes) {
  constexpr std::string_view length_field = "\r\nContent-Length: ";
  const auto end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) return 0;
  const auto head = bytes.substr(0, end + 2);
  std::size_t size = end + 4;
  const auto field = head.find(length_field);
  if (field != std::string_view::npos) {
    std::size_t length = 0;
    std::from_chars(head.data() + field + length_field.size(), head.data() + head.size(), length);
    size += length;
  }
  return bytes.size() < size ? 0 : size;
}

class server {
 public:
  server(unique_fd listener, unique_fd owner, std::uint16_t port)
      : listener_(std::move(listener)), owner_(std::move(owner)), epoll_(checked(::epoll_create1(0), "epoll_create1")) {
    for (const std::string_view name : {"object_300b", "sandbox", "execute_290b"})
      answers_.emplace(name, answer_with(name, port));
    watch(listener_.get());
    watch(owner_.get());
  }

  void run() {
    std::array<epoll_event, 64> events;
    for (;;) {
      const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), -1);
      for (int i = 0; i < count; ++i) {
        const int ready = events[static_cast<std::size_t>(i)].data.fd;
        if (ready == owner_.get()) return;
        if (ready == listener_.get())
          accept_one();
        else
          serve(ready);
      }
    }
  }

 private:
  void watch(int descriptor) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = descriptor;
    checked(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event), "epoll_ctl");
  }

  void accept_one() {
    const int accepted = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
    if (accepted < 0) return;
    const int on = 1;
    ::setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    clients_.insert_or_assign(accepted, client{unique_fd(accepted), {}});
    watch(accepted);
  }

  void serve(int descriptor) {
    auto& from = clients_.at(descriptor);
    std::array<char, 16384> bytes;
    const auto size = ::recv(descriptor, bytes.data(), bytes.size(), 0);
    if (size <= 0) {
      clients_.erase(descriptor);
      return;
    }
    from.pending.append(bytes.data(), static_cast<std::size_t>(size));
    while (const auto request = request_size(from.pending)) {
      const auto& answer = answer_to(from.pending);
      checked(::send(descriptor, answer.data(), answer.size(), MSG_NOSIGNAL), "send");
      from.pending.erase(0, request);
    }
  }

  /// By the last segment of the path: the name of a body, or "execute".
  const std::string& answer_to(std::string_view request) const {
    const auto begin = request.find(' ') + 1;
    const auto path = request.substr(begin, request.find(' ', begin) - begin);
    const auto found = answers_.find(path.substr(path.rfind('/') + 1));
    return found != answers_.end() ? found->second : answers_.find("execute_290b")->second;
  }

  struct client {
    unique_fd socket;
    std::string pending;
  };
  unique_fd listener_, owner_, epoll_;
  std::map<std::string, std::string, std::less<>> answers_;
  std::map<int, client> clients_;
};

}  // namespace

server_process::server_process(int cpu) {
  unique_fd listener(checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  checked(::bind(listener.get(), generic, size), "bind");
  checked(::listen(listener.get(), 1024), "listen");
  checked(::getsockname(listener.get(), generic, &size), "getsockname");
  port_ = ntohs(address.sin_port);

  int ends[2];
  checked(::pipe2(ends, O_CLOEXEC), "pipe2");
  unique_fd owner(ends[0]);
  alive_ = unique_fd(ends[1]);
  server its(std::move(listener), std::move(owner), port_);
  child_ = checked(::fork(), "fork");
  if (child_ != 0) return;

  alive_ = unique_fd();
  pin_to(cpu);
  try {
    its.run();
    ::_exit(0);
  } catch (...) {
    ::_exit(1);
  }
}

server_process::~server_process() {
  alive_ = unique_fd();
  while (::waitpid(child_, nullptr, 0) < 0 && errno == EINTR) continue;
}

}  // namespace daytona::bench
