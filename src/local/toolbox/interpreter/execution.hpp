#pragma once

#include <daytona/text_decoder.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "local/toolbox/change.hpp"

namespace daytona::local::toolbox {

/// A program that is to be run.
struct execution_request {
  execution_request();
  std::string code;
  std::map<std::string, std::string> environment;  ///< For this program alone.
  std::optional<std::chrono::seconds> time_limit;  ///< From its first step on; absent = none.
};

/// With which code and why the socket of a program is closed.
struct execution_end {
  std::uint16_t code;
  std::string reason;
};

/// A program of an interpreter: waiting for its turn, running, or over; and what it did that its client has not got yet.
class execution {
 public:
  /// `share` is kept until it is over.
  execution(const boost::asio::any_io_executor& executor, execution_request request, std::shared_ptr<void> share);

  /// What is to be run; to be taken once.
  execution_request& request() { return request_; }

  void put_output(bool is_stdout, std::string_view bytes);
  /// The exception that ended it, as the worker tells it: a JSON object.
  void put_error(std::string_view json);
  void put_control(std::string_view text);
  /// The first end counts.
  void end(std::uint16_t code, std::string reason);

  /// The next message for the client, as it is on the wire.
  std::optional<std::string> take_message();
  /// Once there is no message left.
  const std::optional<execution_end>& how_it_ended() const { return end_; }
  bool is_over() const { return end_.has_value(); }

  /// Whether it may go on: so little of what it said waits.
  bool has_room() const { return is_abandoned_ || is_hurried_ || waiting_ < most_waiting; }
  /// It is to come to its end whether or not its client reads. What that leaves unread for too long is dropped.
  void hurry();
  /// Nobody reads any longer.
  void abandon();

  /// Told at each of these.
  change& changed() { return changed_; }

 private:
  static constexpr std::size_t most_waiting = 256 * 1024;
  struct message {
    std::string type;
    std::string text;
    std::string name, value, traceback;
    /// Bytes, with what it takes besides: many short ones take many times their size.
    std::size_t weight() const { return sizeof(message) + text.size() + name.size() + value.size() + traceback.size(); }
  };
  void put(message what);
  void put_text(bool is_stdout, std::string text);
  void put_rests();

  execution_request request_;
  std::shared_ptr<void> share_;
  std::deque<message> messages_;
  std::size_t waiting_ = 0;  // bytes
  text_decoder stdout_, stderr_;
  bool is_hurried_ = false;
  bool is_abandoned_ = false;
  std::optional<execution_end> end_;
  change changed_;
};

}  // namespace daytona::local::toolbox
