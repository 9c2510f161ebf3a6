#include "client/authorization.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

#include "protocol/arguments.hpp"

namespace daytona::inline v0::detail {

namespace {

/// A call of the caller's own coroutine, which ends with the operation.
class renewal final : private net::cancellable {
 public:
  awaitable<std::string> run(const config& settings, net::operation& op) {
    net::error_code ec;
    const net::operation::waiting waiting{op, *this, ec};
    if (ec) throw boost::system::system_error(ec);
    auto callers = co_await asio::this_coro::cancellation_state;
    const forwarding forward{callers.slot(), signal_};
    auto token = settings.jwt_provider();
    auto stoppable = asio::bind_cancellation_slot(signal_.slot(), asio::use_awaitable);
    auto fresh = co_await asio::co_spawn(op.executor(), std::move(token), stoppable);
    co_return fresh;
  }

 private:
  /// Passes the caller's cancellation on while it lives, whatever its kind: a coroutine that is spawned takes but the terminal one.
  struct forwarding {
    forwarding(asio::cancellation_slot from, asio::cancellation_signal& to) : slot(from) {
      if (slot.is_connected())
        slot.assign([&to](asio::cancellation_type) { to.emit(asio::cancellation_type::terminal); });
    }
    ~forwarding() {
      if (slot.is_connected()) slot.clear();
    }
    forwarding(const forwarding&) = delete;
    forwarding& operator=(const forwarding&) = delete;
    asio::cancellation_slot slot;
  };

  void cancel() noexcept override { signal_.emit(asio::cancellation_type::terminal); }

  asio::cancellation_signal signal_;
};

}  // namespace

std::string_view fixed_credential(const config& settings) noexcept {
  if (!settings.api_key.empty()) return settings.api_key;
  return settings.jwt_provider ? std::string_view() : settings.jwt_token;
}

awaitable<std::string> renewed_token(std::shared_ptr<client_core> core, net::operation& op,
                                     std::string_view operation) {
  renewal provider;
  auto fresh = co_await provider.run(core->settings, op);
  protocol::check_argument(!fresh.empty(), operation, "jwt_provider gave an empty token");
  protocol::check_argument(protocol::is_field_text(fresh), operation,
                           "jwt_provider gave a token with control characters");
  co_return fresh;
}

}  // namespace daytona::inline v0::detail
