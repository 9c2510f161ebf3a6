#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "local/toolbox/change.hpp"
#include "local/toolbox/pty/pty_end.hpp"
#include "net/timers.hpp"

namespace daytona::local::toolbox {

/// A client of a PTY, as the PTY sees it: the output that waits for it. All clients share the bytes.
class pty_client {
 public:
  using piece = std::shared_ptr<const std::string>;

  /// `took` is called when there is less to wait for it.
  pty_client(const boost::asio::any_io_executor& executor, std::function<void()> took);

  // The PTY's side.
  void put(piece output);
  std::size_t waiting() const { return waiting_; }
  /// Since when it has taken nothing of what waits for it.
  net::steady_time idle_since() const { return idle_since_; }
  /// Nothing more comes. One that was dropped gets nothing of what waits, either.
  void end(pty_end how);
  void drop();
  /// Nobody is there any longer who could take anything, or type.
  void leave() { has_left_ = true; }
  bool has_left() const { return has_left_; }

  // The client's side.
  /// Null if nothing waits.
  piece take();
  /// The one that was taken has arrived.
  void has_taken(const piece& output);
  bool was_dropped() const { return was_dropped_; }
  const std::optional<pty_end>& has_ended() const { return end_; }
  change& changed() { return changed_; }

 private:
  std::function<void()> took_;
  std::deque<piece> pieces_;
  std::size_t waiting_ = 0;  // bytes and what they take besides, that which is on its way included
  net::timers& clock_;
  net::steady_time idle_since_;
  bool was_dropped_ = false;
  bool has_left_ = false;
  std::optional<pty_end> end_;
  change changed_;
};

}  // namespace daytona::local::toolbox
