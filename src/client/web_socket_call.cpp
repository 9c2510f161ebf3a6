#include "client/web_socket_call.hpp"

#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

#include <utility>

#include "protocol/error_mapping.hpp"

namespace daytona::inline v0::detail {

namespace {

using manner = net::web_socket_end::manner;

/// Keeps the client of an open WebSocket, and counts it.
class open_stream {
 public:
  explicit open_stream(std::shared_ptr<client_core> core) : core_(std::move(core)) { ++core_->streams; }
  ~open_stream() { --core_->streams; }
  open_stream(const open_stream&) = delete;
  open_stream& operator=(const open_stream&) = delete;

 private:
  std::shared_ptr<client_core> core_;
};

std::string story_of(const net::web_socket_end& end) {
  switch (end.how) {
    case manner::closed:
      return fmt::format("the server closed the stream before its end: code {}{}{}",
                         end.code ? fmt::format("{}", *end.code) : "none", end.what.empty() ? "" : ", ",
                         protocol::presentable(end.what));
    case manner::violated:
      return fmt::format("the server sent what a WebSocket must not: {}", end.what);
    case manner::overrun:
      return "more came than config::max_stream_buffer holds; read faster, or let the server wait";
    default:
      return fmt::format("the connection of the stream ended without a word: {}", end.cause.message());
  }
}

errc code_of(const net::web_socket_end& end) {
  if (end.how == manner::overrun) return errc::slow_consumer;
  if (end.how == manner::violated)
    return end.code == protocol::web_socket::close_code::too_big ? errc::response_too_large : errc::protocol_violation;
  if (end.how == manner::closed && end.code == protocol::web_socket::close_code::policy_violation &&
      end.what == "slow consumer")
    return errc::slow_consumer;
  return errc::connection_lost;
}

}  // namespace

awaitable<std::shared_ptr<net::web_socket>> open_web_socket(std::shared_ptr<sandbox_core> sandbox, api_request request,
                                                            std::vector<std::string> subprotocols,
                                                            net::web_socket_settings settings,
                                                            std::optional<net::steady_time> deadline) {
  auto executor = co_await asio::this_coro::executor;
  upgrade wanted;
  wanted.subprotocols = std::move(subprotocols);
  request.web_socket = &wanted;
  const auto core = sandbox->client;
  const auto limit = time_left(*sandbox, net::timers_of(executor), deadline);
  co_await perform_in_sandbox(std::move(sandbox), request, limit);
  auto owner = std::make_shared<open_stream>(core);
  co_return net::web_socket::start(executor, std::move(wanted.io), wanted.excess, settings, core->operations,
                                   std::move(owner));
}

net::web_socket_settings web_socket_settings(const config& settings) {
  net::web_socket_settings made;
  made.max_message = settings.max_web_socket_message;
  made.max_inbox = settings.max_stream_buffer;
  made.ping_interval = settings.ping_interval;
  made.longest_silence = 3 * settings.ping_interval;
  return made;
}

void throw_if_broken(const net::web_socket_end& end, std::string_view operation, const sandbox_core& sandbox) {
  if (end.how == manner::closed && end.code == protocol::web_socket::close_code::normal) return;
  error_details details;
  details.operation = operation;
  details.sandbox_id = sandbox.id;
  details.close_code = end.how == manner::closed ? end.code : std::nullopt;
  details.cause = end.cause;
  details.request_sent = true;
  if (end.how == manner::stopped)
    protocol::throw_error(errc::client_closed,
                          protocol::message_prefix(operation) + "the stream or its client is closed; open another one",
                          std::move(details));
  protocol::throw_error(code_of(end), protocol::message_prefix(operation) + story_of(end), std::move(details));
}

}  // namespace daytona::inline v0::detail
