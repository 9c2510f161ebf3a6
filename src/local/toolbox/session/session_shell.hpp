#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <sys/types.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "local/toolbox/child_watcher.hpp"
#include "local/toolbox/session/shell_line.hpp"

namespace daytona::local::toolbox {

/// The shell of a session: takes lines on its standard input, and reports on its standard output.
class session_shell : public std::enable_shared_from_this<session_shell> {
 public:
  /// Starts one, the leader of a session of processes, in `directory` (empty = the toolbox's own). `changed` is called when it reported and when it
  /// ended. Throws `std::system_error`.
  static std::shared_ptr<session_shell> start(const boost::asio::any_io_executor& executor, child_watcher& children,
                                              const std::string& directory, std::function<void()> changed);

  pid_t process() const { return process_; }
  const std::string& program() const { return program_; }

  /// Whether it can be given a line. Not if it has ended, or has become another program (`exec`).
  bool takes_lines() const { return input_.is_open(); }
  void send(const std::string& line);
  /// The exit code of a command, once it was reported.
  std::optional<int> report_of(unsigned number) const;
  /// Whether it has ended, and with which exit code; -1 = by a signal.
  std::optional<int> exit_code() const { return exit_code_; }

  /// Gives it no more lines: it ends when it wants the next.
  void close_input();

 private:
  session_shell(const boost::asio::any_io_executor& executor, std::function<void()> changed);
  void run(const std::string& directory);
  void on_end(int status);
  static boost::asio::awaitable<void> read_reports(std::shared_ptr<session_shell> self);
  void read_last_reports();
  void take_reports();

  std::function<void()> changed_;
  std::string program_;
  boost::asio::posix::stream_descriptor input_;
  boost::asio::posix::stream_descriptor reports_;
  std::string unread_;
  std::optional<shell_report> report_;  // the last
  pid_t process_ = -1;
  std::optional<int> exit_code_;
};

}  // namespace daytona::local::toolbox
