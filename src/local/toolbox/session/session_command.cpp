#include "local/toolbox/session/session_command.hpp"

#include <system_error>
#include <utility>

namespace asio = boost::asio;

namespace daytona::local::toolbox {

command_request::command_request() = default;

session_command::session_command(const asio::any_io_executor& executor, std::string id, const command_request& request,
                                 std::shared_ptr<log_file> log, http::byte_share memory)
    : id_{std::move(id)},
      text_{request.text},
      memory_{std::move(memory)},
      takes_input_{request.is_asynchronous},
      echoes_input_{!request.suppresses_echo},
      log_{std::move(log)},
      changed_{executor} {}

void session_command::begin() {
  has_begun_ = true;
  changed_.tell();
}

void session_command::end(int exit_code) {
  if (is_over()) return;
  exit_code_ = exit_code;
  log_->close();
  if (input_) input_->close();
  changed_.tell();
}

void session_command::end_unbegun(const std::string& why) {
  if (is_over()) return;
  why_unbegun_ = why;
  try {
    log_->open();
    log_->append(log_source::stderr_, "[daytona: this command has not run: " + why + "]\n");
  } catch (const std::system_error&) {
    // Its place is gone, or another's: who asks for it is told so.
  }
  end(-1);
}

void session_command::open_input(unique_fd end) {
  input_ = std::make_shared<command_input>(changed_.executor(), std::move(end));
}

asio::awaitable<bool> session_command::send_input(std::shared_ptr<session_command> self, std::string data) {
  if (!data.ends_with('\n')) data += '\n';
  // Before the command can answer it.
  if (self->echoes_input_) {
    self->log_->append(log_source::stdout_, data);
    self->changed_.tell();
  }
  const bool was_taken = co_await command_input::send(self->input_, std::move(data));
  co_return was_taken;
}

}  // namespace daytona::local::toolbox
