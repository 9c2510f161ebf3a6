#pragma once

#include <boost/asio/ip/address.hpp>
#include <boost/system/error_code.hpp>

#include <functional>
#include <string>
#include <vector>

namespace daytona::net {

/// What a name service said: at least one address, or why there is none.
struct lookup_result {
  std::vector<boost::asio::ip::address> addresses;
  boost::system::error_code failure;
};

/// Asks a name service, and blocks while it does. Called on threads of the resolver's own.
using name_lookup = std::function<lookup_result(const std::string& host)>;

/// The system's: `getaddrinfo`, whose order of addresses (RFC 6724) is kept.
lookup_result system_lookup(const std::string& host);

/// The addresses that need no asking: literals and loopback names (RFC 6761). Empty otherwise.
std::vector<boost::asio::ip::address> addresses_without_asking(const std::string& host);

}  // namespace daytona::net
