#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "local/isolation/unique_fd.hpp"
#include "local/toolbox/change.hpp"
#include "local/toolbox/child_watcher.hpp"
#include "local/toolbox/pty/pty_client.hpp"
#include "local/toolbox/pty/pty_limits.hpp"
#include "local/toolbox/pty/pty_request.hpp"

namespace daytona::local::toolbox {

/// A shell in a terminal, and those who look at it and type. It lives until its shell ends.
class pty : public std::enable_shared_from_this<pty> {
 public:
  using client_ptr = std::shared_ptr<pty_client>;

  /// Nothing runs yet. `ended` is called once, at its end. `children` outlives it.
  pty(const boost::asio::any_io_executor& executor, child_watcher& children, const pty_limits& limits,
      pty_request request, std::function<void()> ended);

  const pty_request& request() const { return request_; }
  const std::string& created_at() const { return created_at_; }
  bool is_active() const { return shell_ > 0 && !end_; }  ///< Its shell runs.
  bool is_ending() const { return is_killed_ || end_.has_value(); }

  /// Starts its shell, if that has not been done. Throws `std::system_error`.
  void start();
  /// Throws `http_error`: 500 if its shell does not run.
  void resize(terminal_size size);

  /// From now on there is one more to get all output. Throws `http_error` if that is one too many.
  client_ptr attach();
  void detach(const client_ptr& client);
  /// Types the `input` of a client as a whole, behind what was typed before. Waits until there is room; false if nobody reads it any longer, or the client
  /// has left.
  static boost::asio::awaitable<bool> type(std::shared_ptr<pty> self, client_ptr client, std::string input);

  /// Kills the shell and all that it started. Done when the shell is gone.
  static boost::asio::awaitable<void> kill(std::shared_ptr<pty> self);
  /// Takes the shell's terminal away, and tells it so, which it need not heed.
  void hang_up();

 private:
  static boost::asio::awaitable<void> pass_on_output(std::shared_ptr<pty> self);
  static boost::asio::awaitable<void> pass_on_input(std::shared_ptr<pty> self);
  boost::asio::awaitable<void> wait_for_clients();
  bool have_room() const;
  void drop_slow_clients();
  void read(std::size_t most);
  void finish(pty_end end);
  void end_shell_if(std::exception_ptr failure) const;

  boost::asio::any_io_executor executor_;
  child_watcher& children_;
  pty_limits limits_;
  pty_request request_;
  std::string created_at_;
  std::string mark_;  // in the environment of all that its shell starts
  std::function<void()> ended_;
  boost::asio::posix::stream_descriptor master_;
  unique_fd program_side_;
  pid_t shell_ = -1;
  bool is_killed_ = false;
  std::optional<pty_end> end_;
  std::vector<client_ptr> clients_;
  std::string input_;  // not typed yet
  change taken_;       // by a client, or a client has left
  change typed_;       // input, by a client or into the terminal; or a client has left
};

}  // namespace daytona::local::toolbox
