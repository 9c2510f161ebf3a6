#include "local/control/forward.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <array>
#include <chrono>
#include <optional>
#include <utility>

#include "local/control/pipe.hpp"
#include "local/http/http_error.hpp"
#include "local/http/parser.hpp"

namespace daytona::local {
namespace asio = boost::asio;
using boost::system::error_code;
using http::exchange;
using http::patient_writer;
using http::stream_socket;

namespace {

constexpr std::size_t copy_buffer_size = 64 * 1024;
constexpr std::size_t header_limit = 256 * 1024;
/// How long a side of an upgraded connection may go on when the other has ended: time for a goodbye.
constexpr std::chrono::seconds rest_of_an_upgrade{10};
constexpr std::array<std::string_view, 8> hop_by_hop{
    "Connection",        "Keep-Alive", "Proxy-Connection", "Proxy-Authorization",
    "Transfer-Encoding", "TE",         "Trailer",          "Upgrade"};

void erase_hop_by_hop(http::header_fields& headers) {
  headers.erase_named_by("Connection");
  for (const auto name : hop_by_hop) headers.erase(name);
}

std::string request_text(const http::request_head& head, forward_request& request) {
  const std::string upgrade{head.headers.get("Upgrade")};
  auto& headers = request.headers;
  erase_hop_by_hop(headers);
  headers.erase("Expect");  // answered here
  headers.erase("Content-Length");
  if (!headers.contains("Host")) headers.add("Host", "");  // HTTP/1.0 has none
  if (head.wants_upgrade()) {
    headers.add("Connection", "Upgrade");
    headers.add("Upgrade", upgrade);
  }
  if (head.chunked)
    headers.add("Transfer-Encoding", "chunked");
  else if (head.content_length)
    headers.add("Content-Length", std::to_string(*head.content_length));

  std::string text = fmt::format("{} {} HTTP/1.1\r\n", head.method, request.target);
  for (const auto& [name, value] : headers) text += fmt::format("{}: {}\r\n", name, value);
  text += "\r\n";
  return text;
}

void close_both_ways(stream_socket& socket) {
  error_code ignored;
  socket.shutdown(asio::socket_base::shutdown_both, ignored);
}

/// The client's body on its way up, beside the answer on its way down.
struct upload {
  explicit upload(const asio::any_io_executor& executor) : ended{executor, asio::steady_timer::time_point::max()} {}
  bool running = true;
  bool complete = false;
  bool client_failed = false;
  asio::cancellation_signal cancel;
  asio::steady_timer ended;
};

asio::awaitable<void> send_body(exchange& client, std::shared_ptr<stream_socket> upstream) {
  const bool chunked = client.head().chunked;
  patient_writer writer{client.write_timeout()};
  for (;;) {
    const std::string piece = co_await client.read_some();
    if (piece.empty()) break;
    const std::string size = chunked ? fmt::format("{:x}\r\n", piece.size()) : std::string{};
    const std::string_view end = chunked ? "\r\n" : "";
    co_await writer.write(*upstream, size, piece, end);
  }
  if (chunked) co_await writer.write(*upstream, "0\r\n\r\n");
}

/// Never throws: an upstream that takes no more may still answer; a client that is gone ends the upstream's connection.
asio::awaitable<void> run_upload(exchange& client, std::shared_ptr<stream_socket> upstream,
                                 std::shared_ptr<upload> state) {
  try {
    co_await send_body(client, upstream);
    state->complete = true;
    client.when_client_leaves([upstream] { close_both_ways(*upstream); });
  } catch (const http::http_error&) {
    state->client_failed = true;
    close_both_ways(*upstream);
  } catch (const std::exception&) {
    // the upstream refused the rest: its answer says why
  }
  state->running = false;
  state->ended.cancel();
}

/// Reads an answer piece by piece.
class answer_reader {
 public:
  answer_reader(stream_socket& socket, bool to_head_request) : socket_{socket}, to_head_request_{to_head_request} {
    begin();
  }

  /// False if the upstream ended before its head was complete.
  asio::awaitable<bool> read_head() {
    for (;;) {
      feed();
      if (parser_.head_done()) {
        const auto status = parser_.head().status;
        if (status >= 200 || status == 101) co_return true;
        begin();  // an interim answer: the real one follows
        continue;
      }
      const bool more = co_await read_more();
      if (!more) co_return false;
    }
  }

  /// The next piece of the body, empty at its end.
  asio::awaitable<std::string> read_some() {
    for (;;) {
      feed();
      std::string piece = parser_.take_body();
      if (!piece.empty() || parser_.done()) co_return piece;
      const bool more = co_await read_more();
      if (!more && broken_) throw http::http_error{502, "the connection broke"};  // no end that it meant
      if (!more) parser_.feed_end();
    }
  }

  http::response_head& head() { return parser_.head(); }
  bool clean_end() const { return parser_.done() && input_.empty(); }
  std::string left_over() { return std::exchange(input_, {}); }

 private:
  void begin() {
    parser_ = http::response_parser{header_limit};
    if (to_head_request_) parser_.skip_body();
  }
  void feed() {
    if (input_.empty() || parser_.done()) return;
    input_.erase(0, parser_.feed(input_));
  }
  asio::awaitable<bool> read_more() {
    const auto old_size = input_.size();
    input_.resize(old_size + copy_buffer_size);
    error_code error;
    const auto room = asio::buffer(input_.data() + old_size, copy_buffer_size);
    const auto n = co_await socket_.async_read_some(room, asio::redirect_error(asio::use_awaitable, error));
    input_.resize(old_size + n);
    broken_ = error && error != asio::error::eof;
    co_return !error;
  }

  stream_socket& socket_;
  bool to_head_request_;
  http::response_parser parser_{header_limit};
  std::string input_;
  bool broken_ = false;
};

asio::awaitable<void> send_answer(exchange& client, answer_reader& answer, const forward_request& request) {
  auto& head = answer.head();
  http::header_fields headers = head.headers;
  erase_hop_by_hop(headers);
  if (request.edit_answer) request.edit_answer(headers);
  co_await client.begin(head.status, std::move(headers), head.content_length);
  for (;;) {
    const std::string piece = co_await answer.read_some();
    if (piece.empty()) break;
    co_await client.write(piece);
  }
  co_await client.finish();
}

asio::awaitable<void> switch_protocols(exchange& client, std::shared_ptr<stream_socket> upstream,
                                       answer_reader& answer) {
  const std::string head = [&] {
    std::string text = fmt::format("HTTP/1.1 101 {}\r\n", http::reason_phrase(101));
    for (const auto& [name, value] : answer.head().headers) text += fmt::format("{}: {}\r\n", name, value);
    return text + "\r\n";
  }();
  http::raw_stream left = client.take_stream();
  http::raw_stream right{std::move(*upstream), head + answer.left_over()};
  std::optional<std::chrono::milliseconds> rest{rest_of_an_upgrade};
  co_await pipe(std::move(left), std::move(right), rest);
}

}  // namespace

asio::awaitable<forward_outcome> forward(exchange& client, std::shared_ptr<stream_socket> upstream,
                                         forward_request request) {
  const auto executor = co_await asio::this_coro::executor;
  forward_outcome outcome;
  const std::string text = request_text(client.head(), request);
  error_code ignored;
  try {
    patient_writer writer{client.write_timeout()};
    co_await writer.write(*upstream, text);
  } catch (const boost::system::system_error&) {
    co_return outcome;
  }

  const auto up = std::make_shared<upload>(executor);
  asio::co_spawn(executor, run_upload(client, upstream, up),
                 asio::bind_cancellation_slot(up->cancel.slot(), [up](std::exception_ptr) {}));
  answer_reader answer{*upstream, client.head().method == "HEAD"};
  std::exception_ptr failure;
  bool switched = false;
  try {
    outcome.answered = co_await answer.read_head();
    switched = outcome.answered && answer.head().status == 101;
    if (switched && !(up->complete && client.head().wants_upgrade())) throw http::http_error{502, "unasked upgrade"};
    if (outcome.answered && !switched) co_await send_answer(client, answer, request);
  } catch (const http::http_error&) {
    switched = false;
    outcome.answered = client.answering();
    outcome.failure = "what it sent is no answer to this request";
    if (outcome.answered) failure = std::current_exception();
  } catch (...) {
    failure = std::current_exception();
  }
  outcome.reusable = !failure && outcome.answered && answer.head().keep_alive && answer.clean_end() && up->complete;

  co_await asio::this_coro::throw_if_cancelled(false);  // the upload borrows `client`: it ends first, come what may
  if (up->running) {
    up->cancel.emit(asio::cancellation_type::terminal);
    co_await up->ended.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  co_await asio::this_coro::throw_if_cancelled(true);
  if (failure) std::rethrow_exception(failure);
  if (up->client_failed) throw http::http_error{400, "the request body ended early"};
  if (switched) co_await switch_protocols(client, upstream, answer);
  co_return outcome;
}

}  // namespace daytona::local
