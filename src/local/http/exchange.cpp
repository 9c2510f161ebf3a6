#include "local/http/exchange.hpp"

#include <fmt/format.h>

#include "local/http/connection.hpp"
#include "local/http/http_error.hpp"

namespace daytona::local::http {
namespace asio = boost::asio;

namespace {

bool is_line_break(char c) { return c == '\r' || c == '\n' || c == '\0'; }

void append_clean(std::string& out, std::string_view text) {
  for (const char c : text)
    if (!is_line_break(c)) out += c;
}

bool has_no_body(unsigned status) { return status < 200 || status == 204 || status == 304; }

}  // namespace

std::string serialized_head(unsigned status, unsigned version, const header_fields& headers) {
  std::string text = fmt::format("HTTP/1.{} {} {}\r\n", version % 10, status, reason_phrase(status));
  for (const auto& [name, value] : headers) {
    append_clean(text, name);
    text += ": ";
    append_clean(text, value);
    text += "\r\n";
  }
  text += "\r\n";
  return text;
}

const request_head& exchange::head() const { return connection_.parser_.head(); }

asio::awaitable<std::string> exchange::read_some() { return connection_.read_body_piece(); }

asio::awaitable<void> exchange::respond(response answer) {
  const std::string body = std::move(answer.body);
  if (answer.status < 400)
    hold_memory(body.capacity());
  else
    connection_.hold_memory(body.capacity());
  co_await begin(answer.status, std::move(answer.headers), body.size());
  if (remaining_.value_or(0) > 0) co_await write(body);
  co_await finish();
}

asio::awaitable<void> exchange::begin(unsigned status, header_fields headers, std::optional<std::uint64_t> length) {
  const bool head_only = connection_.parser_.head_done() && head().method == "HEAD";
  const bool old_client = connection_.parser_.head_done() && head().version < 11;
  const bool no_body = head_only || has_no_body(status);
  headers.erase("Connection");
  headers.erase("Transfer-Encoding");
  headers.erase("Content-Length");
  if (length && !has_no_body(status)) headers.add("Content-Length", std::to_string(*length));
  if (!length && !no_body) {
    chunked_ = !old_client;
    if (chunked_) headers.add("Transfer-Encoding", "chunked");
    if (old_client) connection_.keep_alive_ = false;
  }
  if (!connection_.keep_alive_)
    headers.add("Connection", "close");
  else if (old_client)
    headers.add("Connection", "keep-alive");

  state_ = state::sending;
  remaining_ = no_body ? std::optional<std::uint64_t>{0} : length;
  std::string text = serialized_head(status, 11, headers);
  co_await connection_.send(text, {}, {});
}

asio::awaitable<void> exchange::write(std::string_view bytes) {
  if (bytes.empty() || remaining_ == 0u) co_return;
  if (remaining_ && bytes.size() > *remaining_) throw std::logic_error{"more bytes than the answer's announced length"};
  if (remaining_) *remaining_ -= bytes.size();
  if (chunked_) {
    const std::string size = fmt::format("{:x}\r\n", bytes.size());
    co_await connection_.send(size, bytes, "\r\n");
  } else {
    co_await connection_.send(bytes, {}, {});
  }
}

asio::awaitable<void> exchange::finish() {
  if (chunked_) co_await connection_.send("0\r\n\r\n", {}, {});
  if (!chunked_ && remaining_.value_or(0) > 0) co_return;  // less than announced: not complete, the connection is cut
  state_ = state::complete;
  connection_.answer_memory_.give_back();
}

void exchange::hold_memory(std::size_t size) {
  if (connection_.hold_memory(size) || answering()) return;
  if (head().method != "GET") return;
  throw http_error{
      503,
      fmt::format("the answers that wait to be read take all of the {} bytes that there are for them: try again "
                  "when some have been read, or ask for less",
                  connection_.service_->answers->most()),
      "ANSWER_MEMORY_IN_USE"};
}

void exchange::when_client_leaves(std::function<void()> action) { connection_.watch_client(std::move(action)); }

std::chrono::milliseconds exchange::write_timeout() const { return connection_.output_.patience(); }

void exchange::end_connection() { connection_.keep_alive_ = false; }

void exchange::disturb(output_shape shape) { connection_.shape_ = shape; }

void exchange::mute() { connection_.muted_ = true; }

bool exchange::unmute() {
  connection_.muted_ = false;
  if (connection_.taken_) return false;
  state_ = state::waiting;
  chunked_ = false;
  return true;
}

raw_stream exchange::take_stream() {
  connection_.taken_ = true;
  connection_.stop_watching();
  state_ = state::complete;
  return raw_stream{std::move(connection_.socket_), connection_.input_.release(), connection_.shape_, write_timeout()};
}

}  // namespace daytona::local::http
