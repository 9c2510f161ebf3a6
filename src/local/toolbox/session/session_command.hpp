#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <memory>
#include <optional>
#include <string>

#include "local/http/byte_budget.hpp"
#include "local/toolbox/change.hpp"
#include "local/toolbox/session/command_input.hpp"
#include "local/toolbox/session/log_file.hpp"

namespace daytona::local::toolbox {

/// What is asked of a session.
struct command_request {
  command_request();
  std::string text;
  bool is_asynchronous = false;
  bool suppresses_echo = false;
};

/// A command of a session: waiting for its turn, running, or over.
class session_command {
 public:
  /// Over a log that was made for it. `memory` is what it takes of it.
  session_command(const boost::asio::any_io_executor& executor, std::string id, const command_request& request,
                  std::shared_ptr<log_file> log, http::byte_share memory);

  const std::string& id() const { return id_; }
  const std::string& text() const { return text_; }
  const std::shared_ptr<log_file>& log() const { return log_; }

  /// -1 = a signal ended it, or it never began: its log says so. Known only once all of its output is in the log.
  std::optional<int> exit_code() const { return exit_code_; }
  bool is_over() const { return exit_code_.has_value(); }
  void end(int exit_code);
  /// Its log is open by now.
  void begin();
  bool has_begun() const { return has_begun_; }
  /// Ends it before it has begun; its log says why, unless it is gone.
  void end_unbegun(const std::string& why);
  const std::string& why_unbegun() const { return why_unbegun_; }

  bool takes_input() const { return takes_input_; }
  /// It runs, and takes input.
  bool has_open_input() const { return input_ != nullptr && !is_over(); }
  void open_input(unique_fd end);
  /// Sends `data` and a line break, if it ends with none, to one that has an open input; into the log too, unless that is suppressed. False if the
  /// command ends before it has taken all.
  static boost::asio::awaitable<bool> send_input(std::shared_ptr<session_command> self, std::string data);

  /// Told when it begins, when something was logged, and when it is over.
  change& changed() { return changed_; }

 private:
  std::string id_;
  std::string text_;
  http::byte_share memory_;
  bool takes_input_;
  bool echoes_input_;
  bool has_begun_ = false;
  std::string why_unbegun_;
  std::shared_ptr<log_file> log_;
  std::optional<int> exit_code_;
  std::shared_ptr<command_input> input_;
  change changed_;
};

}  // namespace daytona::local::toolbox
