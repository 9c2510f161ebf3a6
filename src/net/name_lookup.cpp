#include "net/name_lookup.hpp"

#include <boost/asio/error.hpp>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "protocol/no_proxy.hpp"

namespace daytona::net {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

error_code code_of(int result) {
  switch (result) {
    case EAI_AGAIN:
      return asio::error::host_not_found_try_again;
    case EAI_FAIL:
      return asio::error::no_recovery;
    case EAI_MEMORY:
      return asio::error::no_memory;
    case EAI_SYSTEM:
      return {errno, boost::system::system_category()};
    default:
      return asio::error::host_not_found;
  }
}

asio::ip::address address_of(const sockaddr* socket_address) {
  if (socket_address->sa_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, socket_address, sizeof v4);
    return asio::ip::address_v4(ntohl(v4.sin_addr.s_addr));
  }
  sockaddr_in6 v6;
  std::memcpy(&v6, socket_address, sizeof v6);
  asio::ip::address_v6::bytes_type bytes;
  std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
  return asio::ip::address_v6(bytes, v6.sin6_scope_id);
}

}  // namespace

lookup_result system_lookup(const std::string& host) {
  lookup_result answer;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  const int result = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (result != 0) {
    answer.failure = code_of(result);
    return answer;
  }
  for (const auto* entry = found; entry != nullptr; entry = entry->ai_next)
    if (entry->ai_family == AF_INET || entry->ai_family == AF_INET6)
      answer.addresses.push_back(address_of(entry->ai_addr));
  ::freeaddrinfo(found);
  if (answer.addresses.empty()) answer.failure = asio::error::host_not_found;
  return answer;
}

std::vector<asio::ip::address> addresses_without_asking(const std::string& host) {
  if (protocol::is_loopback_name(host)) return {asio::ip::address_v4::loopback(), asio::ip::address_v6::loopback()};
  error_code ec;
  const auto literal = asio::ip::make_address(host, ec);
  if (ec) return {};
  return {literal};
}

}  // namespace daytona::net
