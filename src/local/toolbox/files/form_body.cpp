#include "local/toolbox/files/form_body.hpp"

#include <stdexcept>

namespace asio = boost::asio;

namespace daytona::local::toolbox {

using event = multipart_parser::event;

/// `cut` is what to say of a body that ends here.
asio::awaitable<event> form_body::next_event(const char* cut) {
  for (;;) {
    const event found = parser_.next();
    if (found == event::malformed) throw std::invalid_argument{"multipart: malformed part"};
    if (found != event::needs_more) co_return found;
    const std::string piece = co_await exchange_.read_some();
    if (piece.empty()) throw std::invalid_argument{cut};
    parser_.put(piece);
  }
}

asio::awaitable<std::optional<form_part>> form_body::next_part() {
  for (;;) {
    const event found = co_await next_event("multipart: NextPart: EOF");
    in_part_ = found == event::part;
    if (found == event::part) co_return parser_.part();
    if (found == event::end) co_return std::nullopt;
  }
}

asio::awaitable<std::string_view> form_body::read_some() {
  if (!in_part_) co_return std::string_view{};
  const event found = co_await next_event("unexpected EOF");
  in_part_ = found == event::data;
  if (!in_part_) co_return std::string_view{};
  co_return parser_.data();
}

}  // namespace daytona::local::toolbox
