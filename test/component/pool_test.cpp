#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <doctest/doctest.h>

#include "kit/client_fixture.hpp"
#include "net/connection_pool.hpp"

using namespace daytona;
using namespace daytona::test;
using namespace std::chrono_literals;

namespace {

const net::origin home{false, "daytona.test", 80};

/// A pool whose connections are scripted, and calls that hold one until they are told to let go.
class pool_fixture : public fixture {
 public:
  explicit pool_fixture(net::pool_limits limits)
      : plot(std::make_shared<script>()),
        pool(std::make_shared<net::connection_pool>(limits, std::make_shared<scripted_connector>(plot))) {}
  ~pool_fixture() {
    pool->close();
    settle();
    CHECK_MESSAGE(plot->open == 0, "a connection is left behind");
  }

  struct holder {
    explicit holder(const asio::any_io_executor& executor) : release(executor) {}
    net::wake_up release;
    asio::cancellation_signal signal;
    bool keep = true;
    bool has_it = false, reused = false, ended = false;
    std::optional<error> refused;
    net::connect_failure failure;
  };

  static net::awaitable<void> hold(std::shared_ptr<net::connection_pool> pool, std::shared_ptr<holder> self,
                                   std::optional<std::chrono::nanoseconds> limit, net::origin where) {
    const auto op = co_await net::begin_operation(limit);
    auto lease = co_await pool->acquire(*op, std::move(where), self->failure);
    if (!lease) co_return;
    self->has_it = true;
    self->reused = lease.is_reused();
    net::error_code ec;
    co_await self->release.wait(*op, ec);
    if (self->keep && !ec) lease.keep();
  }

  std::shared_ptr<holder> take(std::optional<std::chrono::nanoseconds> limit = std::nullopt,
                               const net::origin& where = home) {
    auto self = std::make_shared<holder>(executor());
    auto done = [self](std::exception_ptr) {
      self->ended = true;
      self->has_it = false;
    };
    asio::co_spawn(io(), hold(pool, self, limit, where), asio::bind_cancellation_slot(self->signal.slot(), done));
    settle();
    return self;
  }

  void release(const std::shared_ptr<holder>& self, bool keep = true) {
    self->keep = keep;
    self->release.notify();
    run_until([&] { return self->ended; });
  }

  /// Lets `time` pass while nothing happens.
  void pass(std::chrono::nanoseconds time) { net::timers_of(executor()).advance_to(now() + time); }
  net::steady_time now() { return net::timers_of(executor()).now(); }

  std::shared_ptr<script> plot;
  std::shared_ptr<net::connection_pool> pool;
};

net::pool_limits limits_of(std::size_t connections) {
  net::pool_limits limits;
  limits.max_connections = connections;
  limits.max_idle = 4;
  limits.idle_timeout = 55s;
  limits.max_age = 10min;
  return limits;
}

}  // namespace

TEST_CASE("R4: calls beyond the limit wait, and are served first come, first served") {
  pool_fixture fixture{limits_of(1)};
  const auto first = fixture.take();
  const auto second = fixture.take();
  const auto third = fixture.take();
  CHECK(first->has_it);
  CHECK(fixture.pool->count().waiting == 2);

  fixture.release(first);
  CHECK(second->has_it);
  CHECK(second->reused);
  CHECK_FALSE(third->has_it);

  fixture.release(second, false);
  CHECK(third->has_it);
  CHECK_FALSE(third->reused);

  fixture.release(third);
  CHECK(fixture.plot->connections == 2);
}

TEST_CASE("a newcomer does not overtake one that waits") {
  pool_fixture fixture{limits_of(1)};
  const auto first = fixture.take();
  const auto waiting = fixture.take();

  first->release.notify();
  const auto newcomer = fixture.take();

  CHECK(waiting->has_it);
  CHECK_FALSE(newcomer->has_it);
  fixture.release(waiting);
  CHECK(newcomer->has_it);
  fixture.release(newcomer);
}

TEST_CASE("T2: a call that waits for a connection ends at its deadline, and its place goes to the next") {
  pool_fixture fixture{limits_of(1)};
  const auto first = fixture.take();
  const auto late = fixture.take(3s);
  const auto next = fixture.take();

  fixture.run_until([&] { return late->ended; });

  CHECK(fixture.elapsed() == 3s);
  CHECK(late->failure.cause == asio::error::operation_aborted);
  CHECK(fixture.pool->count().waiting == 1);
  fixture.release(first);
  CHECK(next->has_it);
  fixture.release(next);
}

TEST_CASE("T3: a cancelled call leaves the line, and a connection that it was just granted goes to the next") {
  pool_fixture fixture{limits_of(1)};
  const auto first = fixture.take();
  const auto cancelled = fixture.take();
  const auto next = fixture.take();

  SUBCASE("while it waits") {
    cancelled->signal.emit(asio::cancellation_type::terminal);
    fixture.run_until([&] { return cancelled->ended; });
    CHECK(fixture.pool->count().waiting == 1);
    fixture.release(first);
  }
  SUBCASE("in the moment of the grant") {
    first->release.notify();
    asio::post(fixture.executor(), [&] { cancelled->signal.emit(asio::cancellation_type::terminal); });
    fixture.settle();
  }

  fixture.run_until([&] { return cancelled->ended || cancelled->has_it; });
  if (cancelled->has_it) fixture.release(cancelled);
  CHECK(next->has_it);
  fixture.release(next);
  CHECK(fixture.pool->count().connections == fixture.pool->count().idle);
}

TEST_CASE("a failed attempt to connect gives its place to the next") {
  pool_fixture fixture{limits_of(1)};
  fixture.plot->on_step = [](std::size_t step) { return step == 0 ? step_action::fail : step_action::proceed; };
  auto first = std::make_shared<pool_fixture::holder>(fixture.executor());
  auto second = std::make_shared<pool_fixture::holder>(fixture.executor());
  asio::co_spawn(fixture.io(), pool_fixture::hold(fixture.pool, first, std::nullopt, home), asio::detached);
  asio::co_spawn(fixture.io(), pool_fixture::hold(fixture.pool, second, std::nullopt, home),
                 [second](std::exception_ptr) { second->ended = true; });

  fixture.settle();

  CHECK(first->failure.cause == asio::error::connection_reset);
  CHECK(second->has_it);
  fixture.release(second);
}

TEST_CASE("connections are made a few at a time") {
  auto limits = limits_of(0);
  limits.max_connecting = 2;
  pool_fixture fixture{limits};
  fixture.plot->on_step = [](std::size_t) { return step_action::hang; };

  const auto a = fixture.take(1s), b = fixture.take(1s), c = fixture.take(5s);

  CHECK(fixture.pool->count().connecting == 2);
  CHECK(fixture.pool->count().waiting == 1);
  fixture.plot->on_step = nullptr;
  fixture.run_until([&] { return c->has_it; });
  CHECK(a->ended);
  CHECK(b->ended);
  fixture.release(c);
}

TEST_CASE("an idle connection is used until its idle time is over, or its age") {
  pool_fixture fixture{limits_of(0)};
  auto first = fixture.take();
  fixture.release(first);

  fixture.pass(54s);
  auto second = fixture.take();
  CHECK(second->reused);
  fixture.release(second);
  fixture.pass(55s);
  auto third = fixture.take();
  CHECK_FALSE(third->reused);

  fixture.pass(10min);
  fixture.release(third);
  CHECK(fixture.pool->count().connections == 0);
  CHECK(fixture.plot->connections == 2);
}

TEST_CASE("R5: connections whose idle time is over are closed when another is made, wherever they lead") {
  pool_fixture fixture{limits_of(0)};
  const net::origin elsewhere{false, "elsewhere.test", 80};
  fixture.release(fixture.take(std::nullopt, elsewhere));
  CHECK(fixture.plot->open == 1);

  fixture.pass(55s);
  const auto here = fixture.take();

  CHECK(fixture.plot->open == 1);
  CHECK(fixture.pool->count().idle == 0);
  fixture.release(here);
}

TEST_CASE("no more connections are kept idle than the limit says") {
  auto limits = limits_of(0);
  limits.max_idle = 2;
  pool_fixture fixture{limits};
  std::vector<std::shared_ptr<pool_fixture::holder>> all;
  for (int n = 0; n < 5; ++n) all.push_back(fixture.take());

  for (const auto& one : all) fixture.release(one);

  CHECK(fixture.pool->count().idle == 2);
  CHECK(fixture.plot->open == 2);
}

TEST_CASE("a closed pool gives nothing out, and closes what comes back") {
  pool_fixture fixture{limits_of(0)};
  const auto held = fixture.take();

  fixture.pool->close();
  const auto refused = fixture.take();
  CHECK(refused->failure.code == errc::client_closed);

  fixture.release(held);
  CHECK(fixture.pool->count().connections == 0);
}
