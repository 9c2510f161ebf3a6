#pragma once

#include <daytona/pty.hpp>

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "client/web_socket_call.hpp"
#include "net/wait_list.hpp"
#include "protocol/pty_conversation.hpp"

namespace daytona::inline v0::detail {

/// A connection to a terminal: its socket, what the server said, and the output that nobody has asked for yet. Any thread.
class pty_state {
 public:
  pty_state(std::shared_ptr<sandbox_core> sandbox, std::string id, std::shared_ptr<net::web_socket> socket);
  ~pty_state();
  pty_state(const pty_state&) = delete;
  pty_state& operator=(const pty_state&) = delete;

  static pty_handle make(std::shared_ptr<pty_state> state);

  static awaitable<void> wait_for_connection(std::shared_ptr<pty_state> self);
  static awaitable<std::optional<std::string>> next(std::shared_ptr<pty_state> self);
  static awaitable<std::string> read(std::shared_ptr<pty_state> self);
  static awaitable<void> send_input(std::shared_ptr<pty_state> self, std::string data);
  static awaitable<pty_result> wait(std::shared_ptr<pty_state> self);
  static awaitable<void> disconnect(std::shared_ptr<pty_state> self);

  const std::string& id() const noexcept { return id_; }
  const std::shared_ptr<sandbox_core>& sandbox() const noexcept { return sandbox_; }
  pty_result result() const;
  bool is_connected() const;

 private:
  /// Waits until the server has said or put out more, or the connection has ended. One coroutine receives, the others wait for it.
  static awaitable<void> advance(std::shared_ptr<pty_state> self, std::shared_ptr<net::operation> op);
  class receiver;

  // With the lock held.
  void take_in(const net::web_socket_inbox& inbox);
  void take_end(net::web_socket_end end);
  bool is_over() const noexcept { return end_.has_value(); }
  void throw_if_broken() const;
  /// Throws if the connection ended without a goodbye, while the terminal may live. Without the lock.
  void throw_if_lost(std::string_view operation) const;

  const std::shared_ptr<sandbox_core> sandbox_;
  const std::string id_;
  const std::shared_ptr<net::web_socket> socket_;

  mutable std::mutex mutex_;
  net::wait_list changed_{mutex_};
  bool receiving_ = false, disconnected_ = false;
  protocol::pty_conversation conversation_;
  std::string output_, text_;  // `text_` of a message that is not complete
  std::optional<net::web_socket_end> end_;
};

}  // namespace daytona::inline v0::detail
