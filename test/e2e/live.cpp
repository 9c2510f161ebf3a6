#include "live.hpp"

#include <cstdlib>
#include <utility>

namespace daytona::test {

std::string isolation_mode() {
  const char* const mode = std::getenv("DAYTONA_E2E_MODE");
  return mode == nullptr ? "" : mode;
}

bool is_local() { return isolation_mode() == "shifted" || isolation_mode() == "userns" || isolation_mode() == "none"; }

client live_client() { return client{config::from_env()}; }

void run_live(asio::awaitable<void> work) {
  asio::io_context io;
  std::exception_ptr failure;
  asio::co_spawn(io, std::move(work), [&](std::exception_ptr ended) { failure = ended; });
  io.run();
  if (failure) std::rethrow_exception(failure);
}

void in_sandbox(const std::function<asio::awaitable<void>(sandbox)>& body, create_from_snapshot_params params) {
  run_live(with_sandbox(live_client(), std::move(params), body));
}

}  // namespace daytona::test
