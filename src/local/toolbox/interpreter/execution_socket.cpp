#include "local/toolbox/interpreter/execution_socket.hpp"

#include <boost/asio/this_coro.hpp>

#include <optional>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "local/toolbox/accepted_socket.hpp"
#include "local/toolbox/interpreter/execution_order.hpp"

namespace asio = boost::asio;

namespace daytona::local::toolbox {

namespace {

namespace ws = protocol::web_socket;
using listener_ptr = std::shared_ptr<net::web_socket>;
using contexts_ptr = std::shared_ptr<code_contexts>;
using program_ptr = std::shared_ptr<execution>;

constexpr std::size_t longest_order = 64 * 1024 * 1024;
constexpr std::chrono::seconds patience_with_orders{60};  // without a byte of it

/// The first message, as far as it came, and what is wrong with it.
struct received_order {
  std::string text;
  bool is_whole = false;
  std::optional<execution_end> refusal;
};

void take_in_order(const net::web_socket_inbox& inbox, http::byte_share& share, received_order& order) {
  std::string_view rest{inbox.bytes};
  for (const auto& part : inbox.segments) {
    if (!share.take(part.size)) {
      order.refusal =
          execution_end{ws::close_code::internal_error, "the requests under way take all of the memory for them"};
      return;
    }
    order.text += rest.substr(0, part.size);
    rest.remove_prefix(part.size);
    order.is_whole = part.ends_message;
    if (order.is_whole) return;  // what else there is means nothing
  }
}

asio::awaitable<received_order> receive_order(listener_ptr client, std::shared_ptr<http::byte_share> share) {
  received_order order;
  while (!order.is_whole && !order.refusal) {
    const patience limit = patience_with_orders;
    const auto op = co_await net::begin_operation(limit);
    net::web_socket_inbox inbox;
    boost::system::error_code error;
    const bool came = co_await net::web_socket::receive(client, op, inbox, error);
    if (came)
      take_in_order(inbox, *share, order);
    else
      order.refusal = execution_end{ws::close_code::protocol_error, "failed to read first message"};
  }
  co_return order;
}

/// Where a program is to run. Throws `execution_refusal`.
std::shared_ptr<code_context> context_for(const execution_order& order, code_contexts& all) {
  if (order.context_id.empty() || order.context_id == default_context_id) {
    try {
      return all.default_context();
    } catch (const std::system_error& failure) {
      throw execution_refusal{ws::close_code::internal_error,
                              std::string{"failed to get default context: "} + failure.what()};
    }
  }
  const auto found = all.find(order.context_id);
  if (!found) throw execution_refusal{ws::close_code::policy_violation, "context not found: " + order.context_id};
  return found;
}

program_ptr begin(std::string_view text, code_contexts& all, std::shared_ptr<http::byte_share> share) {
  execution_order order = read_execution_order(text);
  const auto where = context_for(order, all);
  const auto program = std::make_shared<execution>(all.executor(), std::move(order.request), std::move(share));
  if (!where->add(program))
    throw execution_refusal{ws::close_code::policy_violation,
                            "too many programs wait in this context: try again later"};
  return program;
}

/// Begins what was ordered, or says why not.
program_ptr begin_or_refuse(received_order& order, code_contexts& all, std::shared_ptr<http::byte_share> share) {
  if (order.refusal) return nullptr;
  try {
    return begin(std::exchange(order.text, {}), all, std::move(share));
  } catch (const execution_refusal& refused) {
    order.refusal = execution_end{refused.close_code(), refused.what()};
    return nullptr;
  }
}

/// Until the program is over; or its client is gone: then nothing is returned.
asio::awaitable<std::optional<execution_end>> send_events(listener_ptr client, program_ptr program, patience limit) {
  std::optional<execution_end> gone;
  for (;;) {
    if (auto event = program->take_message()) {
      std::string text = *std::move(event);
      const bool is_sent = co_await send_message(client, ws::opcode::text, std::move(text), limit);
      if (!is_sent) co_return gone;
    } else if (program->is_over()) {
      co_return program->how_it_ended();
    } else if (!client->is_open()) {
      co_return gone;
    } else {
      co_await program->changed().next();
    }
  }
}

/// A program that nobody listens to any longer once this is gone.
struct listened_program {
  explicit listened_program(program_ptr listened) : program{std::move(listened)} {}
  ~listened_program() { program->abandon(); }
  listened_program(const listened_program&) = delete;
  listened_program& operator=(const listened_program&) = delete;
  program_ptr program;
};

asio::awaitable<std::optional<execution_end>> serve(listener_ptr client, program_ptr program, patience limit) {
  const listened_program listened{program};
  const auto executor = co_await asio::this_coro::executor;
  const std::shared_ptr<change> seen{program, &program->changed()};
  drop_what_comes(executor, client, seen);
  auto end = co_await send_events(client, program, limit);
  co_return end;
}

}  // namespace

asio::awaitable<void> execute_over_socket(http::exchange& exchange, contexts_ptr all, http::budget_ptr bodies) {
  const bool is_refused = co_await refuse_without_upgrade(exchange);
  if (is_refused) co_return;
  const patience limit = exchange.write_timeout();
  net::web_socket_settings settings;
  settings.ping_interval = std::chrono::milliseconds{0};  // these servers ask for no answer: clients do
  settings.max_message = longest_order;
  const listener_ptr client = co_await accept_socket(exchange, settings, all->sockets());
  const held_socket held{client};

  auto share = std::make_shared<http::byte_share>(std::move(bodies));
  auto order = co_await receive_order(client, share);
  const auto program = begin_or_refuse(order, *all, std::move(share));
  auto end = order.refusal;
  if (program) end = co_await serve(client, program, limit);
  if (!end) co_return;
  co_await say_goodbye(client, end->code, end->reason, limit);
}

}  // namespace daytona::local::toolbox
