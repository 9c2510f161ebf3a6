// Runs the examples of the public headers' comments, those that the local backend can do.
#include "examples.hpp"

#include <daytona/local/server.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

#include <exception>

namespace {

boost::asio::awaitable<void> run_all(std::vector<example> examples) {
  auto server = co_await daytona::local::server::start();
  daytona::client client{server.config()};
  daytona::create_from_snapshot_params params;
  params.labels.emplace("job", "nightly");
  auto sandbox = co_await client.create(params);
  for (const auto& each : examples) {
    fmt::print("example {}:\n", each.name);
    co_await each.run(client, sandbox);
  }
  co_await sandbox.remove();
  co_await server.stop();
  fmt::print("{} examples ran\n", examples.size());
}

}  // namespace

int main() {
  auto all = control_examples();
  for (const auto& more : {process_examples(), stream_examples(), file_examples()})
    all.insert(all.end(), more.begin(), more.end());
  boost::asio::io_context io;
  boost::asio::co_spawn(io, run_all(all), [](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
  });
  io.run();
}
