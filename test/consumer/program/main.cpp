// What a user does first, against an installed library: a call, its error, the types across the boundary.
#include <daytona/client.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdio>
#include <exception>

namespace asio = boost::asio;

static asio::awaitable<void> ask(daytona::client client) { co_await client.get("nowhere"); }

int main() {
  daytona::config config;
  config.api_key = "key";
  config.api_url = "http://127.0.0.1:1/api";
  daytona::client client{config};

  asio::io_context io;
  std::exception_ptr failure;
  asio::co_spawn(io, ask(client), [&](std::exception_ptr thrown) { failure = thrown; });
  io.run();

  try {
    if (failure) std::rethrow_exception(failure);
  } catch (const daytona::connection_error& refused) {
    std::printf("as expected: %s\n", refused.what());
    return 0;
  }
  return 1;
}
