#include "kit/kernel_traffic.hpp"

#include <dirent.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace daytona::test {

namespace {

// As the kernel numbers them; <netinet/tcp.h> names them, and has an older tcp_info.
enum : unsigned char { established = 1, syn_sent = 2, fin_wait_1 = 4, listening = 10 };

/// A socket, as the kernel sees it now.
struct tcp_end {
  std::string here, there;  // raw addresses with their ports
  tcp_info info{};
  int unread = 0;
};

std::string text_of(const sockaddr_storage& address, socklen_t size) {
  if (address.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof v4);
    return std::to_string(v4.sin_addr.s_addr) + ':' + std::to_string(ntohs(v4.sin_port));
  }
  if (address.ss_family != AF_INET6 || size < sizeof(sockaddr_in6)) return {};
  sockaddr_in6 v6{};
  std::memcpy(&v6, &address, sizeof v6);
  return std::string(reinterpret_cast<const char*>(&v6.sin6_addr), sizeof v6.sin6_addr) + ':' +
         std::to_string(ntohs(v6.sin6_port));
}

/// Filled by `ask`, or empty.
template <class Ask>
std::string name_of(socklen_t size, Ask ask) {
  sockaddr_storage address{};
  return ask(&address, &size) == 0 ? text_of(address, size) : std::string();
}

void read_names(int socket, tcp_end& end) {
  socklen_t length = sizeof(sockaddr_storage);
  end.here = name_of(length, [&](sockaddr_storage* address, socklen_t* size) {
    const int result = ::getsockname(socket, reinterpret_cast<sockaddr*>(address), size);
    length = *size;
    return result;
  });
  // Unlike getpeername, it also tells where a connection that is being made leads to.
  end.there = name_of(length, [&](sockaddr_storage* address, socklen_t* size) {
    return ::getsockopt(socket, SOL_SOCKET, SO_PEERNAME, address, size);
  });
}

std::optional<tcp_end> end_of(int socket) {
  int protocol = 0;
  socklen_t size = sizeof protocol;
  if (::getsockopt(socket, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) != 0 || protocol != IPPROTO_TCP)
    return std::nullopt;
  tcp_end end;
  size = sizeof end.info;
  if (::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &end.info, &size) != 0) return std::nullopt;
  read_names(socket, end);
  if (end.info.tcpi_state != listening) ::ioctl(socket, FIONREAD, &end.unread);
  return end;
}

std::vector<tcp_end> all_ends() {
  std::vector<tcp_end> ends;
  const std::unique_ptr<DIR, int (*)(DIR*)> directory{::opendir("/proc/self/fd"), ::closedir};
  while (const auto* const entry = ::readdir(directory.get())) {
    int descriptor = -1;
    const std::string_view name = entry->d_name;
    std::from_chars(name.data(), name.data() + name.size(), descriptor);
    if (auto end = descriptor < 0 ? std::nullopt : end_of(descriptor)) ends.push_back(*std::move(end));
  }
  return ends;
}

bool has_port_of(const tcp_end& listener, std::string_view place) {
  const std::string_view here = listener.here;
  return here.substr(here.rfind(':')) == place.substr(place.rfind(':'));
}

/// A connection whose other end nobody holds: it is closed, which the kernel is about to tell, or waits to be accepted.
bool is_end_due(const tcp_end& end, const std::vector<tcp_end>& all) {
  if (end.info.tcpi_state != established || end.unread > 0) return false;
  return std::none_of(all.begin(), all.end(), [&](const tcp_end& other) {
    return other.info.tcpi_state == listening && other.info.tcpi_unacked > 0 && has_port_of(other, end.there);
  });
}

/// A connection that is being made is waited for, unless its listener's queue is full: then it is never answered.
bool is_answer_due(const tcp_end& end, const std::vector<tcp_end>& all) {
  return std::none_of(all.begin(), all.end(), [&](const tcp_end& other) {
    return other.info.tcpi_state == listening && other.info.tcpi_unacked > other.info.tcpi_sacked &&
           has_port_of(other, end.there);
  });
}

bool is_bringing(const tcp_end& from, const tcp_end& to) {
  if (to.unread > 0) return false;  // what is behind that may wait until it is read
  const auto sent = from.info.tcpi_bytes_sent - from.info.tcpi_bytes_retrans;
  const bool has_ended = from.info.tcpi_state == fin_wait_1 && to.info.tcpi_state == established;
  return sent > to.info.tcpi_bytes_received || from.info.tcpi_notsent_bytes > 0 || has_ended;
}

}  // namespace

bool traffic_under_way() {
  const auto all = all_ends();
  return std::any_of(all.begin(), all.end(), [&](const tcp_end& end) {
    if (end.info.tcpi_state == listening || end.here.empty()) return false;
    if (end.info.tcpi_state == syn_sent) return is_answer_due(end, all);
    const auto peer = std::find_if(all.begin(), all.end(), [&](const tcp_end& other) {
      return !end.there.empty() && other.here == end.there && other.there == end.here;
    });
    return peer == all.end() ? is_end_due(end, all) : is_bringing(end, *peer);
  });
}

}  // namespace daytona::test
