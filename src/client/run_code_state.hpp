#pragma once

#include <daytona/code_interpreter.hpp>

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "client/web_socket_call.hpp"

namespace daytona::inline v0::detail {

inline constexpr std::string_view run_operation = "run code";

/// A program under way: its socket, and what it did that nobody has asked for yet.
class run_code_state {
 public:
  run_code_state(std::shared_ptr<sandbox_core> sandbox, std::shared_ptr<net::web_socket> socket);
  ~run_code_state();
  run_code_state(const run_code_state&) = delete;
  run_code_state& operator=(const run_code_state&) = delete;

  /// It is sent now, with this limit of its own, which the server keeps; 0 = none.
  void begin(net::steady_time now, std::chrono::seconds limit);
  static execution_stream make(std::shared_ptr<run_code_state> state);
  static awaitable<std::optional<execution_event>> next(std::shared_ptr<run_code_state> self);

 private:
  void take_in(const net::web_socket_inbox& inbox);
  void take_message(std::string_view json);
  /// Throws unless the program has ended.
  void check_end(const net::web_socket_end& end, net::steady_time now) const;
  std::string why_interrupted(net::steady_time now) const;

  const std::shared_ptr<sandbox_core> sandbox_;
  const std::shared_ptr<net::web_socket> socket_;
  net::steady_time begun_;
  std::chrono::seconds limit_{0};
  std::deque<execution_event> events_;
  std::string text_;  // of a message that is not complete
  bool completed_ = false, interrupted_ = false, failed_ = false, over_ = false;
};

}  // namespace daytona::inline v0::detail
