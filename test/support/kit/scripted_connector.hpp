#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/connector.hpp"

namespace daytona::test {

namespace asio = boost::asio;

/// What happens at one step (a connect, a write, a read) of a scripted conversation.
enum class step_action {
  proceed,
  fail,      ///< It ends as when the peer resets the connection.
  hang,      ///< It waits until the operation is stopped.
  overtake,  ///< It succeeds, and the caller's cancellation comes at the same moment.
};

/// What the peer does once it has a whole request.
struct scripted_reply {
  /// How the request must begin, for example "POST /api/sandbox HTTP/1.1". Empty = anything. A `*` stands for anything within the first line, which is then
  /// given to its end.
  std::string expected;
  std::string bytes;         ///< Sent back.
  bool close_after = false;  ///< Then the peer closes; at once, if `bytes` is empty.
  bool silent = false;       ///< The peer never answers.
  bool upgrades = false;     ///< It agrees to a WebSocket; `bytes` are frames that follow.
};

/// What a peer says, whichever connection asks: the replies in order. Played in memory by `scripted_connector`, on sockets by `script_server`.
class script {
 public:
  /// An answer with a JSON body.
  script& reply(std::string expected, unsigned status, std::string_view body, std::string_view extra_fields = {});
  script& reply_bytes(std::string expected, std::string bytes, bool close_after = false);
  script& cut(std::string expected);
  script& hang(std::string expected);
  /// Agrees to a WebSocket and sends `frames` at once. If it does not close, it goes on as `web_socket_peer` does.
  script& upgrade(std::string expected, std::string frames, bool close_after = false);

  bool is_over() const { return replies_.empty(); }

  std::size_t connections = 0;  ///< Made so far.
  std::size_t open = 0;         ///< Open now.
  std::vector<std::string> requests;
  std::vector<std::string> messages;  ///< Of WebSockets.
  bool answers_pings = true;          ///< Of WebSockets.
  /// Gives the frames to answer a message with. Empty = none.
  std::function<std::string(const std::string& message)> on_message;
  /// Gives the frames that follow the answer to a ping. Empty = none.
  std::function<std::string()> on_ping;
  std::vector<std::string> problems;  ///< Requests that were not what the script expects.
  std::size_t piece = 0;              ///< Largest number of bytes a read gives; 0 = all there are.

  /// The reply to this request.
  scripted_reply answer(const std::string& request);
  /// One more step, and what is to happen at it.
  step_action begin_step();

  std::size_t steps = 0;
  std::function<step_action(std::size_t step)> on_step;  ///< Empty = proceed.
  std::function<void()> on_hang;                         ///< Told when a step hangs, or is to be overtaken.
  /// Requests may come in any order and number: one that the next reply does not fit gets the reply that it had before, or the answer of `otherwise`.
  bool forgiving = false;
  std::function<std::string(const std::string& request)> otherwise;

 private:
  scripted_reply next(const std::string& request);
  std::deque<scripted_reply> replies_;
  std::vector<scripted_reply> played_;
};

class scripted_connector final : public net::connector {
 public:
  explicit scripted_connector(std::shared_ptr<script> plot) : plot_(std::move(plot)) {}
  net::awaitable<std::unique_ptr<net::stream>> connect(net::operation& op, net::origin where,
                                                       net::connect_failure& failure) override;

 private:
  std::shared_ptr<script> plot_;
};

/// The size of the first whole request in `bytes`, or 0.
std::size_t request_size(std::string_view bytes);

/// HTTP/1.1 bytes of an answer with a JSON body.
std::string http_answer(unsigned status, std::string_view body, std::string_view extra_fields = {});

}  // namespace daytona::test
