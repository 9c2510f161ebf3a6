#include "net/dial.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>

#include <array>
#include <utility>

#include "dead_addresses.hpp"
#include "kit/allocations.hpp"
#include "kit/for_each_failure.hpp"
#include "kit/tcp_fixture.hpp"

using namespace daytona;
using namespace daytona::test;
using namespace std::chrono_literals;

namespace {

using addresses = std::vector<asio::ip::address>;

struct dial_end {
  bool connected = false;
  bool is_inherited = true;
  asio::ip::address peer;
  net::dial_failure failure;
};

net::awaitable<void> dial(addresses all, std::uint16_t port, dial_end& end,
                          std::chrono::milliseconds delay = net::attempt_delay) {
  const auto op = co_await net::begin_operation(std::nullopt);
  auto socket = co_await net::dial(*op, std::move(all), port, delay, end.failure);
  if (!socket) co_return;
  end.connected = true;
  end.is_inherited = (::fcntl(socket->native_handle(), F_GETFD) & FD_CLOEXEC) == 0;
  const auto peer = socket->remote_endpoint();
  end.peer = peer.protocol().family() == AF_INET6 ? v6 : v4;
}

constexpr std::array every_cancellation{asio::cancellation_type::terminal, asio::cancellation_type::partial,
                                        asio::cancellation_type::total};

/// Runs `work` with every kind of cancellation enabled.
asio::awaitable<void> all_enabled(asio::awaitable<void> work) {
  co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
  co_await std::move(work);
}

void move_time(fixture& fixture, std::chrono::nanoseconds by) {
  fixture.settle();
  auto& clock = net::timers_of(fixture.executor());
  clock.advance_to(clock.now() + by);
  fixture.settle();
}

/// A server on an address and port, which takes connections and does nothing.
struct listener {
  listener(asio::io_context& io, const asio::ip::address& address, std::uint16_t port) : acceptor(io) {
    const asio::ip::tcp::endpoint where{address, port};
    acceptor.open(where.protocol());
    if (address.is_v6()) acceptor.set_option(asio::ip::v6_only(true));
    acceptor.set_option(asio::socket_base::reuse_address(true));
    acceptor.bind(where);
    acceptor.listen();
  }
  asio::ip::tcp::acceptor acceptor;
};

/// The first address of localhost is dead. A call is cancelled before the second is tried; the next call gets through by that.
void cancel_while_connecting(std::uint16_t port, asio::cancellation_type type, std::chrono::nanoseconds after) {
  server_options at_port;
  at_port.port = port;
  at_port.v6 = true;
  tcp_fixture fixture{at_port};
  fixture.server().reply(get_line, 200, sandbox_json("started"));
  asio::cancellation_signal signal;
  std::exception_ptr failure;
  bool ended = false;
  auto work = all_enabled(discard(fixture.client(fixture.settings("http", "localhost")).get("x")));
  asio::co_spawn(fixture.io(), std::move(work),
                 asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr why) {
                   failure = why;
                   ended = true;
                 }));
  move_time(fixture, after);
  CHECK_FALSE(ended);

  signal.emit(type);
  fixture.run_until([&] { return ended; });

  outcome<void> end;
  end.failure = failure;
  CHECK(end.error().code() == asio::error::operation_aborted);
  CHECK(end.error().phase() == phase::connect);
  CHECK(fixture.elapsed() == after);
  for (const auto& [origin, pool] : fixture.client().pool_figures().origins) {
    CHECK(pool.connections == 0);
    CHECK(pool.waiting == 0);
  }
  CHECK(told(fixture.get()) == "");
  CHECK(fixture.elapsed() == after + net::attempt_delay);
}

/// What the second run of `work` keeps: the first fills what is kept for ever, like Asio's spare frames.
std::ptrdiff_t memory_kept_by(const std::function<void()>& work) {
  work();
  const auto before = live_allocations();
  work();
  return live_allocations() - before;
}

}  // namespace

TEST_CASE("R9: behind a dead IPv6 address, a good IPv4 one is connected to within 500 ms of the clock") {
  const holes dead{v6};
  fixture fixture;
  {
    const listener good{fixture.io(), v4, dead.port()};
    dial_end end;

    fixture.run(dial({v6, v4}, dead.port(), end));

    CHECK(end.connected);
    CHECK(end.peer == v4);
    CHECK(fixture.elapsed() == net::attempt_delay);
  }
}

TEST_CASE("R9: a good first address is alone, and a refused one is followed at once") {
  const holes dead{v4};
  fixture fixture;
  {
    const listener good{fixture.io(), v6, dead.port()};
    dial_end end;
    fixture.run(dial({v6, v4}, dead.port(), end));
    CHECK(end.peer == v6);
    CHECK(fixture.elapsed() == 0s);
  }
  std::optional<listener> gone(std::in_place, fixture.io(), v6, std::uint16_t{0});
  const auto port = gone->acceptor.local_endpoint().port();
  gone.reset();
  const listener good{fixture.io(), v4, port};
  dial_end end;
  fixture.run(dial({v6, v4}, port, end));
  CHECK(end.peer == v4);
  CHECK(fixture.elapsed() == 0s);
}

TEST_CASE("R9: the time that an attempt is alone may be set, to nothing too") {
  const holes dead{v6};
  for (const auto delay : {0ms, 40ms}) {
    fixture fixture;
    const listener good{fixture.io(), v4, dead.port()};
    dial_end end;

    fixture.run(dial({v6, v4}, dead.port(), end, delay));

    CHECK(end.peer == v4);
    CHECK(fixture.elapsed() == delay);
  }
}

TEST_CASE("R9: behind an address that is refused the next one is tried at once, also while another is dead") {
  const holes dead{v6};
  const auto second_v4 = asio::ip::make_address("127.0.0.2");
  fixture fixture;
  {
    const listener good{fixture.io(), second_v4, dead.port()};
    dial_end end;

    fixture.run(dial({v6, v4, second_v4}, dead.port(), end));

    CHECK(end.connected);
    CHECK(fixture.elapsed() == net::attempt_delay);
  }
}

TEST_CASE("R9: when no address can be reached, the error tells of each") {
  fixture fixture;
  std::optional<listener> gone(std::in_place, fixture.io(), v6, std::uint16_t{0});
  const auto port = gone->acceptor.local_endpoint().port();
  gone.reset();
  dial_end end;

  fixture.run(dial({v6, v4}, port, end));

  CHECK_FALSE(end.connected);
  CHECK(end.failure.cause == asio::error::connection_refused);
  CHECK(end.failure.what.find(fmt::format("[::1]:{}: ", port)) != std::string::npos);
  CHECK(end.failure.what.find(fmt::format("127.0.0.1:{}: ", port)) != std::string::npos);
}

TEST_CASE("R5: a connection is not inherited by the programs that the process starts, of one address or several") {
  for (const auto& tried : {addresses{v4}, addresses{v4, v6}}) {
    fixture fixture;
    const listener good{fixture.io(), v4, 0};
    dial_end end;

    fixture.run(dial(tried, good.acceptor.local_endpoint().port(), end));

    CHECK(end.connected);
    CHECK_FALSE(end.is_inherited);
  }
}

TEST_CASE("T3: attempts to connect are cancelled at once, whichever are under way, and leave nothing") {
  const holes dead{v6, v4};
  for (const auto type : every_cancellation) {
    for (const auto after : {0ms, 249ms, 251ms}) {
      fixture fixture;
      asio::cancellation_signal signal;
      dial_end end;
      bool ended = false;
      auto work = all_enabled(dial({v6, v4}, dead.port(), end));
      asio::co_spawn(fixture.io(), std::move(work),
                     asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr) { ended = true; }));
      move_time(fixture, after);
      CHECK_FALSE(ended);

      signal.emit(type);
      fixture.run_until([&] { return ended; });

      CHECK_FALSE(end.connected);
      CHECK(fixture.elapsed() == after);
    }
  }
}

TEST_CASE("T3, K2: a call that is cancelled as it connects leaves nothing, and the next one connects") {
  const holes dead{v4};
  for (const auto type : every_cancellation) {
    for (const auto after : {0ms, 249ms}) {
      INFO(static_cast<int>(type), ", after ", after.count(), " ms");
      const auto kept = memory_kept_by([&] { cancel_while_connecting(dead.port(), type, after); });
      CHECK(kept <= 0);
    }
  }
}
