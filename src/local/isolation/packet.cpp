#include "local/isolation/packet.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace daytona::local {

namespace {

constexpr std::size_t max_descriptors = 4;

boost::system::error_code last_error() { return {errno, boost::system::system_category()}; }

std::vector<unique_fd> take_descriptors(msghdr& header) {
  std::vector<unique_fd> taken;
  for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t n = 0; n < count; ++n) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(part) + n * sizeof(int), sizeof fd);
      taken.emplace_back(fd);
    }
  }
  return taken;
}

}  // namespace

boost::system::error_code send_packet(int socket, std::string_view text, const std::vector<int>& descriptors) {
  if (text.size() > max_packet || descriptors.size() > max_descriptors)
    return make_error_code(boost::system::errc::message_size);

  iovec part{const_cast<char*>(text.data()), text.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(max_descriptors * sizeof(int))> control{};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  if (!descriptors.empty()) {
    header.msg_control = control.data();
    header.msg_controllen = CMSG_SPACE(descriptors.size() * sizeof(int));
    cmsghdr* rights = CMSG_FIRSTHDR(&header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(descriptors.size() * sizeof(int));
    std::memcpy(CMSG_DATA(rights), descriptors.data(), descriptors.size() * sizeof(int));
  }
  while (::sendmsg(socket, &header, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
    if (errno != EINTR) return last_error();
  return {};
}

std::optional<packet> receive_packet(int socket, boost::system::error_code& error) {
  const ssize_t announced = ::recv(socket, nullptr, 0, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT);
  if (announced <= 0) {
    error = announced == 0 ? boost::system::error_code{} : last_error();
    return std::nullopt;
  }
  packet received;
  received.text.resize(static_cast<std::size_t>(announced));
  iovec part{received.text.data(), received.text.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(max_descriptors * sizeof(int))> control{};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();

  ssize_t size = 0;
  while ((size = ::recvmsg(socket, &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT)) < 0) {
    if (errno == EINTR) continue;
    error = last_error();
    return std::nullopt;
  }
  error = {};
  received.descriptors = take_descriptors(header);
  received.text.resize(static_cast<std::size_t>(size));
  return received;
}

std::pair<unique_fd, unique_fd> socket_pair(int type, boost::system::error_code& error) {
  int ends[2] = {-1, -1};
  error = {};
  if (::socketpair(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0) error = last_error();
  return {unique_fd{ends[0]}, unique_fd{ends[1]}};
}

}  // namespace daytona::local
