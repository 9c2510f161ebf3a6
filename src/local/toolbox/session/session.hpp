#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <deque>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "local/http/byte_budget.hpp"
#include "local/toolbox/change.hpp"
#include "local/toolbox/child_watcher.hpp"
#include "local/toolbox/session/command_fifos.hpp"
#include "local/toolbox/session/output_capture.hpp"
#include "local/toolbox/session/session_command.hpp"
#include "local/toolbox/session/session_shell.hpp"

namespace daytona::local::toolbox {

/// A shell that lives on between its commands, and its commands, which run one after the other.
class session : public std::enable_shared_from_this<session> {
 public:
  using command_ptr = std::shared_ptr<session_command>;

  /// Starts its shell in `directory`, with the program `toolbox`; its files will lie in `folder`, which is made. Throws `std::system_error`.
  static std::shared_ptr<session> start(const boost::asio::any_io_executor& executor, child_watcher& children,
                                        std::string id, std::filesystem::path folder, const std::string& toolbox,
                                        const std::string& directory, std::shared_ptr<log_budget> budget);

  /// Until its shell can be given commands, or has ended.
  static boost::asio::awaitable<void> wait_for_start(std::shared_ptr<session> self);

  const std::string& id() const { return id_; }
  /// In the order in which they were asked for.
  const std::vector<command_ptr>& commands() const { return commands_; }
  /// Null if there is none of that id.
  command_ptr find(std::string_view command_id) const;

  /// Queues a command. Throws `http_error`: 410 if the shell has ended, 400 if it can't be kept.
  command_ptr add(const command_request& request);
  /// Whether it runs no further command.
  bool has_ended() const { return is_ending_ || !shell_->takes_lines(); }
  bool is_deleted() const { return is_ending_; }

  /// Ends its processes and removes its files. Takes no longer than their grace, and a little.
  static boost::asio::awaitable<void> end(std::shared_ptr<session> self);

 private:
  session(const boost::asio::any_io_executor& executor, std::string id, std::filesystem::path folder,
          std::shared_ptr<log_budget> budget);

  static boost::asio::awaitable<void> run_commands(std::shared_ptr<session> self);
  static boost::asio::awaitable<void> run(std::shared_ptr<session> self, command_ptr command);
  void on_last_command();
  boost::asio::awaitable<int> wait_for_shell(unsigned number);
  boost::asio::awaitable<void> wait_for_output(std::shared_ptr<output_capture> outputs);
  std::string reason_to_run_nothing() const;
  /// Memory for another command, for which those are forgotten that are over, if need be. Throws `http_error`.
  http::byte_share make_room_for(const std::string& text);
  [[noreturn]] void refuse_for_want_of_room(bool is_full) const;
  void forget(std::vector<command_ptr>::const_iterator command);
  command_places places_of(const session_command& command) const { return command_places{folder_ / command.id()}; }

  boost::asio::any_io_executor executor_;
  std::string id_;
  std::filesystem::path folder_;
  std::shared_ptr<log_budget> budget_;
  std::shared_ptr<session_shell> shell_;
  std::vector<command_ptr> commands_;
  std::size_t kept_text_ = 0;        // bytes of their texts
  std::deque<command_ptr> waiting_;  // the first of them may be running
  unsigned last_number_ = 0;
  bool is_ending_ = false;
  bool is_family_alive_ = true;  // of the shell
  bool runs_ = true;
  change changed_;
};

/// How long the processes that hold a command's output are waited for once the shell has ended. While it lives they are waited for without a limit.
inline constexpr std::chrono::seconds left_behind_by_shell{30};

}  // namespace daytona::local::toolbox
