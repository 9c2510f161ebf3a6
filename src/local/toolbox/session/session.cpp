#include "local/toolbox/session/session.hpp"

#include <boost/asio/co_spawn.hpp>
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "local/http/alarm.hpp"
#include "local/http/http_error.hpp"
#include "local/isolation/file_text.hpp"
#include "local/toolbox/identifiers.hpp"
#include "local/toolbox/process/process_family.hpp"

namespace asio = boost::asio;

namespace daytona::local::toolbox {

namespace {

using http::http_error;

constexpr std::size_t most_kept_text = 128 * 1024 * 1024;
constexpr std::size_t kept_beside_text = 1024;

/// Nothing that somebody has put in its place meanwhile is opened: to open a FIFO would take for ever.
void write_script(const std::filesystem::path& path, std::string text) {
  const unique_fd file{::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)};
  text += '\n';
  if (!write_all(file, text)) throw std::system_error{errno, std::generic_category(), path.string()};
}

/// The shell would wait for ever at a FIFO.
void check_script(const std::filesystem::path& path) {
  if (!std::filesystem::is_regular_file(std::filesystem::symlink_status(path)))
    throw std::system_error{ENOENT, std::generic_category(), "another file is in the place of " + path.string()};
}

}  // namespace

session::session(const asio::any_io_executor& executor, std::string id, std::filesystem::path folder,
                 std::shared_ptr<log_budget> budget)
    : executor_{executor},
      id_{std::move(id)},
      folder_{std::move(folder)},
      budget_{std::move(budget)},
      changed_{executor} {}

std::shared_ptr<session> session::start(const asio::any_io_executor& executor, child_watcher& children, std::string id,
                                        std::filesystem::path folder, const std::string& toolbox,
                                        const std::string& directory, std::shared_ptr<log_budget> budget) {
  const std::shared_ptr<session> made{new session{executor, std::move(id), std::move(folder), std::move(budget)}};
  std::filesystem::create_directories(made->folder_);
  made->shell_ = session_shell::start(executor, children, toolbox, directory, [weak = std::weak_ptr<session>{made}] {
    if (const auto self = weak.lock()) self->changed_.tell();
  });
  asio::co_spawn(executor, run_commands(made), [made](std::exception_ptr) { made->on_last_command(); });
  return made;
}

asio::awaitable<void> session::wait_for_start(std::shared_ptr<session> self) {
  while (!self->shell_->has_started() && !self->has_ended()) co_await self->changed_.next();
}

session::command_ptr session::find(std::string_view command_id) const {
  const auto found = std::ranges::find_if(commands_, [&](const auto& each) { return each->id() == command_id; });
  return found == commands_.end() ? nullptr : *found;
}

session::command_ptr session::add(const command_request& request) {
  if (has_ended()) throw http_error{410, "gone: " + reason_to_run_nothing(), "SESSION_ENDED"};
  auto memory = make_room_for(request.text);
  const std::string command_id = new_uuid();
  const command_places places{folder_ / command_id};
  try {
    std::filesystem::create_directories(places.folder);  // the user may have deleted those above it
    write_script(places.script, request.text);
    auto log = std::make_shared<log_file>(places.log, budget_);
    const auto command =
        std::make_shared<session_command>(executor_, command_id, request, std::move(log), std::move(memory));
    commands_.push_back(command);
    kept_text_ += request.text.size();
    waiting_.push_back(command);
    changed_.tell();
    return command;
  } catch (const std::system_error& failure) {
    std::error_code ignored;
    std::filesystem::remove_all(places.folder, ignored);
    throw http_error{500, std::string{"failed to execute command: can't store it: "} + failure.what()};
  }
}

std::string session::reason_to_run_nothing() const {
  if (is_ending_) return "the session was deleted";
  const auto code = shell_->exit_code();
  if (!code) return "the session's shell has become another program; delete the session and create another";
  if (*code < 0) return "the session's shell was ended by a signal; delete the session and create another";
  return "the session's shell has ended with exit code " + std::to_string(*code) +
         "; delete the session and create another";
}

http::byte_share session::make_room_for(const std::string& text) {
  http::byte_share memory{budget_->texts()};
  const auto is_full = [&] {
    return commands_.size() >= budget_->limits().commands || kept_text_ + text.size() > most_kept_text;
  };
  while (is_full() || !memory.take(text.size() + kept_beside_text)) {
    const auto oldest = std::ranges::find_if(commands_, [](const auto& each) { return each->is_over(); });
    if (oldest == commands_.end()) refuse_for_want_of_room(is_full());
    forget(oldest);
  }
  return memory;
}

void session::refuse_for_want_of_room(bool is_full) const {
  if (is_full)
    throw http_error{400, "bad request: too much waits in this session: " + std::to_string(commands_.size()) +
                              " commands of " + std::to_string(kept_text_) + " bytes"};
  throw http_error{400, "bad request: the commands that the sessions of this sandbox remember take the " +
                            std::to_string(budget_->texts()->most()) +
                            " bytes that there are for them: delete sessions, or send a shorter command"};
}

void session::forget(std::vector<command_ptr>::const_iterator command) {
  std::error_code ignored;
  std::filesystem::remove_all(places_of(**command).folder, ignored);
  kept_text_ -= (*command)->text().size();
  commands_.erase(command);
}

asio::awaitable<void> session::run_commands(std::shared_ptr<session> self) {
  while (!self->has_ended()) {
    if (self->waiting_.empty()) {
      co_await self->changed_.next();
      continue;
    }
    const auto command = self->waiting_.front();
    co_await run(self, command);
    self->waiting_.pop_front();
  }
}

/// However it came to that no further command is run: nobody waits for one in vain.
void session::on_last_command() {
  runs_ = false;
  shell_->close_input();
  for (const auto& command : std::exchange(waiting_, {})) {
    if (command->has_begun())
      command->end(-1);
    else
      command->end_unbegun(reason_to_run_nothing());
    remove_running_files(places_of(*command));
  }
  changed_.tell();
}

asio::awaitable<void> session::run(std::shared_ptr<session> self, command_ptr command) {
  const auto places = self->places_of(*command);
  const bool takes_input = command->takes_input();
  command_fifos fifos;
  std::string failure;
  try {
    command->log()->open();
    check_script(places.script);
    fifos = make_fifos(places, takes_input);
  } catch (const std::system_error& error) {
    failure = error.what();
  }
  if (!failure.empty()) {
    command->end_unbegun(failure);
    remove_running_files(places);
    co_return;
  }
  const auto outputs = std::make_shared<output_capture>(self->executor_, command->log(), [self, command] {
    command->changed().tell();
    self->changed_.tell();
  });
  outputs->start(std::move(fifos.output), std::move(fifos.errors));
  if (takes_input) command->open_input(std::move(fifos.input));

  const unsigned number = ++self->last_number_;
  if (!self->shell_->send(shell_line(self->shell_->program(), number, places, takes_input))) {
    outputs->give_up();
    command->end_unbegun("the session's shell has not read what it was given before");
    remove_running_files(places);
    co_return;
  }
  command->begin();
  const int exit_code = co_await self->wait_for_shell(number);
  fifos.kept_output.reset();
  fifos.kept_errors.reset();
  co_await self->wait_for_output(outputs);
  command->end(exit_code);
  remove_running_files(places);
}

/// Until the shell has reported the end of a command, or has ended itself.
asio::awaitable<int> session::wait_for_shell(unsigned number) {
  for (;;) {
    if (const auto code = shell_->report_of(number)) co_return *code;
    if (const auto code = shell_->exit_code()) co_return *code;
    co_await changed_.next();
  }
}

/// Until nobody holds the outputs of a command any longer. For who holds it after the shell has gone there is a limit.
asio::awaitable<void> session::wait_for_output(std::shared_ptr<output_capture> outputs) {
  const auto limit = std::make_shared<http::alarm>(executor_, [outputs] { outputs->give_up(); });
  bool is_limited = false;
  while (!outputs->has_ended()) {
    if (shell_->exit_code() && !std::exchange(is_limited, true)) limit->set(left_behind_by_shell);
    if (is_ending_ && !is_family_alive_) outputs->give_up();
    co_await changed_.next();
  }
  limit->stop();
}

asio::awaitable<void> session::end(std::shared_ptr<session> self) {
  self->is_ending_ = true;
  self->shell_->close_input();
  self->changed_.tell();
  const auto family = self->shell_->family();
  co_await end_family(family, end_grace);
  self->shell_->end_keeper();
  self->is_family_alive_ = false;
  self->changed_.tell();
  while (self->runs_ || !self->shell_->exit_code()) co_await self->changed_.next();
  std::error_code ignored;
  std::filesystem::remove_all(self->folder_, ignored);
}

}  // namespace daytona::local::toolbox
