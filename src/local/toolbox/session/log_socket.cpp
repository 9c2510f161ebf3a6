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

/// The log as messages, without markers for who can't read them. Opened once there is something to read: who follows a command that waits for its turn
/// holds no file.
class log_messages {
 public:
  log_messages(command_ptr command, output_format format, bool follows)
      : command_{std::move(command)},
        first_end_{log().size()},
        wanted_{format == output_format::combined ? log_part::unmarked : log_part::marked},
        follows_{follows} {
    if (has_log()) part_.emplace(open_log(log()), first_end_, wanted_);
  }

  /// Nothing if there is none by now. Throws `std::system_error`.
  std::string next() {
    if (!part_ && has_log()) part_.emplace(log().open_to_read(), first_end_, wanted_);
    return part_ ? part_->next_before(follows_ ? log().size() : first_end_) : std::string{};
  }
  std::string rest() { return part_ ? part_->rest() : std::string{}; }
  bool may_go_on() const { return follows_ && !command_->is_over(); }

 private:
  const log_file& log() const { return *command_->log(); }
  bool has_log() const { return command_->has_begun() || command_->is_over(); }

  command_ptr command_;
  std::uint64_t first_end_;
  log_part wanted_;
  std::optional<log_part_reader> part_;
  bool follows_;
};

/// The close code to end with, or nothing if there is nobody to tell.
asio::awaitable<std::optional<std::uint16_t>> send_messages(socket_ptr socket, std::shared_ptr<log_messages> log,
                                                            command_ptr command, patience limit) {
  std::optional<std::uint16_t> gone;
  for (;;) {
    std::string message;
    try {
      message = log->next();
    } catch (const std::system_error&) {
      co_return ws::close_code::internal_error;
    }
    const bool is_all = message.empty();
    const bool is_end = is_all && !log->may_go_on();
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
  const auto log = std::make_shared<log_messages>(command, format, follows);
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

  const auto code = co_await send_messages(socket, log, command, limit);
  if (!code) co_return;
  std::string no_reason;
  co_await say_goodbye(socket, *code, std::move(no_reason), limit);
}

}  // namespace daytona::local::toolbox
