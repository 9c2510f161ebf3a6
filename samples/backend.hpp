// What every sample needs first: a backend to talk to. The embedded one, or with --remote the Daytona that the environment names.
#pragma once

#include <daytona/daytona.hpp>
#include <daytona/local/server.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "number.hpp"

namespace samples {

namespace asio = boost::asio;

/// The sample itself: gets a client and the arguments behind the options.
using body = std::function<asio::awaitable<void>(daytona::client, std::vector<std::string>)>;

inline asio::awaitable<void> run_local(body sample, std::vector<std::string> arguments) {
  daytona::local::server server = co_await daytona::local::server::start();
  fmt::print("local backend at {}, isolation: {}\n", server.url(), server.isolation_description());
  std::exception_ptr failure;
  try {
    daytona::client client{server.config()};
    co_await sample(client, std::move(arguments));
  } catch (...) {
    failure = std::current_exception();
  }
  co_await server.stop();
  if (failure) std::rethrow_exception(failure);
}

/// Runs `sample` to its end, or to Ctrl-C; says what went wrong. The exit status of the program.
inline int run(int argc, char** argv, body sample) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  const bool remote = std::erase(arguments, "--remote") > 0;
  asio::io_context io;
  int status = 1;
  bool interrupted = false;
  asio::cancellation_signal stop;
  asio::signal_set interrupts(io, SIGINT, SIGTERM, SIGHUP);
  interrupts.async_wait([&](boost::system::error_code ec, int) {
    interrupted = !ec;
    if (interrupted) stop.emit(asio::cancellation_type::terminal);
  });
  auto finish = [&](std::exception_ptr failure) {
    io.stop();  // ends what the sample left under way: the open connections of a server
    try {
      if (failure) std::rethrow_exception(failure);
      status = 0;
    } catch (const std::exception& e) {
      if (!interrupted) fmt::print(stderr, "{}\n", e.what());
    }
  };
  try {
    auto work = remote ? sample(daytona::client{daytona::config::from_env()}, arguments) : run_local(sample, arguments);
    asio::co_spawn(io, std::move(work), asio::bind_cancellation_slot(stop.slot(), finish));
    io.run();
  } catch (const daytona::error& e) {
    fmt::print(stderr, "{}\n", e.what());
  }
  if (interrupted) fmt::print(stderr, "\n");  // behind ^C, so that the shell's prompt has a line of its own
  return interrupted ? 130 : status;
}

}  // namespace samples
