#include "client/sandbox_probe.hpp"

#include <chrono>
#include <optional>
#include <utility>

#include "client/api_call.hpp"
#include "client/state_wait.hpp"
#include "protocol/sandbox_verdict.hpp"

namespace daytona::inline v0::detail {

namespace {

constexpr std::chrono::seconds probe_limit{5};

/// The `error` in `failure`, if its sandbox's state may explain it.
std::optional<error> unexplained(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const error& e) {
    if (protocol::may_be_unreachable(e)) return e;
  } catch (...) {
    // not an answer
  }
  return std::nullopt;
}

/// Reads the sandbox anew; false if that told nothing.
awaitable<bool> probe(std::shared_ptr<sandbox_core> sandbox, std::shared_ptr<net::operation> op,
                      std::string_view operation) {
  const net::tighter_deadline limit{*op, probe_limit};
  try {
    co_await refresh(sandbox, op, operation);
    co_return true;
  } catch (const not_found_error&) {
    sandbox->mark_destroyed();
    co_return true;
  } catch (const error&) {
    const auto cause = op->stopped();
    if (cause == net::stop_cause::caller || cause == net::stop_cause::closed) throw;
  }
  co_return false;
}

}  // namespace

bool is_worth_a_probe(const std::exception_ptr& failure) { return unexplained(failure).has_value(); }

awaitable<void> explain_by_state(std::shared_ptr<sandbox_core> sandbox, std::shared_ptr<net::operation> op,
                                 std::exception_ptr failure, std::string_view operation) {
  const bool learnt = co_await probe(sandbox, op, operation);
  if (!learnt) co_return;
  const auto data = sandbox->data();
  const auto verdict = protocol::verdict_of(model::state_from_text(data->state));
  const auto answer = unexplained(failure);
  if (verdict && answer) protocol::throw_verdict(*verdict, *answer, sandbox->id, data->state);
}

}  // namespace daytona::inline v0::detail
