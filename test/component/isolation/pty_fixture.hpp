#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "local/http/http_error.hpp"
#include "local/toolbox/pty/ptys.hpp"
#include "net/timers.hpp"

namespace daytona::local::test {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using toolbox::pty;
using client_ptr = pty::client_ptr;

inline std::size_t open_descriptors_of_ptys() {
  const std::filesystem::directory_iterator all{"/proc/self/fd"};
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

struct pty_fixture {
  explicit pty_fixture(toolbox::pty_limits limits = {})
      : all{std::make_shared<toolbox::ptys>(io.get_executor(), children, limits)} {}

  std::shared_ptr<pty> make(const std::string& id) {
    toolbox::pty_request request;
    request.id = id;
    request.envs["HOME"] = "/";  // where nothing slows a login shell down
    return all->create(request);
  }
  void until(const std::function<bool()>& holds) {
    while (!holds()) REQUIRE(io.run_one_for(60s) > 0);
  }
  void type(const std::shared_ptr<pty>& terminal, std::string text) {
    const auto somebody = std::make_shared<toolbox::pty_client>(io.get_executor(), [] {});
    asio::co_spawn(io, pty::type(terminal, somebody, std::move(text)), asio::detached);
  }
  /// Takes what waits for a client now.
  static std::string take(const client_ptr& client) {
    std::string taken;
    while (const auto piece = client->take()) {
      taken += *piece;
      client->has_taken(piece);
    }
    return taken;
  }
  /// All that comes, until `end` comes or the shell has ended.
  std::string read(const client_ptr& client, std::string_view end = {}) {
    std::string seen;
    INFO("so far: ", seen);
    until([&] {
      seen += take(client);
      return client->has_ended() || (!end.empty() && seen.find(end) != std::string::npos);
    });
    return seen + take(client);
  }
  void kill(const std::string& id) {
    bool is_done = false;
    asio::co_spawn(io, toolbox::ptys::remove(all, id), [&](std::exception_ptr failure) {
      CHECK_FALSE(failure);
      is_done = true;
    });
    until([&] { return is_done; });
  }

  asio::io_context io;
  toolbox::child_watcher children{io.get_executor()};
  std::shared_ptr<toolbox::ptys> all;
};

/// Time stands still but when it is moved.
struct still_pty_fixture : pty_fixture {
  still_pty_fixture() { clock.use_manual_clock(now); }
  void pass(std::chrono::seconds time) {
    for (; time > 0s; time -= 1s) {
      clock.advance_to(now += 1s);
      io.poll();
    }
  }
  net::timers& clock = net::timers_of(io.get_executor());
  net::steady_time now{24h};
};

inline const std::string three_megabytes = "stty -echo; head -c 3000000 /dev/zero | tr '\\0' x; echo; exit 4\n";

}  // namespace daytona::local::test
