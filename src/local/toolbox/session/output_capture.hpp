#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <functional>
#include <memory>

#include "local/isolation/unique_fd.hpp"
#include "local/toolbox/session/log_file.hpp"

namespace daytona::local::toolbox {

/// Reads the two outputs of a command into its log, until nobody holds them any longer.
class output_capture : public std::enable_shared_from_this<output_capture> {
 public:
  /// `changed` is called after each piece that was logged, and at the end of each output.
  output_capture(const boost::asio::any_io_executor& executor, std::shared_ptr<log_file> log,
                 std::function<void()> changed);

  /// Begins with the two reading ends, which are non-blocking.
  void start(unique_fd output, unique_fd errors);
  /// Both outputs were read to their ends.
  bool has_ended() const { return open_ == 0; }
  /// Waits for no more; what has come by now is logged.
  void give_up();

 private:
  using descriptor = boost::asio::posix::stream_descriptor;
  static boost::asio::awaitable<void> read(std::shared_ptr<output_capture> self, descriptor& from, log_source source);
  /// However its reading ended.
  void end(descriptor& from);
  /// False at the end.
  bool read_some(descriptor& from, log_source source);
  void read_what_is_there(descriptor& from, log_source source);

  std::shared_ptr<log_file> log_;
  std::function<void()> changed_;
  descriptor output_;
  descriptor errors_;
  int open_ = 0;
  bool given_up_ = false;
};

}  // namespace daytona::local::toolbox
