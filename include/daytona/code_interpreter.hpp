#pragma once

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daytona/detail/export.hpp"
#include "daytona/output_handler.hpp"

namespace daytona::inline v0 {

namespace detail {
struct sandbox_core;
class run_code_state;
}  // namespace detail

/// Text that a program put out.
struct DAYTONA_API output_message {
  output_message();
  explicit output_message(std::string text);
  std::string output;
  operator std::string_view() const noexcept { return output; }  // NOLINT(google-explicit-constructor)
};

/// An exception that ended a program.
struct DAYTONA_API execution_error {
  execution_error();
  std::string name;       ///< Its class: "ValueError".
  std::string value;      ///< What it says.
  std::string traceback;  ///< As Python prints it.
};

/// What a program left.
struct DAYTONA_API execution_result {
  execution_result();
  std::string stdout_;
  std::string stderr_;
  std::optional<execution_error> error;  ///< Absent = it ended in order.
};

/// Globals that programs share, as those of one Python interpreter.
struct DAYTONA_API interpreter_context {
  interpreter_context();
  std::string id;
  std::string cwd;
  std::string created_at;  ///< RFC 3339.
  bool active = false;     ///< Its interpreter runs.
  std::string language;    ///< "python".
};

/// How a context is made.
struct DAYTONA_API create_context_options {
  create_context_options();
  std::string cwd;  ///< Empty = the sandbox's work directory.
};

/// How a program is run.
struct DAYTONA_API run_code_options {
  run_code_options();
  std::optional<interpreter_context> context;       ///< Absent = the default context, which every sandbox has.
  output_handler<const output_message&> on_stdout;  ///< Called with what it writes there, as it comes. Default none.
  output_handler<const output_message&> on_stderr;  ///< The same.
  output_handler<const execution_error&> on_error;  ///< Called with the exception that ended it. Default none.
  std::map<std::string, std::string> envs;          ///< For this program alone; names `[A-Za-z_][A-Za-z0-9_]*`.
  /// The program's own limit, kept by the server, which interrupts it. Rounded up to whole seconds, at most 2^31-1 s (more is cut to that). Default 10
  /// minutes, 0 = none; negative is refused.
  std::chrono::milliseconds timeout{600'000};
};

/// Something that a program did.
struct DAYTONA_API execution_event {
  enum class type { stdout_, stderr_, error };
  execution_event();
  type kind = type::stdout_;
  std::string text;       ///< Of `stdout_` and `stderr_`.
  execution_error error;  ///< Of `error`.
};

/// A program under way, as a stream of what it does. A cheap handle: copies read from the same stream. The program runs on when the last one is gone.
///
/// Events are read ahead as the output of a `log_stream`: at most `config::max_stream_buffer`, and no further until `next()` is called.
///
/// **Lifetimes**: it keeps the state of its sandbox and client. Its connection lives on the io_context of the call that made it, and ends with that.
class DAYTONA_API execution_stream {
 public:
  /// An empty handle, to be assigned to: using it otherwise throws `errc::invalid_argument`.
  execution_stream() noexcept;

  /// The next event, or nothing at the program's end and ever after.
  ///
  /// **Errors**: `errc::process_execution_timeout` (a `timeout_error`) if it outlived its timeout or interrupted itself, which servers tell alike: the
  /// message says if its timeout had not passed yet; `errc::connection_lost` if its context was deleted, or the connection ended before the server said
  /// that it has; `bad_request_error` for what is refused, as an unknown context or a program of more than 64 MiB;
  /// `errc::slow_consumer`, `errc::response_too_large`, `errc::protocol_violation` and `errc::client_closed` as `log_stream::next`.
  /// **Cancellation**: at once; the program runs on, and the next call goes on. **Timeout**: none but the program's. **Retry**: none: a connection that is
  /// lost is not opened anew. **Thread safety**: one `next()` at a time.
  ///
  /// Endpoint: `GET /process/interpreter/execute` (WebSocket).
  /// Example (`execution_next`):
  ///
  ///     while (auto event = co_await program.next()) {
  ///       const bool is_text = event->kind != daytona::execution_event::type::error;
  ///       fmt::print("{}", is_text ? event->text : event->error.traceback);
  ///     }
  boost::asio::awaitable<std::optional<execution_event>> next();

 private:
  friend class detail::run_code_state;
  explicit execution_stream(std::shared_ptr<detail::run_code_state> state);
  const std::shared_ptr<detail::run_code_state>& state() const;
  std::shared_ptr<detail::run_code_state> state_;
};

/// Runs Python programs that share their globals, in one sandbox. A cheap handle that shares the sandbox's state.
///
/// **Lifetimes**: arguments are copied before a call returns, handlers too; its awaitable and what it gives keep the state of the sandbox and its client.
/// **Thread safety**: safe on a shared handle.
class DAYTONA_API code_interpreter {
 public:
  /// Runs `code` behind what runs in its context already, calls the handlers of `options` with what it puts out, and waits for its end.
  ///
  /// Success means that it ran to an end: an exception that it raised is `execution_result::error`.
  ///
  /// **Errors**: `errc::invalid_argument` if `code` is empty, a name in `options.envs` is malformed or `options.timeout` negative; those of
  /// `execution_stream::next`, with the output so far in `error::details()`; what a handler throws; else as `process::exec`.
  /// **Cancellation**: ends at once; the program runs on. **Timeout**: `options.timeout`. **Retry**: only while nothing was sent.
  ///
  /// Endpoint: `GET /process/interpreter/execute` (WebSocket). Sample: samples/interpreter.cpp.
  /// Example (`run_code`):
  ///
  ///     daytona::run_code_options options;
  ///     options.on_stdout = [](const daytona::output_message& said) { fmt::print("{}", said.output); };
  ///     auto ended = co_await interpreter.run_code("x = 6 * 7\nprint(x)", options);
  ///     if (ended.error) fmt::print("{}\n", ended.error->traceback);
  boost::asio::awaitable<execution_result> run_code(std::string_view code,
                                                    run_code_options options = run_code_options()) const;

  /// The same as a stream of events. The handlers of `options` are not called.
  ///
  /// **Errors**, **Cancellation**, **Timeout**, **Retry**: as `run_code`; what the program does is told by the stream.
  ///
  /// Endpoint: as `run_code`.
  /// Example (`stream_code`):
  ///
  ///     daytona::run_code_options options;
  ///     options.timeout = 30s;
  ///     daytona::execution_stream program = co_await interpreter.stream_code("1 / 0", options);
  ///     while (auto event = co_await program.next())
  ///       if (event->kind == daytona::execution_event::type::error) fmt::print("{}\n", event->error.name);
  boost::asio::awaitable<execution_stream> stream_code(std::string_view code,
                                                       run_code_options options = run_code_options()) const;

  /// Starts an interpreter with globals of its own.
  ///
  /// **Errors**: as `process::exec`. **Cancellation**: it may have come into being. **Timeout**: `config::request_timeout`. **Retry**: only while nothing was sent.
  ///
  /// Endpoint: `POST /process/interpreter/context`.
  /// Example (`create_context`):
  ///
  ///     daytona::run_code_options options;
  ///     options.context = co_await interpreter.create_context();
  ///     co_await interpreter.run_code("x = 1", options);
  ///     co_await interpreter.run_code("print(x)", options);
  boost::asio::awaitable<interpreter_context> create_context(
      create_context_options options = create_context_options()) const;

  /// All contexts but the default one, in no order.
  ///
  /// **Errors**: as `process::exec`. **Cancellation**: at once. **Timeout**: `config::request_timeout`. **Retry**: idempotent.
  ///
  /// Endpoint: `GET /process/interpreter/context`.
  /// Example (`list_contexts`):
  ///
  ///     auto contexts = co_await interpreter.list_contexts();
  ///     fmt::print("{} besides the default context\n", contexts.size());
  ///     for (const daytona::interpreter_context& context : contexts) fmt::print("{} in {}\n", context.id, context.cwd);
  boost::asio::awaitable<std::vector<interpreter_context>> list_contexts() const;

  /// Ends a context's interpreter, and a program that runs in it.
  ///
  /// **Errors**: `not_found_error` if there is none; `bad_request_error` for the default context; else as `process::exec`.
  /// **Cancellation**: at once; it may have been ended. **Timeout**: `config::request_timeout`. **Retry**: idempotent.
  ///
  /// Endpoint: `DELETE /process/interpreter/context/{id}`.
  /// Example (`delete_context`):
  ///
  ///     daytona::run_code_options options;
  ///     options.context = co_await interpreter.create_context();
  ///     co_await interpreter.run_code("x = 1", options);
  ///     co_await interpreter.delete_context(*options.context);
  boost::asio::awaitable<void> delete_context(const interpreter_context& context) const;

 private:
  friend class sandbox;
  explicit code_interpreter(std::shared_ptr<detail::sandbox_core> core);
  std::shared_ptr<detail::sandbox_core> core_;
};

}  // namespace daytona::inline v0
