#pragma once

#include <boost/system/error_code.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "local/isolation/unique_fd.hpp"

namespace daytona::local {

/// One message over a SOCK_SEQPACKET socket: a small JSON text and the descriptors that travel with it.
struct packet {
  std::string text;
  std::vector<unique_fd> descriptors;
};

/// What one packet may hold: a launch with a large environment fits, and one send takes it whole within the default socket buffer.
inline constexpr std::size_t max_packet = 160 * 1024;

/// Sends one packet without waiting. `would_block` = the peer has not read yet; `message_size` = larger than `max_packet`.
boost::system::error_code send_packet(int socket, std::string_view text, const std::vector<int>& descriptors = {});

/// Takes the next packet without waiting. Nothing and no error = the peer closed; `would_block` = none there yet. Received descriptors are
/// close-on-exec.
std::optional<packet> receive_packet(int socket, boost::system::error_code& error);

/// A connected pair of AF_UNIX sockets of `type` (SOCK_STREAM, SOCK_SEQPACKET), close-on-exec and non-blocking.
std::pair<unique_fd, unique_fd> socket_pair(int type, boost::system::error_code& error);

}  // namespace daytona::local
