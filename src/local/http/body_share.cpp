#include "local/http/body_share.hpp"

#include "local/http/http_error.hpp"

namespace asio = boost::asio;

namespace daytona::local::http {

namespace {

void check_size(std::size_t size, std::size_t limit) {
  if (size > limit) throw http_error(413, "request entity too large: more than " + std::to_string(limit) + " bytes");
}

}  // namespace

asio::awaitable<std::string> body_share::read(exchange& exchange, std::size_t limit) {
  // What announces more than there is need not be read to be refused. What was announced and has not come takes nothing.
  const std::size_t announced = exchange.head().content_length.value_or(0);
  check_size(announced, limit);
  if (announced > share_.budget().left()) refuse();
  std::string body;
  body.reserve(announced);
  for (;;) {
    const std::string piece = co_await exchange.read_some();
    if (piece.empty()) co_return body;
    check_size(body.size() + piece.size(), limit);
    if (!share_.take(piece.size())) refuse();
    body += piece;
  }
}

void body_share::refuse() const {
  throw http_error(503,
                   "the requests under way take all of the " + std::to_string(share_.budget().most()) +
                       " bytes that there are for their bodies: try again when some are done, or send less",
                   "REQUEST_MEMORY_IN_USE");
}

}  // namespace daytona::local::http
