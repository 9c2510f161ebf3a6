// snippet: program
#include <daytona/client.hpp>
#include <daytona/local/server.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <iostream>

boost::asio::awaitable<void> hello() {
  daytona::local::server server = co_await daytona::local::server::start();
  daytona::client client{server.config()};  // with an account: daytona::config::from_env()
  daytona::sandbox sandbox = co_await client.create();
  daytona::execute_response answer = co_await sandbox.process().exec("whoami && pwd");
  std::cout << "exit code " << answer.exit_code << ":\n" << answer.result;
  co_await sandbox.remove();
  co_await server.stop();
}

int main() {
  boost::asio::io_context io;
  boost::asio::co_spawn(io, hello(), [](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
  });
  io.run();
}
// end
