#include "client/create_sandbox.hpp"

#include <daytona/sandbox.hpp>

#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/rand.h>

#include <array>
#include <exception>
#include <random>
#include <utility>

#include "client/shielded.hpp"
#include "client/state_wait.hpp"
#include "protocol/error_mapping.hpp"
#include "protocol/list_query.hpp"

namespace daytona::inline v0::detail {

namespace {

constexpr std::string_view create_operation = "create sandbox";
constexpr unsigned looks = 4;
constexpr std::chrono::milliseconds first_pause{200};

using core_pointer = std::shared_ptr<client_core>;
using operation_pointer = std::shared_ptr<net::operation>;
using made_pointer = std::shared_ptr<sandbox_core>;

/// Whether the sandbox may have come into being although no usable answer says so.
bool answer_was_lost(const error& e) {
  if (!e.details().request_sent) return false;
  if (!e.details().answered) return true;
  return e.code() == errc::invalid_response || e.http_status() == 502u || e.http_status() == 504u;
}

/// Whether the server failed with the sandbox half made: older ones wait for its start before they answer.
bool failed_midway(const error& e) {
  return e.code() == errc::internal_server_error || e.server_message().starts_with("Sandbox failed to start");
}

/// The sandbox of this creation, if the server has one.
awaitable<made_pointer> find_by_create_id(core_pointer core, operation_pointer op, std::string create_id) {
  list_sandboxes_query query;
  query.labels.emplace(create_id_label, create_id);
  protocol::request_target target{"/sandbox"};
  protocol::add_list_query(target, query, {});
  api_request request{"GET", target.text(), create_operation};
  request.idempotent = true;
  const auto answer = co_await perform(core, op, request);
  auto page = decode<model::sandbox_page>(answer, request);
  for (auto& item : page.items) {
    const auto label = item.labels.find(std::string(create_id_label));
    if (label != item.labels.end() && label->second == create_id)
      co_return std::make_shared<sandbox_core>(core, std::move(item));
  }
  co_return nullptr;
}

error_details details_of_retry() {
  error_details details;
  details.operation = create_operation;
  details.phase = phase::retry;
  return details;
}

/// Looks for it a few times: the server may still be busy with the request whose answer was lost.
awaitable<made_pointer> find_patiently(core_pointer core, operation_pointer op, std::string create_id) {
  auto pause = first_pause;
  for (unsigned look = 1;; ++look, pause *= 2) {
    auto found = co_await find_by_create_id(core, op, create_id);
    if (found || look == looks) co_return found;
    net::error_code ec;
    op->enter(phase::retry);
    co_await net::sleep_until(*op, op->clock().now() + pause, ec);
    if (ec) throw_stopped(*op, protocol::message_prefix(create_operation), details_of_retry());
  }
}

/// What is known of a sandbox that is being created.
struct creation_state {
  made_pointer made;
  bool may_exist = false;  ///< Also without `made`.
};

/// Finds the sandbox whose creation ended with `lost`; throws that if there is none.
awaitable<void> adopt(core_pointer core, operation_pointer op, std::string create_id, std::exception_ptr lost,
                      creation_state& state) {
  try {
    state.made = co_await find_patiently(core, op, std::move(create_id));
  } catch (const boost::system::system_error&) {
    if (op->stopped() != net::stop_cause::none) throw;
  }
  if (!state.made) std::rethrow_exception(lost);
  co_await refresh(state.made, op, create_operation);  // a list shows less than the whole
}

awaitable<void> post(core_pointer core, operation_pointer op, const creation& plan, creation_state& state) {
  std::exception_ptr lost;
  try {
    const auto answer = co_await perform(core, op, plan.request);
    state.made = std::make_shared<sandbox_core>(core, decode<model::sandbox_data>(answer, plan.request));
    co_return;
  } catch (const error& e) {
    const bool is_lost = answer_was_lost(e);
    state.may_exist = is_lost || failed_midway(e);
    if (!is_lost || op->stopped() != net::stop_cause::none) throw;
    lost = std::current_exception();
  }
  co_await adopt(core, op, plan.create_id, lost, state);
}

/// What a failed creation left behind.
struct remains {
  std::string sandbox_id;
  create_remains fate = create_remains::none;
};

void note_found(remains& left, const sandbox_core& made, bool is_kept) {
  left.sandbox_id = made.id;
  left.fate = is_kept ? create_remains::kept : create_remains::removal_failed;
}

/// Removes the sandbox, or only finds it if it is to be kept.
awaitable<void> settle(core_pointer core, made_pointer made, const creation& plan, remains& left) {
  const auto op = co_await begin_call(core, removal_limit, create_operation);
  if (!made) {
    made = co_await find_patiently(core, op, plan.create_id);
    if (!made) co_return;
    note_found(left, *made, plan.keep_on_failure);
  }
  if (plan.keep_on_failure) co_return;
  api_request request{"DELETE", sandbox_path(made->id), create_operation};
  request.idempotent = true;
  try {
    co_await perform(core, op, request);
  } catch (const not_found_error&) {
  }
  left.fate = create_remains::removed;
}

std::string told(const remains& left) {
  switch (left.fate) {
    case create_remains::none:
      break;
    case create_remains::removed:
      return fmt::format("; the sandbox {} that had come into being was removed", left.sandbox_id);
    case create_remains::kept:
      return fmt::format("; the sandbox {} that had come into being was kept", left.sandbox_id);
    case create_remains::removal_failed:
      return fmt::format("; the sandbox {} that had come into being could not be removed: remove it by its id",
                         left.sandbox_id);
  }
  return {};
}

[[noreturn]] void rethrow_with(const std::exception_ptr& failure, const remains& left) {
  try {
    rethrow_told(failure, create_operation);
  } catch (const error& e) {
    auto details = e.details();
    if (left.fate != create_remains::none) details.sandbox_id = left.sandbox_id;
    details.remains = left.fate;
    protocol::throw_error(e.code(), e.message() + told(left), std::move(details));
  }
}

/// Leaves nothing behind of a creation that failed, unless it is to be kept.
awaitable<void> clean_up(core_pointer core, const creation& plan, const creation_state& state, remains& left) {
  if (state.made) note_found(left, *state.made, plan.keep_on_failure);
  if (state.made && plan.keep_on_failure) co_return;
  auto settling = settle(core, state.made, plan, left);
  try {
    co_await shielded(std::move(settling));
  } catch (...) {
    // `left` tells of it
  }
}

}  // namespace

awaitable<sandbox> create_sandbox(core_pointer core, creation plan) {
  const auto op = co_await begin_call(core, plan.timeout, create_operation);
  creation_state state;
  std::exception_ptr failure;
  try {
    co_await post(core, op, plan, state);
    co_await wait_until(state.made, op, wait_goal::started, create_operation);
  } catch (...) {
    failure = std::current_exception();
  }
  if (!failure) co_return sandbox_core::make(state.made);
  if (!state.made && !state.may_exist) rethrow_told(failure, create_operation);

  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);  // the cancellation that came would end the next co_await
  remains left;
  auto cleaning = clean_up(core, plan, state, left);
  co_await std::move(cleaning);
  co_await asio::this_coro::throw_if_cancelled(throws);
  rethrow_with(failure, left);
}

// Not by std::random_device alone: its four draws took a quarter of the CPU of a whole creation.
std::string random_id() {
  std::array<unsigned char, 16> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    std::random_device source;
    for (auto& byte : bytes) byte = static_cast<unsigned char>(source());
  }
  return fmt::format("{:02x}", fmt::join(bytes, ""));
}

}  // namespace daytona::inline v0::detail
