#include <doctest/doctest.h>
#include <fmt/format.h>

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "client/client_core.hpp"
#include "dead_addresses.hpp"
#include "kit/tcp_fixture.hpp"

using namespace daytona;
using namespace daytona::test;
using namespace std::chrono_literals;

namespace {

/// A name service that never answers while it lives.
class silent_names {
 public:
  ~silent_names() {
    std::unique_lock lock{state_->mutex};
    state_->open = true;
    state_->changed.notify_all();
    state_->changed.wait(lock, [this] { return state_->inside == 0; });
  }
  void wait_until_asked() {
    std::unique_lock lock{state_->mutex};
    state_->changed.wait(lock, [this] { return state_->inside > 0; });
  }
  net::name_lookup lookup() {
    return [state = state_](const std::string&) {
      std::unique_lock lock{state->mutex};
      ++state->inside;
      state->changed.notify_all();
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

TEST_CASE("R6: client and io_context die in either order while a name is looked up, and wait for no answer") {
  for (const bool is_client_first : {true, false}) {
    const auto descriptors = open_descriptors();
    {
      silent_names names;
      std::optional<daytona::client> client{client_of(client_fixture::default_config(), names.lookup())};
      auto io = std::make_unique<asio::io_context>(1);
      std::size_t ended = 0;
      asio::co_spawn(*io, client->get("x"), [&](std::exception_ptr, sandbox) { ++ended; });
      io->poll();
      names.wait_until_asked();

      if (is_client_first) client.reset();
      io.reset();
      client.reset();  // to be here, although the name service says nothing before the end of its life

      CHECK(ended == 0);
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
