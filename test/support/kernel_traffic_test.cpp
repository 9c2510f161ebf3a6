#include "kit/kernel_traffic.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <doctest/doctest.h>
#include <sys/socket.h>

#include <cerrno>
#include <optional>
#include <string>

using daytona::test::traffic_under_way;
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

/// A connection both of whose ends are here.
struct connection {
  connection() {
    client.connect(listener.local_endpoint());
    server = listener.accept();
    server.non_blocking(true);
  }

  /// So slowly that what is sent now is still being sent when the test is over, but for its beginning.
  void send_slowly() {
    const unsigned bytes_a_second = 1000;
    REQUIRE(::setsockopt(client.native_handle(), SOL_SOCKET, SO_MAX_PACING_RATE, &bytes_a_second,
                         sizeof bytes_a_second) == 0);
    client.non_blocking(true);
    const std::string much(1'000'000, 'x');
    boost::system::error_code ec;
    client.write_some(asio::buffer(much), ec);
    REQUIRE_FALSE(ec);
  }
  /// What has come, all of it.
  std::size_t read() {
    std::string room(1'000'000, '\0');
    std::size_t size = 0;
    boost::system::error_code ec;
    while (!ec) size += server.read_some(asio::buffer(room), ec);
    return size;
  }

  asio::io_context io;
  tcp::acceptor listener{io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
  tcp::socket client{io}, server{io};
};

/// A listener with as many connections waiting as it takes, so that the kernel lets another one wait for an answer.
struct full_listener {
  full_listener() {
    listener->open(tcp::v4());
    listener->bind(tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    listener->listen(0);
    filler.connect(listener->local_endpoint());
    late.open(tcp::v4());
    late.native_non_blocking(true);
    const auto where = listener->local_endpoint();
    const int begun = ::connect(late.native_handle(), where.data(), static_cast<socklen_t>(where.size()));
    REQUIRE(begun == -1);
    REQUIRE(errno == EINPROGRESS);
  }

  asio::io_context io;
  std::optional<tcp::acceptor> listener{std::in_place, io};
  tcp::socket filler{io}, late{io};
};

}  // namespace

TEST_CASE("nothing is under way between sockets that are quiet, whose bytes are unread, or that wait in a queue") {
  CHECK_FALSE(traffic_under_way());
  connection quiet;
  CHECK_FALSE(traffic_under_way());
  connection unread;
  asio::write(unread.client, asio::buffer("bytes"));
  CHECK_FALSE(traffic_under_way());
  tcp::socket queued{quiet.io};
  queued.connect(quiet.listener.local_endpoint());
  CHECK_FALSE(traffic_under_way());
  unread.client.close();
  CHECK_FALSE(traffic_under_way());
}

TEST_CASE("bytes are under way until they can be read") {
  connection both;
  both.send_slowly();

  both.read();
  CHECK(traffic_under_way());

  both.client.close();
  both.server.close();
  CHECK_FALSE(traffic_under_way());
}

TEST_CASE("the end of a connection is under way until it is told, behind the bytes that were sent before it") {
  connection both;
  both.send_slowly();
  both.client.close();

  both.read();
  CHECK(traffic_under_way());

  both.server.close();
  CHECK_FALSE(traffic_under_way());
}

TEST_CASE("the answer to who connects is under way, unless a full queue lets it wait for ever") {
  full_listener full;
  CHECK_FALSE(traffic_under_way());

  full.listener.reset();

  CHECK(traffic_under_way());  // the kernel asks again, and is refused
}
