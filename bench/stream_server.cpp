#include "stream_server.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <span>
#include <string_view>

#include "bodies.hpp"
#include "cpus.hpp"
#include "protocol/web_socket_frames.hpp"
#include "protocol/web_socket_handshake.hpp"
#include "raw_log.hpp"
#include "system_error.hpp"

namespace daytona::bench {

namespace {

namespace ws = protocol::web_socket;

constexpr std::size_t frame_size = 4096, line_size = 80, block_size = 256 * 1024, tick_size = 128;
constexpr int backlog = 4096;

std::string frame_of(ws::opcode kind, std::string_view payload) {
  std::string bytes;
  ws::append_frame(bytes, kind, payload, std::nullopt);
  return bytes;
}

std::string field_of(std::string_view request, std::string_view name) {
  const auto at = request.find(name);
  if (at == std::string_view::npos) return {};
  const auto begin = at + name.size();
  return std::string(request.substr(begin, request.find('\r', begin) - begin));
}

/// Frames with `block_size` bytes of a log in them.
std::string frames_of(bool lines) {
  std::string log, frames;
  const std::size_t part = lines ? line_size : frame_size;
  while (log.size() < block_size) log += "\1\1\1" + std::string(part - 4, 'x') + "\n";
  for (std::size_t at = 0; at < block_size; at += frame_size)
    frames += frame_of(ws::opcode::binary, std::string_view(log).substr(at, frame_size));
  return frames;
}

void send_at_once(int socket) {
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto size = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size < 0) return;  // the client has gone
    bytes.remove_prefix(static_cast<std::size_t>(size));
  }
}

class server {
 public:
  server(unique_fd listener, unique_fd owner, std::uint16_t port)
      : listener_(std::move(listener)),
        owner_(std::move(owner)),
        epoll_(checked(::epoll_create1(0), "epoll_create1")),
        clock_(checked(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC), "timerfd_create")),
        sandbox_(body_from_data("sandbox", port)) {
    const itimerspec each_second{{1, 0}, {1, 0}};
    checked(::timerfd_settime(clock_.get(), 0, &each_second, nullptr), "timerfd_settime");
    for (const int one : {listener_.get(), owner_.get(), clock_.get()}) watch(one);
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
        else if (ready == clock_.get())
          tick();
        else
          serve(ready);
      }
    }
  }

 private:
  struct client {
    unique_fd socket;
    std::string pending;
    std::optional<ws::frame_reader> frames;  // once it is a WebSocket
    bool echoes = false;
  };

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
    clients_[accepted].socket = unique_fd(accepted);
    watch(accepted);
  }

  void tick() {
    std::uint64_t times = 0;
    static_cast<void>(::read(clock_.get(), &times, sizeof times));
    static const auto message = frame_of(ws::opcode::binary, "\1\1\1" + std::string(tick_size - 4, 'x') + "\n");
    for (const int one : ticking_) send_all(one, message);
  }

  void serve(int descriptor) {
    auto& from = clients_[descriptor];
    std::array<char, 65536> bytes;
    const auto size = ::recv(descriptor, bytes.data(), bytes.size(), 0);
    if (size <= 0) {
      ticking_.erase(descriptor);
      clients_.erase(descriptor);
      return;
    }
    const std::span<char> came{bytes.data(), static_cast<std::size_t>(size)};
    if (from.frames) return answer_frames(from, came);
    from.pending.append(came.data(), came.size());
    if (from.pending.find("\r\n\r\n") == std::string::npos) return;
    answer(from, std::exchange(from.pending, {}));
  }

  void answer(client& to, const std::string& request) {
    const auto key = field_of(request, "\r\nSec-WebSocket-Key: ");
    const int socket = to.socket.get();
    if (key.empty())
      return send_all(socket, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
                                  std::to_string(sandbox_.size()) + "\r\n\r\n" + sandbox_);
    to.frames.emplace(ws::role::server, block_size);
    send_all(socket,
             "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
                 ws::accept_of(key) + "\r\n\r\n");
    const auto line = std::string_view(request).substr(0, request.find('\r'));
    to.echoes = line.find("/pty/") != std::string_view::npos || line.find("/echo") != std::string_view::npos;
    if (line.find("/pty/") != std::string_view::npos)
      send_all(socket, frame_of(ws::opcode::text, R"({"type":"control","status":"connected"})"));
    if (line.find("/tick/") != std::string_view::npos) ticking_.insert(socket);
    for (const std::string_view kind : {"/bulk-", "/lines-"}) {
      const auto at = line.find(kind);
      if (at != std::string_view::npos)
        flood(socket, kind == "/lines-", std::stoull(std::string(line.substr(at + kind.size()))));
    }
  }

  void flood(int socket, bool lines, std::size_t size) {
    static const std::array blocks{frames_of(false), frames_of(true)};
    for (std::size_t sent = 0; sent < size; sent += block_size) send_all(socket, blocks[lines ? 1 : 0]);
    send_all(socket, frame_of(ws::opcode::close, ws::close_payload(ws::close_code::normal, {})));
    ::shutdown(socket, SHUT_WR);
  }

  void answer_frames(client& to, std::span<char> bytes) {
    std::optional<ws::violation> wrong;
    while (const auto piece = to.frames->next(bytes, wrong)) {
      if (piece->kind == ws::opcode::ping) send_all(to.socket.get(), frame_of(ws::opcode::pong, piece->bytes));
      if (piece->kind == ws::opcode::close) send_all(to.socket.get(), frame_of(ws::opcode::close, piece->bytes));
      if (piece->kind < ws::opcode::close && to.echoes)
        send_all(to.socket.get(), frame_of(ws::opcode::binary, piece->bytes));
    }
  }

  unique_fd listener_, owner_, epoll_, clock_;
  const std::string sandbox_;
  std::map<int, client> clients_;
  std::set<int> ticking_;
};

}  // namespace

stream_server::stream_server() {
  auto listener = listen_on_loopback(port_, backlog);
  send_at_once(listener.get());  // those that it accepts inherit it
  server its(std::move(listener), child_.owner(), port_);
  child_.run(its, server_cpu);
}

raw_stream::raw_stream(std::uint16_t port, const std::string& path) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  socket_ = unique_fd(checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
  send_at_once(socket_.get());
  checked(::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), "connect");
  send_all(socket_.get(), "GET " + path +
                              " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                              "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  std::string head;
  while (!head.ends_with("\r\n\r\n")) {
    char byte = 0;
    if (checked(::recv(socket_.get(), &byte, 1, 0), "recv") == 0)
      throw std::runtime_error("no answer of the stream server");
    head += byte;
  }
}

std::uint64_t raw_stream::read_log() {
  std::array<char, 65536> bytes;
  raw_log log;
  for (;;) {
    const auto size = checked(::recv(socket_.get(), bytes.data(), bytes.size(), 0), "recv");
    if (size == 0) return log.size();
    log.take({bytes.data(), static_cast<std::size_t>(size)});
  }
}

void raw_stream::exchange(const std::string& frame, std::size_t answer) {
  send_all(socket_.get(), frame);
  std::array<char, 4096> bytes;
  for (std::size_t come = 0; come < answer;)
    come += static_cast<std::size_t>(checked(::recv(socket_.get(), bytes.data(), bytes.size(), 0), "recv"));
}

}  // namespace daytona::bench
