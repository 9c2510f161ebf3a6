#include "local/http/busy_service.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "local/http/exchange.hpp"
#include "local/http/http_error.hpp"

namespace daytona::local::http {

namespace {

constexpr std::size_t share = 16;                   ///< Of the connections of the full service.
constexpr auto patience = std::chrono::seconds{2};  ///< With who has come, and doesn't ask.
constexpr std::string_view seconds_to_come_again = "1";

http_error busy(std::size_t most) {
  return {503,
          fmt::format("all {} connections that this server has at once are in use: try again in a moment, with fewer "
                      "of them",
                      most),
          "TOO_MANY_CONNECTIONS"};
}

}  // namespace

std::shared_ptr<const service> busy_service(const service& full) {
  auto made = std::make_shared<service>();
  made->handle = [most = full.most_connections](exchange& refused) -> boost::asio::awaitable<void> {
    refused.end_connection();
    throw busy(most);
  };
  made->error_answer = [answer = full.error_answer](const http_error& error, const request_head* head) {
    response told = answer(error, head);
    if (error.status() == 503) told.headers.set("Retry-After", seconds_to_come_again);
    return told;
  };
  made->most_connections = std::max<std::size_t>(full.most_connections / share, 1);
  made->header_limit = full.header_limit;
  made->idle_timeout = made->header_timeout = made->body_timeout = made->write_timeout = patience;
  return made;
}

}  // namespace daytona::local::http
