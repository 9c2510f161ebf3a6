#include "local/toolbox/session/log_socket.hpp"

#include <boost/asio/this_coro.hpp>

#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "local/toolbox/accepted_socket.hpp"
#include "local/toolbox/session/log_answer.hpp"
#include "local/toolbox/session/log_reader.hpp"
#include "net/web_socket.hpp"

namespace asio = boost::asio;

namespace daytona::local::toolbox {

namespace {

namespace ws = protocol::web_socket;
using socket_ptr = std::shared_ptr<net::web_socket>;
using command_ptr = std::shared_ptr<session_command>;

/// The log as messages, without markers for who can't read them.
class log_messages {
 public:
  log_messages(const session_command& command, output_format format, bool follows)
      : log_{command.log()},
        first_end_{log_->size()},
        part_{open_log(*log_), first_end_, format == output_format::combined ? log_part::unmarked : log_part::marked},
        follows_{follows} {}

  /// Nothing if there is none by now.
  std::string next() { return part_.next_before(follows_ ? log_->size() : first_end_); }
  std::string rest() { return part_.rest(); }

 private:
  std::shared_ptr<log_file> log_;
  std::uint64_t first_end_;
  log_part_reader part_;
  bool follows_;
};

/// The close code to end with, or nothing if there is nobody to tell.
asio::awaitable<std::optional<std::uint16_t>> send_messages(socket_ptr socket, std::shared_ptr<log_messages> log,
                                                            command_ptr command, bool follows, patience limit) {
  std::optional<std::uint16_t> gone;
  for (;;) {
    std::string message;
    try {
      message = log->next();
    } catch (const std::system_error&) {
      co_return ws::close_code::internal_error;
    }
    const bool is_all = message.empty();
    const bool is_end = is_all && (!follows || command->is_over());
    if (is_end) message = log->rest();
    if (!message.empty()) {
      const bool is_sent = co_await send_message(socket, ws::opcode::binary, std::move(message), limit);
      if (!is_sent) co_return gone;
    }
    if (is_end) co_return ws::close_code::normal;
    if (!socket->is_open()) co_return gone;
    if (is_all) co_await command->changed().next();
  }
}

}  // namespace

asio::awaitable<void> send_log_over_socket(http::exchange& exchange, command_ptr command, output_format format,
                                           bool follows, net::operation_registry& registry) {
  const auto log = std::make_shared<log_messages>(*command, format, follows);
  const bool is_refused = co_await refuse_without_upgrade(exchange);
  if (is_refused) co_return;
  const patience limit = exchange.write_timeout();
  net::web_socket_settings settings;
  settings.ping_interval = std::chrono::milliseconds{0};  // these servers ask for no answer: clients do
  socket_ptr socket = co_await accept_socket(exchange, settings, registry);
  const held_socket held{socket};
  const auto executor = co_await asio::this_coro::executor;
  const std::shared_ptr<change> seen{command, &command->changed()};
  drop_what_comes(executor, socket, seen);

  const auto code = co_await send_messages(socket, log, command, follows, limit);
  if (!code) co_return;
  std::string no_reason;
  co_await say_goodbye(socket, *code, std::move(no_reason), limit);
}

}  // namespace daytona::local::toolbox
