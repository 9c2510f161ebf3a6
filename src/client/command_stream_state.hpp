#pragma once

#include <daytona/command_stream.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <string>

#include "client/log_stream_state.hpp"

namespace daytona::inline v0::detail {

inline constexpr std::string_view exec_stream_operation = "stream command";

/// A command in a session of its own, and its log.
class command_stream_state {
 public:
  command_stream_state(std::shared_ptr<sandbox_core> sandbox, bool kills_on_cancel);
  command_stream_state(const command_stream_state&) = delete;
  command_stream_state& operator=(const command_stream_state&) = delete;

  static command_stream make(std::shared_ptr<command_stream_state> state);

  /// Leaves no session behind if it fails.
  static awaitable<void> start(std::shared_ptr<command_stream_state> self, std::string command,
                               exec_stream_options options);
  static awaitable<std::optional<log_chunk>> next(std::shared_ptr<command_stream_state> self);
  static awaitable<std::optional<int>> wait(std::shared_ptr<command_stream_state> self);
  static awaitable<void> send_input(std::shared_ptr<command_stream_state> self, std::string data);
  static awaitable<void> kill(std::shared_ptr<command_stream_state> self);

  const std::string& session_id() const noexcept { return session_; }
  const std::string& command_id() const noexcept { return command_; }

 private:
  static awaitable<void> prepare_shell(std::shared_ptr<command_stream_state> self, exec_stream_options options);
  static awaitable<void> start_in_session(std::shared_ptr<command_stream_state> self, std::string command,
                                          exec_stream_options options);
  static awaitable<void> look_for_end(std::shared_ptr<command_stream_state> self);
  static awaitable<void> remove_session(std::shared_ptr<command_stream_state> self);
  static awaitable<std::optional<int>> end_and_remove(std::shared_ptr<command_stream_state> self);

  /// Whether a failure is one that has to leave no session.
  using failure_filter = bool (*)(const command_stream_state& self, const std::exception_ptr& failure);
  static bool may_exist(const command_stream_state& self, const std::exception_ptr& failure);
  static bool is_to_be_killed(const command_stream_state& self, const std::exception_ptr& failure);
  /// Does `step`. If it fails so that nothing is to be left, the session is deleted before that is told, within bounds, out of reach of the caller's
  /// cancellation; what goes wrong in that is not told.
  template <class T>
  static awaitable<T> or_remove(std::shared_ptr<command_stream_state> self, awaitable<T> step,
                                failure_filter leaves_nothing);

  const std::shared_ptr<sandbox_core> sandbox_;
  const std::string session_;
  const bool kills_on_cancel_;
  bool created_ = false;
  std::string command_;
  std::shared_ptr<log_stream_state> log_;
  std::optional<command> ended_;
};

}  // namespace daytona::inline v0::detail
