#include "net/proxy_tunnel.hpp"

#include <boost/asio/error.hpp>
#include <fmt/format.h>

#include <array>

namespace daytona::net {

namespace {

using state = protocol::tunnel_answer::state;

awaitable<protocol::tunnel_answer> converse(operation& op, stream& io, const origin& target,
                                            const protocol::proxy_address& proxy, error_code& ec) {
  protocol::tunnel_answer answer;
  const auto request = protocol::tunnel_request(target.host, target.port, proxy);
  const asio::const_buffer bytes{request.data(), request.size()};
  co_await io.write(op, bytes, ec);

  std::string received;
  std::array<char, 512> piece;
  while (!ec && answer.what == state::incomplete) {
    const asio::mutable_buffer space{piece.data(), piece.size()};
    const std::size_t size = co_await io.read_some(op, space, ec);
    received.append(piece.data(), ec ? 0 : size);
    if (!ec) answer = protocol::read_tunnel_answer(received);
  }
  co_return answer;
}

std::string refusal(const protocol::tunnel_answer& answer, const protocol::proxy_address& proxy) {
  if (answer.status != 407)
    return fmt::format("{} {}; let it permit CONNECT to this host and port", answer.status, answer.reason);
  if (!answer.challenge.empty() && answer.challenge != "Basic")
    return fmt::format("it asks for authentication by {}, which is not supported; let it accept Basic",
                       answer.challenge);
  return proxy.authorization.empty()
             ? "it asks for authentication; put user and password into the proxy's URL: http://user:password@host:port"
             : "it did not accept the user and password of the proxy's URL; correct them";
}

}  // namespace

awaitable<bool> open_tunnel(operation& op, stream& io, const origin& target, const protocol::proxy_address& proxy,
                            connect_failure& failure) {
  op.enter(phase::proxy);
  const auto answer = co_await converse(op, io, target, proxy, failure.cause);
  if (answer.what == state::open) co_return true;

  failure.code = answer.status == 407 ? errc::proxy_authentication : errc::proxy_failed;
  const auto who = fmt::format("the proxy {} gave no tunnel to {}", proxy.place(), place_of(target));
  if (failure.cause == asio::error::eof)
    failure.what = fmt::format("{}: it closed the connection", who);
  else if (failure.cause)
    failure.what = fmt::format("{}: {}", who, failure.cause.message());
  else if (answer.what == state::refused)
    failure.what = fmt::format("{}: {}", who, refusal(answer, proxy));
  else if (answer.what == state::too_large)
    failure.what = fmt::format("{}: its answer is larger than {} bytes", who, protocol::max_tunnel_answer);
  else
    failure.what = fmt::format("{}: its answer is not that of an HTTP proxy", who);
  if (answer.what == state::refused) failure.proxy_status = answer.status;
  co_return false;
}

}  // namespace daytona::net
