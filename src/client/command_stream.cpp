#include <daytona/command_stream.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

#include <utility>

#include "client/command_stream_state.hpp"
#include "client/create_sandbox.hpp"
#include "client/session_calls.hpp"
#include "client/shielded.hpp"
#include "protocol/arguments.hpp"
#include "protocol/error_mapping.hpp"
#include "protocol/shell_quote.hpp"

namespace daytona::inline v0::detail {

namespace {

constexpr std::chrono::seconds removal_grace{5};

/// What makes a shell's directory and variables those of `options`; empty if they are already.
std::string shell_settings(const exec_stream_options& options) {
  std::string line;
  if (!options.cwd.empty()) line += "cd -- " + protocol::shell_quote(options.cwd, exec_stream_operation);
  for (const auto& [name, value] : options.env)
    line += fmt::format("{}export {}={}", line.empty() ? "" : " && ", name,
                        protocol::shell_quote(value, exec_stream_operation));
  return line;
}

error_details details_of(const sandbox_core& sandbox) {
  error_details details;
  details.operation = exec_stream_operation;
  details.sandbox_id = sandbox.id;
  details.answered = true;
  return details;
}

bool was_cancelled(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const boost::system::system_error& e) {
    return e.code() == asio::error::operation_aborted;
  } catch (...) {
    return false;
  }
}

bool may_have_been_sent(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const error& e) {
    return e.details().request_sent;
  } catch (...) {
    return true;
  }
}

}  // namespace

command_stream_state::command_stream_state(std::shared_ptr<sandbox_core> sandbox, bool kills_on_cancel)
    : sandbox_(std::move(sandbox)), session_("exec-" + random_id()), kills_on_cancel_(kills_on_cancel) {}

command_stream command_stream_state::make(std::shared_ptr<command_stream_state> state) {
  return command_stream(std::move(state));
}

template <class T>
awaitable<T> command_stream_state::or_remove(std::shared_ptr<command_stream_state> self, awaitable<T> step,
                                             failure_filter leaves_nothing) {
  std::exception_ptr failure;
  try {
    co_return co_await std::move(step);
  } catch (...) {
    failure = std::current_exception();
  }
  if (!leaves_nothing(*self, failure)) std::rethrow_exception(failure);
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);  // the cancellation that came would end the next co_await
  auto removal = delete_session(self->sandbox_, self->session_, exec_stream_operation, removal_grace);
  try {
    co_await shielded(std::move(removal));
  } catch (const std::exception&) {
    // what went wrong first is what is told
  }
  co_await asio::this_coro::throw_if_cancelled(throws);
  std::rethrow_exception(failure);
}

bool command_stream_state::may_exist(const command_stream_state& self, const std::exception_ptr& failure) {
  return self.created_ || may_have_been_sent(failure);
}

bool command_stream_state::is_to_be_killed(const command_stream_state& self, const std::exception_ptr& failure) {
  return self.kills_on_cancel_ && was_cancelled(failure);
}

awaitable<void> command_stream_state::start(std::shared_ptr<command_stream_state> self, std::string command,
                                            exec_stream_options options) {
  auto steps = start_in_session(self, std::move(command), std::move(options));
  return or_remove(std::move(self), std::move(steps), may_exist);
}

awaitable<void> command_stream_state::start_in_session(std::shared_ptr<command_stream_state> self, std::string command,
                                                       exec_stream_options options) {
  co_await create_session(self->sandbox_, self->session_, exec_stream_operation);
  self->created_ = true;
  const auto follow = options.follow;
  co_await prepare_shell(self, std::move(options));
  session_execute_request request;
  request.command = std::move(command);
  request.run_async = true;
  request.suppress_input_echo = true;
  const auto limit = usual_timeout(*self->sandbox_);
  const auto started =
      co_await execute_in_session(self->sandbox_, self->session_, std::move(request), exec_stream_operation, limit);
  self->command_ = started.cmd_id;
  auto path = command_path(self->session_, self->command_, "/logs", exec_stream_operation) + "?follow=true";
  self->log_ = std::make_shared<log_stream_state>(self->sandbox_, std::move(path), exec_stream_operation, follow);
  co_await log_stream_state::open(self->log_);
}

awaitable<void> command_stream_state::prepare_shell(std::shared_ptr<command_stream_state> self,
                                                    exec_stream_options options) {
  session_execute_request request;
  request.command = shell_settings(options);
  if (request.command.empty()) co_return;
  const auto limit = usual_timeout(*self->sandbox_);
  const auto done =
      co_await execute_in_session(self->sandbox_, self->session_, std::move(request), exec_stream_operation, limit);
  if (done.exit_code == 0) co_return;
  auto details = details_of(*self->sandbox_);
  details.server_message = protocol::presentable(done.stderr_.value_or(""));
  const auto text = fmt::format("{}options.cwd can't be entered, or options.env not set: {}",
                                protocol::message_prefix(exec_stream_operation), details.server_message);
  protocol::throw_error(errc::bad_request, text, std::move(details));
}

awaitable<std::optional<log_chunk>> command_stream_state::next(std::shared_ptr<command_stream_state> self) {
  auto step = log_stream_state::next(self->log_);
  return or_remove(std::move(self), std::move(step), is_to_be_killed);
}

awaitable<std::optional<int>> command_stream_state::wait(std::shared_ptr<command_stream_state> self) {
  auto steps = end_and_remove(self);
  return or_remove(std::move(self), std::move(steps), is_to_be_killed);
}

awaitable<std::optional<int>> command_stream_state::end_and_remove(std::shared_ptr<command_stream_state> self) {
  if (!self->ended_) co_await look_for_end(self);
  co_await remove_session(self);
  co_return self->ended_->exit_code;
}

awaitable<void> command_stream_state::look_for_end(std::shared_ptr<command_stream_state> self) {
  for (;;) {
    const auto dropped = co_await log_stream_state::next(self->log_);
    if (!dropped) break;
  }
  auto path = command_path(self->session_, self->command_, {}, exec_stream_operation);
  try {
    auto found = co_await ended_command(self->sandbox_, std::move(path), exec_stream_operation, std::nullopt);
    self->ended_ = std::move(found);
    co_return;
  } catch (const not_found_error&) {
  }
  const auto text =
      protocol::message_prefix(exec_stream_operation) + "its session was deleted before its end was known";
  protocol::throw_error(errc::session_ended, text, details_of(*self->sandbox_));
}

awaitable<void> command_stream_state::send_input(std::shared_ptr<command_stream_state> self, std::string data) {
  auto path = command_path(self->session_, self->command_, "/input", exec_stream_operation);
  return send_command_input(self->sandbox_, std::move(path), std::move(data), exec_stream_operation);
}

awaitable<void> command_stream_state::kill(std::shared_ptr<command_stream_state> self) {
  return remove_session(std::move(self));
}

awaitable<void> command_stream_state::remove_session(std::shared_ptr<command_stream_state> self) {
  const auto limit = usual_timeout(*self->sandbox_);
  try {
    co_await delete_session(self->sandbox_, self->session_, exec_stream_operation, limit);
  } catch (const not_found_error&) {
    // it was deleted before
  }
}

}  // namespace daytona::inline v0::detail

namespace daytona::inline v0 {

command_stream::command_stream() noexcept = default;
command_stream::command_stream(std::shared_ptr<detail::command_stream_state> state) : state_(std::move(state)) {}

const std::shared_ptr<detail::command_stream_state>& command_stream::state() const {
  return detail::state_of(state_, "this command stream");
}

std::string command_stream::session_id() const { return state()->session_id(); }
std::string command_stream::command_id() const { return state()->command_id(); }

boost::asio::awaitable<std::optional<log_chunk>> command_stream::next() {
  return detail::as_call(detail::command_stream_state::next(state()), detail::exec_stream_operation);
}
boost::asio::awaitable<std::optional<int>> command_stream::wait() {
  return detail::as_call(detail::command_stream_state::wait(state()), detail::exec_stream_operation);
}
boost::asio::awaitable<void> command_stream::send_input(std::string_view data) {
  protocol::check_input(data, detail::exec_stream_operation);
  return detail::command_stream_state::send_input(state(), std::string(data));
}
boost::asio::awaitable<void> command_stream::kill() {
  return detail::as_call(detail::command_stream_state::kill(state()), detail::exec_stream_operation);
}

}  // namespace daytona::inline v0
