// daytona-local: the local backend as a program. Ends its sandboxes and itself on SIGINT and SIGTERM.
#include <daytona/version.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdio>
#include <exception>

#include "local/control/base_command.hpp"
#include "local/control/command_line.hpp"
#include "local/control/data_directory.hpp"
#include "local/control/interruptible_command.hpp"
#include "local/isolation/hardening_lists.hpp"

namespace asio = boost::asio;
using namespace daytona::local;

namespace {

void print_banner(const server& backend) {
  fmt::print("daytona-local {}\n", daytona::version);
  fmt::print("  URL        {}\n", backend.url());
  fmt::print("  API key    {}\n", backend.api_key());
  fmt::print("  isolation  {}\n", backend.isolation_description());
  fmt::print("  limits     {}\n", backend.limits_description());
  fmt::print("  base       {}\n", backend.base_description());
  fmt::print("  data       {}\n\n", backend.data_directory().string());
  fmt::print("export DAYTONA_API_URL={}\n", backend.url());
  fmt::print("export DAYTONA_API_KEY={}\n", backend.api_key());
  std::fflush(stdout);
}

asio::awaitable<void> serve(server_options options) {
  const auto executor = co_await asio::this_coro::executor;
  asio::signal_set signals{executor, SIGINT, SIGTERM};
  server backend = co_await server::start(std::move(options));
  backend.on_notice([](const std::string& text) { fmt::print(stderr, "daytona-local: {}\n", text); });
  print_banner(backend);
  co_await signals.async_wait(asio::use_awaitable);
  signals.clear();  // who asks twice does not want to wait
  co_await backend.stop();
}

/// Makes a backend and a sandbox as `serve` would, tells what came of it, and removes both.
asio::awaitable<void> show_status(server_options options, bool verbose) {
  server backend = co_await server::start(std::move(options));
  fmt::print("isolation  {}\n", backend.isolation_description());
  fmt::print("limits     {}\n", backend.limits_description());
  fmt::print("base       {}\n", backend.base_description());
  if (verbose) fmt::print("\n{}", hardening_text());
  co_await backend.stop();
}

/// A thousand sandboxes and their clients need more descriptors than most shells allow at first.
void allow_many_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

void run_to_end(asio::awaitable<void> work) {
  allow_many_descriptors();
  asio::io_context io{1};
  std::exception_ptr failure;
  asio::co_spawn(io, std::move(work), [&](std::exception_ptr error) {
    failure = error;
    io.stop();
  });
  io.run();
  if (failure) std::rethrow_exception(failure);
}

int run(server_options options) {
  if (options.data_directory.empty()) options.data_directory = default_data_directory();
  run_to_end(serve(std::move(options)));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const command_line parsed = parse_command_line({argv + 1, argv + argc});
    if (parsed.what == command_line::action::serve) return run(parsed.options);
    if (parsed.what == command_line::action::base_create) {
      create_base(parsed.base_path.empty() ? default_base_path() : parsed.base_path, parsed.packages);
      return 0;
    }
    if (parsed.what == command_line::action::status)
      run_to_end(show_status(parsed.options, parsed.verbose));
    else if (parsed.what == command_line::action::help)
      fmt::print("{}", help_text());
    else
      fmt::print("daytona-local {}\n", daytona::version);
    return 0;
  } catch (const std::invalid_argument& error) {
    fmt::print(stderr, "daytona-local: {}\n", error.what());
    return 2;
  } catch (const interrupted& error) {
    fmt::print(stderr, "daytona-local: {}\n", error.what());
    return 130;
  } catch (const std::exception& error) {
    fmt::print(stderr, "daytona-local: {}\n", error.what());
    return 1;
  }
}
