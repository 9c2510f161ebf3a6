#include "local/control/address_watch.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

using daytona::local::address_watch;

namespace {

bool give_address(const char* address) {
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  sockaddr_in wanted{};
  wanted.sin_family = AF_INET;
  ::inet_pton(AF_INET, address, &wanted.sin_addr);
  std::memcpy(&request.ifr_addr, &wanted, sizeof wanted);
  const bool given = ::ioctl(socket, SIOCSIFADDR, &request) == 0;
  ::close(socket);
  return given;
}

bool has(address_watch& watch, const char* address) {
  return std::ranges::count(watch.addresses(), boost::asio::ip::make_address(address)) > 0;
}

/// In a network of its own. 0, or which step failed.
int follow_changes() {
  if (::unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return 1;
  address_watch watch;
  if (has(watch, "127.0.0.1")) return 2;
  if (!give_address("127.0.0.1") || !has(watch, "127.0.0.1")) return 3;
  if (!give_address("8.8.4.4") || !has(watch, "8.8.4.4") || has(watch, "127.0.0.1")) return 4;
  return watch.readings() == 3 ? 0 : 5;
}

}  // namespace

TEST_CASE("the machine's addresses are read once, and anew as soon as one has come or gone") {
  address_watch watch;
  watch.addresses();
  const auto again = watch.addresses();
  CHECK(again == watch.addresses());
  CHECK(watch.readings() == 1);

  const pid_t child = ::fork();
  if (child == 0) ::_exit(follow_changes());
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);

  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}
