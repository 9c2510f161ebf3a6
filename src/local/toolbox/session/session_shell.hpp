#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <sys/types.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "local/http/alarm.hpp"
#include "local/toolbox/child_watcher.hpp"
#include "local/toolbox/process/process_family.hpp"
#include "local/toolbox/session/shell_line.hpp"

namespace daytona::local::toolbox {

/// The shell of a session: takes lines on its standard input, and reports on its standard output.
class session_shell : public std::enable_shared_from_this<session_shell> {
 public:
  /// Starts one, below a keeper that `toolbox` is the program of, in `directory` (empty = the toolbox's own). `changed` is called when it has started,
  /// when it reported and when it ended. Throws `std::system_error`.
  static std::shared_ptr<session_shell> start(const boost::asio::any_io_executor& executor, child_watcher& children,
                                              const std::string& toolbox, const std::string& directory,
                                              std::function<void()> changed);

  /// What all that it started, and left behind, descends from.
  family_heads family() const;
  const std::string& program() const { return program_; }

  /// Whether its keeper has let go of what is the shell's alone. Before that what the shell runs must not be able to stop the keeper.
  bool has_started() const { return process_ > 0; }
  /// Whether it can be given a line. Not if it has ended, or has become another program (`exec`).
  bool takes_lines() const { return input_.is_open(); }
  /// False if there is no room for it: it takes none any longer then.
  bool send(const std::string& line);
  /// The exit code of a command, once it was reported.
  std::optional<int> report_of(unsigned number) const;
  /// Whether it has ended, and with which exit code; -1 = by a signal, or nobody is there to tell.
  std::optional<int> exit_code() const { return exit_code_; }

  /// Gives it no more lines: it ends when it wants the next.
  void close_input();
  /// Once nothing is left of its family: the keeper need not find that out.
  void end_keeper() const;

 private:
  session_shell(const boost::asio::any_io_executor& executor, std::function<void()> changed);
  void run(const std::string& toolbox, const std::string& directory);
  void on_end(int exit_code);
  static boost::asio::awaitable<void> read_keeper(std::shared_ptr<session_shell> self);
  void on_keeper_gone();
  void hear(std::string_view line);
  static boost::asio::awaitable<void> read_reports(std::shared_ptr<session_shell> self);
  void on_reports_end();
  void watch_process();
  void read_last_reports();
  void take_reports();

  std::function<void()> changed_;
  std::string program_;
  boost::asio::posix::stream_descriptor input_;
  boost::asio::posix::stream_descriptor reports_;
  std::string unread_;
  std::optional<shell_report> report_;           // the last
  boost::asio::posix::stream_descriptor told_;   // by the keeper
  boost::asio::posix::stream_descriptor ended_;  // the shell's pidfd, once it does not report any longer
  std::shared_ptr<http::alarm> silence_;         // of the keeper, when the shell has ended
  pid_t keeper_ = -1;                            // -1 = it has ended
  pid_t process_ = -1;
  bool is_end_known_ = false;
  std::optional<int> exit_code_;
};

}  // namespace daytona::local::toolbox
