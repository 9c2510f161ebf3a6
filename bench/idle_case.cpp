#include <daytona/client.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <sys/resource.h>

#include <chrono>
#include <exception>

#include "cases.hpp"
#include "client/client_core.hpp"
#include "net/timers.hpp"
#include "pass_on.hpp"
#include "server_process.hpp"
#include "workload.hpp"

namespace daytona::bench {

namespace {

namespace asio = boost::asio;

constexpr int calls_before = 16;
constexpr std::chrono::milliseconds watched{900};  // below the second after which run_for looks up by itself

asio::awaitable<void> get_one(client client) { co_await client.get(body_of(workload::get_small)); }

/// How often this thread has gone to sleep so far.
long sleeps() {
  rusage now{};
  ::getrusage(RUSAGE_THREAD, &now);
  return now.ru_nvcsw;
}

}  // namespace

void idle_case(const std::string&, const sink& tell) {
  const server_process server;
  asio::io_context io{1};
  config settings;
  settings.api_key = "dtn_bench";
  settings.api_url = "http://127.0.0.1:" + std::to_string(server.port()) + "/api";
  const auto core = std::make_shared<v0::detail::client_core>(settings);
  for (int i = 0; i < calls_before; ++i) asio::co_spawn(io, get_one(v0::detail::client_core::handle(core)), pass_on);
  io.run();

  const auto kept = core->pools.pool_of(io.get_executor())->count().idle;
  tell({"idle", "connections kept", static_cast<double>(kept), ""});
  tell({"idle", "deadlines held", static_cast<double>(net::timers_of(io.get_executor()).size()), "", {}, {}, goal{0}});

  // A server's io_context runs on when its client rests: all that happens in it then is the client's doing.
  io.restart();
  const auto work = asio::make_work_guard(io);
  const auto before = sleeps();
  const auto handlers = io.run_for(watched);
  const auto woken = sleeps() - before - 1;  // the sleep until the end of the watch is not the client's
  tell({"idle", "handlers run in 0.9 s", static_cast<double>(handlers), "", {}, {}, goal{0}});
  tell({"idle", "wake-ups in 0.9 s", static_cast<double>(woken), "", {}, {}, goal{0}});
}

}  // namespace daytona::bench
