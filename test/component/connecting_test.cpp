#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "client/client_core.hpp"
#include "kit/tcp_fixture.hpp"
#include "net/dial.hpp"

using namespace daytona;
using namespace daytona::test;
using namespace std::chrono_literals;

namespace {

using addresses = std::vector<asio::ip::address>;
const auto v4 = asio::ip::address(asio::ip::make_address("127.0.0.1"));
const auto v6 = asio::ip::address(asio::ip::make_address("::1"));

/// An address and port that never answer a connect, as a dead host does, without any network: a listener whose queue is full, so that the kernel drops
/// what comes.
class black_hole {
 public:
  explicit black_hole(const asio::ip::address& address, std::uint16_t port = 0) : listener_(io_) {
    const asio::ip::tcp::endpoint where{address, port};
    listener_.open(where.protocol());
    if (address.is_v6()) listener_.set_option(asio::ip::v6_only(true));
    listener_.set_option(asio::socket_base::reuse_address(true));
    listener_.bind(where);
    listener_.listen(0);
    asio::ip::tcp::socket filler{io_};
    filler.connect(listener_.local_endpoint());
    fillers_.push_back(std::move(filler));
  }
  std::uint16_t port() const { return listener_.local_endpoint().port(); }

 private:
  asio::io_context io_;
  asio::ip::tcp::acceptor listener_;
  std::vector<asio::ip::tcp::socket> fillers_;
};

struct dial_end {
  bool connected = false;
  asio::ip::address peer;
  net::dial_failure failure;
};

net::awaitable<void> dial(addresses all, std::uint16_t port, dial_end& end) {
  const auto op = co_await net::begin_operation(std::nullopt);
  auto socket = co_await net::dial(*op, std::move(all), port, end.failure);
  if (!socket) co_return;
  end.connected = true;
  const auto peer = socket->remote_endpoint();
  end.peer = peer.protocol().family() == AF_INET6 ? v6 : v4;
}

/// A fixture with holes in place before it counts descriptors.
struct holes {
  explicit holes(std::initializer_list<asio::ip::address> dead) {
    for (const auto& address : dead) all.push_back(std::make_unique<black_hole>(address, port()));
  }
  std::uint16_t port() const { return all.empty() ? std::uint16_t{0} : all.front()->port(); }
  std::vector<std::unique_ptr<black_hole>> all;
};

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

/// A name service that never answers while it lives.
class silent_names {
 public:
  ~silent_names() {
    std::unique_lock lock{state_->mutex};
    state_->open = true;
    state_->changed.notify_all();
    state_->changed.wait(lock, [this] { return state_->inside == 0; });
  }
  net::name_lookup lookup() {
    return [state = state_](const std::string&) {
      std::unique_lock lock{state->mutex};
      ++state->inside;
      state->changed.wait(lock, [&] { return state->open; });
      --state->inside;
      state->changed.notify_all();
      return net::lookup_result{{}, asio::error::host_not_found};
    };
  }

 private:
  struct shared {
    std::mutex mutex;
    std::condition_variable changed;
    bool open = false;
    int inside = 0;
  };
  std::shared_ptr<shared> state_ = std::make_shared<shared>();
};

/// Names are looked up on threads that hold a descriptor for a moment longer than the call.
void wait_for_threads(std::size_t descriptors) {
  while (open_descriptors() > descriptors) std::this_thread::yield();
}

daytona::client client_of(const config& settings, net::name_lookup lookup) {
  auto connector = std::make_shared<net::tcp_connector>(settings, std::move(lookup));
  return v0::detail::client_core::handle(std::make_shared<v0::detail::client_core>(settings, std::move(connector)));
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

TEST_CASE("T3: attempts to connect are cancelled at once, whichever are under way, and leave nothing") {
  const holes dead{v6, v4};
  for (const auto after : {0ms, 249ms, 251ms}) {
    fixture fixture;
    asio::cancellation_signal signal;
    dial_end end;
    bool ended = false;
    asio::co_spawn(fixture.io(), dial({v6, v4}, dead.port(), end),
                   asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr) { ended = true; }));
    fixture.settle();
    auto& clock = net::timers_of(fixture.executor());
    clock.advance_to(clock.now() + after);
    fixture.settle();
    CHECK_FALSE(ended);

    signal.emit(asio::cancellation_type::terminal);
    fixture.run_until([&] { return ended; });

    CHECK_FALSE(end.connected);
    CHECK(fixture.elapsed() == after);
  }
}

TEST_CASE("T2: addresses that never answer end the call at connect_timeout, in the phase connect, each named") {
  const holes dead{v4, v6};
  tcp_fixture fixture;
  auto settings = fixture.settings("http", "localhost", dead.port());
  settings.connect_timeout = 4s;

  const auto error = fixture.get(settings).error();

  CHECK(error.code() == errc::timeout);
  CHECK(error.phase() == phase::connect);
  CHECK(error.message().find("127.0.0.1") != std::string::npos);
  CHECK(error.message().find("::1") != std::string::npos);
  CHECK(fixture.elapsed() == 4s);
}

TEST_CASE("T2: a name service that never answers ends the call at its deadline, in the phase resolve") {
  for (const bool by_connect_timeout : {true, false}) {
    fixture fixture;
    const auto descriptors = open_descriptors();
    {
      silent_names names;
      auto settings = client_fixture::default_config();
      settings.retry.max_attempts = 1;
      settings.connect_timeout = by_connect_timeout ? 4s : 0s;
      settings.request_timeout = 9s;

      const auto error = fixture.run(client_of(settings, names.lookup()).get("x")).error();

      CHECK(error.code() == errc::timeout);
      CHECK(error.phase() == phase::resolve);
      CHECK(fixture.elapsed() == (by_connect_timeout ? 4s : 9s));
    }
    wait_for_threads(descriptors);
  }
}

TEST_CASE("a name that is not known is told as such, in the phase resolve") {
  auto settings = client_fixture::default_config();
  settings.retry.max_attempts = 1;
  auto names = [](const std::string&) { return net::lookup_result{{}, asio::error::host_not_found}; };
  auto client = client_of(settings, names);
  asio::io_context io;  // not a fixture: its clock does not wait for the thread that answers
  std::optional<error> seen;

  asio::co_spawn(io, client.get("x"), [&](std::exception_ptr failure, sandbox) {
    outcome<sandbox> end;
    end.failure = failure;
    seen = end.error();
  });
  io.run();

  REQUIRE(seen.has_value());
  CHECK(seen->code() == errc::connection_failed);
  CHECK(seen->phase() == phase::resolve);
  CHECK(seen->message().find("daytona.test") != std::string::npos);
}
