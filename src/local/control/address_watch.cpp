#include "local/control/address_watch.hpp"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "local/control/egress_rules.hpp"

namespace daytona::local {

namespace {

unique_fd open_notices() {
  unique_fd socket{::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE)};
  sockaddr_nl own{};
  own.nl_family = AF_NETLINK;
  own.nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
  if (socket && ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0) socket.reset();
  return socket;
}

}  // namespace

address_watch::address_watch() : notices_{open_notices()} {}

/// The notices are taken before the addresses are read: of what changes meanwhile there is another one.
const std::vector<boost::asio::ip::address>& address_watch::addresses() {
  if (!has_notice() && known_) return *known_;
  known_.reset();
  known_ = machine_addresses();
  ++readings_;
  return *known_;
}

bool address_watch::has_notice() const {
  if (!notices_) return true;
  std::array<char, 1024> dropped;
  for (bool any = false;;) {
    if (::recv(notices_.get(), dropped.data(), dropped.size(), 0) >= 0 || errno == ENOBUFS)
      any = true;
    else if (errno != EINTR)
      return any || (errno != EAGAIN && errno != EWOULDBLOCK);
  }
}

}  // namespace daytona::local
