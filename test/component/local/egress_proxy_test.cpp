// The sandboxes' way out, without a sandbox: what one that wants too much of it is told.
#include "local/control/egress_proxy.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <doctest/doctest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "../dead_addresses.hpp"
#include "local/isolation/packet.hpp"
#include "small_server.hpp"

using namespace daytona::local;
using namespace daytona::local::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

/// One sandbox's connections to the proxy, and a server of this machine that a rule lets it reach.
struct way_out {
  way_out() = default;
  explicit way_out(std::uint16_t of_another) : port{of_another} {}
  ~way_out() {
    sandbox->close_all();
    settle(io);
  }

  egress_rules rules() const { return egress_rules{std::vector<std::string>(1, target())}; }
  std::string target() const { return "127.0.0.1:" + std::to_string(port); }

  http::stream_socket connected() {
    boost::system::error_code error;
    auto ends = socket_pair(SOCK_STREAM, error);
    REQUIRE_FALSE(error);
    const asio::generic::stream_protocol protocol{AF_UNIX, 0};
    sandbox->start(http::stream_socket{io.get_executor(), protocol, ends.second.release()});
    http::stream_socket ours{io, protocol, ends.first.release()};
    ours.non_blocking(true);
    settle(io);
    return ours;
  }
  /// What comes of a request, as far as it has come.
  std::string answer(http::stream_socket& connection, const std::string& line) {
    boost::system::error_code ignored;
    connection.write_some(asio::buffer(line + " HTTP/1.1\r\nHost: x\r\n\r\n"), ignored);
    return heard(connection);
  }
  std::string heard(http::stream_socket& connection) {
    settle(io);
    return received(connection);
  }
  std::string received(http::stream_socket& connection) const {
    boost::system::error_code ignored;
    std::string bytes(4096, '\0');
    bytes.resize(connection.read_some(asio::buffer(bytes), ignored));
    return bytes;
  }

  asio::io_context io{1};
  manual_clock clock{io};
  tcp::acceptor machine{io, tcp::endpoint{asio::ip::address_v4::loopback(), 0}};
  std::uint16_t port = machine.local_endpoint().port();
  std::shared_ptr<http::connection_group> sandbox =
      std::make_shared<http::connection_group>(io.get_executor(), std::make_shared<egress_proxy>(rules())->service());
};

/// A name service whose answers change: the last one stays.
struct changing_names {
  daytona::net::name_lookup lookup() {
    return [this](const std::string&) {
      const auto turn = std::min<std::size_t>(asked++, answers.size() - 1);
      daytona::net::lookup_result found;
      for (const auto& address : answers[turn]) found.addresses.push_back(asio::ip::make_address(address));
      return found;
    };
  }
  std::vector<std::vector<std::string>> answers;
  std::atomic<std::size_t> asked{0};
};

/// The status of each of `times` requests for a name, with the lifetime of what a name service said between them.
std::string statuses_over_time(changing_names& names, int times) {
  asio::io_context io{1};
  manual_clock clock{io};
  const auto proxy = std::make_shared<egress_proxy>(egress_rules{}, names.lookup());
  const auto sandbox = std::make_shared<http::connection_group>(io.get_executor(), proxy->service());
  std::string told;
  for (int n = 0; n < times; ++n) {
    boost::system::error_code error;
    auto ends = socket_pair(SOCK_STREAM, error);
    const asio::generic::stream_protocol protocol{AF_UNIX, 0};
    sandbox->start(http::stream_socket{io.get_executor(), protocol, ends.second.release()});
    http::stream_socket ours{io, protocol, ends.first.release()};
    const std::string_view request = n % 2 == 0 ? "CONNECT changes.test:80 HTTP/1.1\r\nHost: x\r\n\r\n"
                                                : "GET http://changes.test/ HTTP/1.1\r\nHost: x\r\n\r\n";
    asio::write(ours, asio::buffer(request));
    std::string answer(12, '\0');
    bool is_told = false;
    asio::async_read(ours, asio::buffer(answer), [&](boost::system::error_code, std::size_t) { is_told = true; });
    io.restart();
    while (!is_told) io.run_one();
    told += answer.substr(9) + " ";
    clock.pass(daytona::net::resolver::time_to_live);
  }
  sandbox->close_all();
  settle(io);
  return told;
}

/// What `work` gives in a process whose network is empty, so that a connect ends at once and nothing is sent.
std::string without_network(const std::function<std::string()>& work) {
  int ends[2] = {-1, -1};
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const bool alone = ::unshare(CLONE_NEWNET) == 0 || ::unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0;
    const std::string told = alone ? work() : "no network of its own";
    [[maybe_unused]] const auto written = ::write(ends[1], told.data(), told.size());
    ::_exit(0);
  }
  ::close(ends[1]);
  std::string told(1000, '\0');
  const auto size = ::read(ends[0], told.data(), told.size());
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  told.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  return told;
}

}  // namespace

TEST_CASE(
    "of a name that changes its address each one is judged that would be connected to, and it is not looked up between "
    "the two") {
  const auto told = without_network([] {
    changing_names names;
    names.answers = {{"8.8.8.8"},         {"127.0.0.1"},      {"8.8.4.4"},
                     {"::ffff:10.0.0.1"}, {"::1", "8.8.8.8"}, {"169.254.0.1", "fd00::1"}};
    const auto statuses = statuses_over_time(names, 6);
    return statuses + std::to_string(names.asked) + " lookups";
  });

  CHECK(told == "502 403 502 403 502 403 6 lookups");
}

TEST_CASE("a sandbox that uses all its connections to the outside is told so, and when to come again") {
  way_out out;
  std::vector<http::stream_socket> tunnels;
  for (int n = 0; n < 256; ++n) {
    tunnels.push_back(out.connected());
    REQUIRE(out.answer(tunnels.back(), "CONNECT " + out.target()).starts_with("HTTP/1.1 200 "));
  }

  auto one_too_many = out.connected();
  const auto told = out.answer(one_too_many, "CONNECT " + out.target());

  CHECK(told.starts_with("HTTP/1.1 503 "));
  CHECK(told.find("Retry-After: 1\r\n") != std::string::npos);
  CHECK(told.find("\r\n\r\negress proxy: all 256 connections") != std::string::npos);
  tunnels.pop_back();
  settle(out.io);
  tcp::socket served{out.io};
  while (out.sandbox->size() == 256) {  // until the server lets go of the tunnel, too
    out.machine.accept(served);
    served.close();
    settle(out.io);
  }
  auto next = out.connected();
  CHECK(out.answer(next, "CONNECT " + out.target()).starts_with("HTTP/1.1 200 "));
}

TEST_CASE("a server that does not answer is told of as such, in time") {
  const daytona::test::black_hole hole{asio::ip::address_v4::loopback()};
  way_out out{hole.port()};
  auto waiting = out.connected();
  CHECK(out.answer(waiting, "CONNECT " + out.target()) == "");

  out.clock.pass(10s);
  settle(out.io);

  const auto told = out.heard(waiting);
  CHECK(told.starts_with("HTTP/1.1 504 "));
  CHECK(told.ends_with("\r\n\r\negress proxy: " + out.target() + ": no answer within 10 s\n"));
}

TEST_CASE("connections to the proxy that wait for a request make room for one more") {
  way_out out;
  std::vector<http::stream_socket> idle;
  for (int n = 0; n < 256; ++n) idle.push_back(out.connected());

  auto busy = out.connected();

  CHECK(out.answer(busy, "CONNECT " + out.target()).starts_with("HTTP/1.1 200 "));
}

TEST_CASE("requests without end on one connection to the proxy hold no other up") {
  way_out out{1};
  auto greedy = out.connected();
  auto modest = out.connected();
  std::string many;
  for (int n = 0; n < 100; ++n) many += "GET http://10.0.0.1:1/ HTTP/1.1\r\nHost: x\r\n\r\n";
  asio::write(greedy, asio::buffer(many));
  asio::write(modest, asio::buffer(std::string_view{"GET http://10.0.0.1:1/ HTTP/1.1\r\nHost: x\r\n\r\n"}));

  out.io.restart();
  while (modest.available() == 0) REQUIRE(out.io.poll_one() > 0);

  const auto one = out.received(modest).size();
  REQUIRE(one > 0);
  CHECK(greedy.available() <= 3 * one);
  settle(out.io);
  CHECK(greedy.available() == 100 * one);
}
