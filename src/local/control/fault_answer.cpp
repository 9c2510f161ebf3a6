// What becomes of a request that a fault befalls.
#include "local/control/api.hpp"
#include "local/http/alarm.hpp"
#include "local/http/http_error.hpp"

namespace daytona::local {
namespace asio = boost::asio;
using http::exchange;
using http::http_error;

namespace {

asio::awaitable<void> end_sandbox(std::shared_ptr<sandboxes> all, std::string id, std::chrono::milliseconds time) {
  if (time > std::chrono::milliseconds{0})
    sandboxes::kill_after(all, std::move(id), time);
  else
    co_await sandboxes::kill(all, std::move(id));
}

http::response answer_of(const fault& what, http::response otherwise) {
  http::response answer = what.body ? http::response{*what.status, *what.body} : std::move(otherwise);
  for (const auto& [name, value] : what.headers) answer.headers.set(name, value);
  return answer;
}

}  // namespace

asio::awaitable<void> api::answer_disturbed(exchange& exchange, fault what) const {
  if (what.delay > std::chrono::milliseconds{0}) co_await http::pause(what.delay);
  const std::string named = sandbox_named_by(exchange.head().raw_path());
  if (what.end_sandbox_after && !named.empty()) co_await end_sandbox(sandboxes_, named, *what.end_sandbox_after);
  if (what.cut_after || what.bytes_per_second > 0)
    exchange.disturb(http::output_shape{what.cut_after, what.bytes_per_second});
  if (!what.status) {
    co_await carry_out(exchange);
    co_return;
  }
  if (what.carry_out) {
    exchange.mute();
    try {
      co_await carry_out(exchange);
    } catch (const std::exception&) {
      // told to nobody
    }
    if (!exchange.unmute()) co_return;
  }
  const http_error told{*what.status, "an injected fault"};
  http::response answer = answer_of(what, error_answer(told, &exchange.head()));
  co_await exchange.respond(std::move(answer));
}

}  // namespace daytona::local
