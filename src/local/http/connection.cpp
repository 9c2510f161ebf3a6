#include "local/http/connection.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>

#include "local/http/target.hpp"

namespace daytona::local::http {
namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::size_t read_size = 64 * 1024;
constexpr std::size_t most_drained = 256 * 1024;
constexpr auto linger_timeout = std::chrono::seconds{2};
constexpr std::size_t small_answer = 16 * 1024;  // is not counted

}  // namespace

connection::connection(stream_socket socket, std::shared_ptr<const service> service, std::function<bool()> make_room)
    : executor_{socket.get_executor()},
      socket_{std::move(socket)},
      service_{std::move(service)},
      make_room_{std::move(make_room)},
      answer_memory_{service_->answers},
      limit_{std::make_shared<alarm>(executor_, [this] { end_late(); })},
      output_{service_->write_timeout},
      parser_{service_->header_limit},
      waiting_since_{net::timers_of(executor_).now()} {}

asio::awaitable<void> connection::serve(std::shared_ptr<connection> self) {
  try {
    while (self->keep_alive_ && !self->taken_) {
      const bool received = co_await self->read_head();
      if (!received) break;
      co_await self->serve_one();
      if (!self->input_.empty()) co_await self->give_turn();
    }
  } catch (const boost::system::system_error&) {
    // the connection broke, or was ended from outside: there is nobody to tell
  }
  self->disarm();
  if (!self->taken_) {
    error_code ignored;
    self->socket_.close(ignored);
  }
}

void connection::close() {
  error_code ignored;
  answer_memory_.give_back();  // in a moment it is free
  if (!taken_) socket_.shutdown(asio::socket_base::shutdown_both, ignored);
  // Not from here: on its executor the signal goes through at once, and finds the handler that it is for.
  asio::post(executor_, [self = shared_from_this()] { self->cancellation_.emit(asio::cancellation_type::terminal); });
}

asio::awaitable<bool> connection::read_head() {
  parser_ = request_parser{service_->header_limit};
  expects_continue_ = false;
  shape_.reset();
  std::optional<http_error> refused;
  arm(input_.empty() ? service_->idle_timeout : service_->header_timeout);
  waiting_since_ = net::timers_of(executor_).now();
  for (bool first = input_.empty(); !refused; first = false) {
    try {
      feed_parser();
    } catch (const http_error& error) {
      refused = error;
      break;
    }
    if (parser_.head_done()) break;
    const bool more = co_await read_more();
    if (!more) co_return false;
    if (first) arm(service_->header_timeout);
  }
  disarm();
  waiting_since_.reset();
  if (!refused && !percent_decoded(parser_.head().raw_path()))
    refused.emplace(400, "malformed HTTP message: bad percent escape in the path");
  if (refused) {
    keep_alive_ = false;
    exchange unread{*this};
    co_await answer_error(unread, *refused);
    co_await linger();
    co_return false;
  }
  keep_alive_ = parser_.head().keep_alive;
  expects_continue_ = parser_.head().headers.has_token("Expect", "100-continue") && !parser_.done();
  co_return true;
}

asio::awaitable<void> connection::serve_one() {
  exchange current{*this};
  std::optional<http_error> failure;
  try {
    co_await service_->handle(current);
    if (!taken_ && !current.answering()) failure.emplace(500, "no answer");
  } catch (const http_error& error) {
    failure = error;
  } catch (const boost::system::system_error&) {
    if (!socket_.is_open()) throw;
    failure.emplace(500, "An unexpected error occurred.");
  } catch (const std::exception&) {
    failure.emplace(500, "An unexpected error occurred.");
  }
  stop_watching();
  if (taken_) co_return;
  if (failure && !current.answering()) co_await answer_error(current, *failure);
  if (!current.complete()) {
    keep_alive_ = false;  // half an answer: cut, so that it is not taken for a whole one
    co_return;
  }
  const bool drained = co_await drain_body();
  if (drained) co_return;
  keep_alive_ = false;
  co_await linger();
}

asio::awaitable<void> connection::answer_error(exchange& exchange, http_error error) {
  const request_head* head = parser_.head_done() ? &parser_.head() : nullptr;
  response answer = service_->error_answer(error, head);
  co_await exchange.respond(std::move(answer));
}

asio::awaitable<std::string> connection::read_body_piece() {
  for (;;) {
    feed_parser();
    std::string piece = parser_.take_body();
    if (!piece.empty() || parser_.done()) co_return piece;

    if (expects_continue_) co_await send_continue();
    arm(service_->body_timeout);
    const bool more = co_await read_more();
    disarm();
    if (!more) {
      keep_alive_ = false;
      throw http_error{400, "the request body ended early"};
    }
  }
}

asio::awaitable<void> connection::send_continue() {
  expects_continue_ = false;
  co_await send("HTTP/1.1 100 Continue\r\n\r\n", {}, {});
}

/// Makes the connection ready for the next request; false if the client still has too much to send.
asio::awaitable<bool> connection::drain_body() {
  const bool too_much = parser_.head().content_length.value_or(0) > most_drained;
  if (!parser_.done() && (expects_continue_ || too_much || !keep_alive_)) co_return false;
  std::size_t drained = 0;
  try {
    while (!parser_.done() && drained < most_drained) {
      const std::string piece = co_await read_body_piece();
      drained += piece.size();
    }
  } catch (const http_error&) {
    co_return false;
  }
  co_return parser_.done();
}

/// Closes only after the client had the chance to read the answer: closing with unread bytes would reset the connection
/// under it.
asio::awaitable<void> connection::linger() {
  error_code ignored;
  socket_.shutdown(asio::socket_base::shutdown_send, ignored);
  arm(linger_timeout);
  for (std::size_t drained = 0; drained < 16 * most_drained; drained += input_.unread().size()) {
    input_.clear();
    const bool more = co_await read_more();
    if (!more) break;
  }
  disarm();
}

asio::awaitable<bool> connection::read_more() {
  for (;;) {
    const auto n = receive();
    if (n > 0) {
      co_await give_turn();
      co_return true;
    }
    if (n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)) co_return false;
    error_code error;
    co_await socket_.async_wait(stream_socket::wait_read, asio::redirect_error(asio::use_awaitable, error));
    if (error) throw boost::system::system_error{error};
  }
}

/// Others have their turn, however much this client sends, and however many requests at once.
asio::awaitable<void> connection::give_turn() { co_await asio::post(executor_, asio::use_awaitable); }

/// Appends what is there to the input; like `::recv`. A connection that waits holds no buffer.
ssize_t connection::receive() {
  std::array<char, read_size> buffer;
  const auto n = ::recv(socket_.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (n > 0) input_.append({buffer.data(), static_cast<std::size_t>(n)});
  return n;
}

void connection::feed_parser() {
  if (input_.empty()) return;
  try {
    input_.take(parser_.feed(input_.unread()));
  } catch (const http_error&) {
    keep_alive_ = false;  // where the next request would begin is unknown
    throw;
  }
}

asio::awaitable<void> connection::send(std::string_view first, std::string_view second, std::string_view third) {
  if (muted_) co_return;
  if (shape_) {
    co_await shape_->write(socket_, output_, first);
    co_await shape_->write(socket_, output_, second);
    co_await shape_->write(socket_, output_, third);
    co_return;
  }
  co_await output_.write(socket_, first, second, third);
}

std::optional<net::steady_time> connection::holding_since() const {
  return answer_memory_.held() > 0 ? stalled_since() : std::nullopt;
}

/// An answer that is larger than all may be takes all of it. False if there is less.
bool connection::hold_memory(std::size_t size) {
  if (size <= small_answer) return true;
  const auto wanted = std::min(size, service_->answers->most());
  while (wanted > answer_memory_.held() && !answer_memory_.take(wanted - answer_memory_.held()))
    if (!make_room_()) return false;
  return true;
}

void connection::arm(std::chrono::milliseconds timeout) { limit_->set(timeout); }

void connection::disarm() { limit_->stop(); }

void connection::end_late() {
  error_code ignored;
  if (!taken_) socket_.close(ignored);
}

void connection::watch_client(std::function<void()> action) {
  on_client_gone_ = std::move(action);
  auto check = [weak = weak_from_this()](error_code error) {
    const auto self = weak.lock();
    if (error || !self || !self->on_client_gone_) return;
    char byte = 0;
    if (::recv(self->socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0)
      return;  // the next request, early
    const auto gone = std::exchange(self->on_client_gone_, nullptr);
    gone();
  };
  socket_.async_wait(stream_socket::wait_read, asio::bind_cancellation_slot(watch_cancellation_.slot(), check));
}

void connection::stop_watching() {
  if (!on_client_gone_) return;
  on_client_gone_ = nullptr;
  watch_cancellation_.emit(asio::cancellation_type::terminal);
}

}  // namespace daytona::local::http
