#include "server_process.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <array>
#include <charconv>
#include <map>
#include <new>
#include <string>
#include <string_view>

#include "bodies.hpp"
#include "cpus.hpp"
#include "server_connection.hpp"
#include "system_error.hpp"

namespace daytona::bench {

namespace {

constexpr std::string_view unanswered = "forever";
constexpr int backlog = 1024;

std::string answer_with(const std::string& body, std::string_view more_fields = {}) {
  std::string answer =
      "HTTP/1.1 200 OK\r\nDate: Wed, 04 Mar 2026 05:06:07 GMT\r\nContent-Type: application/json; charset=utf-8\r\n"
      "X-Request-Id: e614ce10-9871-421c-84ac-e1279c389562\r\nContent-Length: ";
  return answer.append(std::to_string(body.size())).append("\r\n").append(more_fields).append("\r\n").append(body);
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

std::string_view path_of(std::string_view request) {
  const auto begin = request.find(' ') + 1;
  return request.substr(begin, request.find_first_of(" ?", begin) - begin);
}

class server {
 public:
  server(unique_fd listener, unique_fd owner, std::uint16_t port, server_counts& counts)
      : listener_(std::move(listener)),
        owner_(std::move(owner)),
        epoll_(checked(::epoll_create1(0), "epoll_create1")),
        counts_(counts) {
    for (const std::string_view name : {"object_300b", "sandbox", "execute_290b"})
      answers_.emplace(name, answer_with(body_from_data(name, port)));
    answers_.emplace("closing", answer_with(body_from_data("object_300b", port), "Connection: close\r\n"));
    answers_.emplace("sandboxes_50", answer_with(page_of_sandboxes()));
    watch(listener_.get());
    watch(owner_.get());
  }

  void offer_tls(unique_fd listener, const server_options& options) {
    tls_ = server_tls_context(options.certificate, options.key, options.resumable);
    tls_listener_ = std::move(listener);
    watch(tls_listener_.get());
  }

  void run() {
    std::array<epoll_event, 64> events;
    for (;;) {
      const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), -1);
      for (int i = 0; i < count; ++i) {
        const int ready = events[static_cast<std::size_t>(i)].data.fd;
        if (ready == owner_.get()) return;
        if (ready == listener_.get())
          accept_one(ready, nullptr);
        else if (ready == tls_listener_.get())
          accept_one(ready, tls_.get());
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

  void accept_one(int listener, SSL_CTX* tls) {
    const int accepted = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (accepted < 0) return;
    const int on = 1;
    ::setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    clients_.try_emplace(accepted, unique_fd(accepted), tls);
    watch(accepted);
    if (tls != nullptr) ++counts_.handshakes;
  }

  void serve(int descriptor) {
    auto& from = clients_.at(descriptor);
    if (!from.receive()) {
      clients_.erase(descriptor);
      return;
    }
    while (const auto request = request_size(from.pending)) {
      const auto asked = std::string_view(from.pending).substr(0, request);
      if (asked.find(unanswered) == std::string_view::npos) from.send(answer_to(asked));
      if (asked.find("/closing ") != std::string_view::npos && from.is_resumed()) ++counts_.resumed;
      from.pending.erase(0, request);
    }
  }

  /// By the last segment of the path, the name of a body; else by what Daytona has at that place.
  const std::string& answer_to(std::string_view request) const {
    const auto path = path_of(request);
    const auto last = path.substr(path.rfind('/') + 1);
    if (path == "/api/sandbox" && request.starts_with("GET")) return answers_.find("sandboxes_50")->second;
    const auto found = answers_.find(last);
    if (found != answers_.end()) return found->second;
    return answers_.find(path.starts_with("/toolbox/") ? "execute_290b" : "sandbox")->second;
  }

  unique_fd listener_, tls_listener_, owner_, epoll_;
  server_counts& counts_;
  std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> tls_{nullptr, SSL_CTX_free};
  std::map<std::string, std::string, std::less<>> answers_;
  std::map<int, server_connection> clients_;
};

void unmap(server_counts* counts) { ::munmap(counts, sizeof *counts); }

server_counts* map_counts() {
  void* const memory =
      ::mmap(nullptr, sizeof(server_counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "mmap");
  return new (memory) server_counts;
}

}  // namespace

server_process::server_process(const server_options& options) : counts_(map_counts(), unmap) {
  auto listener = listen_on_loopback(port_, backlog);
  server its(std::move(listener), child_.owner(), port_, *counts_);
  if (!options.certificate.empty()) its.offer_tls(listen_on_loopback(tls_port_, backlog), options);
  child_.run(its, options.cpu);
}

}  // namespace daytona::bench
