#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "local/toolbox/child_watcher.hpp"
#include "local/toolbox/interpreter/worker_process.hpp"
#include "local/toolbox/interpreter/worker_report.hpp"

namespace daytona::local::toolbox {

/// A Python process that runs one program after the other, with the same globals. What it says is not to be trusted: programs can say it, too.
class worker : public std::enable_shared_from_this<worker> {
 public:
  /// Starts one of a context in `directory`. `changed` is called when a program was over, and when the process has ended. Throws `std::system_error`.
  static std::shared_ptr<worker> start(const boost::asio::any_io_executor& executor, child_watcher& children,
                                       const std::string& mark, const std::string& directory,
                                       std::function<void()> changed);

  pid_t process() const { return process_; }
  /// Whether it can be given a program, now or when the one that it has is over.
  bool is_alive() const { return !status_ && !report_.is_leaving(); }
  /// As `waitpid` tells it, once it has ended and all that it said was passed on.
  std::optional<int> status() const { return status_; }

  /// To an idle one.
  void run(const std::shared_ptr<execution>& program);
  /// As Ctrl-C: to the process alone, or to those that it started, too. One that comes right before a system call that waits is noticed only behind that.
  void interrupt(bool with_children);
  bool has_noticed_interrupt() const { return report_.has_noticed_interrupt(); }
  void kill();

 private:
  using descriptor = boost::asio::posix::stream_descriptor;
  worker(const boost::asio::any_io_executor& executor, worker_process started, std::function<void()> changed);

  static boost::asio::awaitable<void> read_channel(std::shared_ptr<worker> self);
  static boost::asio::awaitable<void> read_pipe(std::shared_ptr<worker> self, descriptor& pipe, bool is_stdout);
  static boost::asio::awaitable<void> write(std::shared_ptr<worker> self, std::string line);
  /// The running program, if its client has to read first.
  std::shared_ptr<execution> held_up() const;

  /// How many came; -1 at the channel's end.
  int take_packets();
  /// False if there are more than the program's client has room for.
  bool take_all_packets();
  void take_packet(std::string_view packet);
  void answer_sync();
  void read_pipes();
  /// What was there before all packets that have not been taken yet. False at the pipe's end.
  bool read_before_packets(descriptor& pipe, bool is_stdout);
  /// How much was read; 0 at the pipe's end, -1 if there is nothing.
  ssize_t read_some(descriptor& pipe, bool is_stdout, std::size_t most);
  void on_end(int status);

  pid_t process_;
  descriptor channel_, output_, errors_;
  std::function<void()> changed_;
  worker_report report_;
  std::uint64_t output_size_ = 0;  // bytes read so far
  std::uint64_t errors_size_ = 0;
  std::optional<int> status_;
};

}  // namespace daytona::local::toolbox
