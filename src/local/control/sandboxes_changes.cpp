// How the sandboxes' states change: what is kept when, and what goes on in the background.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "daytona/error.hpp"
#include "local/control/sandbox_entry.hpp"
#include "local/control/sandboxes.hpp"
#include "local/http/envelope.hpp"
#include "local/http/http_error.hpp"

namespace daytona::local {
namespace asio = boost::asio;
using boost::system::error_code;
using http::http_error;
using model::sandbox_data;

void sandboxes::change(entry& sandbox, sandbox_data next) {
  next.updated_at = http::timestamp_now();
  try {
    store_->put(next);
  } catch (const daytona::error& failure) {
    const bool full = failure.details().cause == boost::system::errc::no_space_on_device;
    throw http_error{full ? 507U : 500U, failure.message(), std::string{unsaved_code}};
  }
  sandbox.data = std::move(next);
}

void sandboxes::begin(entry& sandbox, std::string_view state, std::string_view desired) {
  auto next = sandbox.data;
  next.state = state;
  next.desired_state = std::string{desired};
  next.last_activity_at = http::timestamp_now();
  change(sandbox, std::move(next));
}

bool sandboxes::settle(entry& sandbox, std::string_view state, std::string_view desired) {
  try {
    begin(sandbox, state, desired);
    return true;
  } catch (const http_error&) {
    sandbox.data.state = state;
    sandbox.data.desired_state = std::string{desired};
    sandbox.data.updated_at = http::timestamp_now();
    return false;
  }
}

std::shared_ptr<sandboxes::walk> sandboxes::in_background(asio::awaitable<void> job) {
  const auto counted = std::make_shared<work>(shared_from_this());
  const auto started = std::make_shared<walk>(executor_);
  asio::co_spawn(executor_, std::move(job), [counted, started](std::exception_ptr failure) {
    started->running = false;
    started->failure = failure;
    started->ended.cancel();
  });
  return started;
}

asio::awaitable<void> sandboxes::wait_for(std::shared_ptr<walk> under_way,
                                          std::chrono::steady_clock::duration patience) {
  if (under_way->running) {
    error_code ended;
    if (patience == no_limit)
      under_way->ended.expires_at(asio::steady_timer::time_point::max());
    else
      under_way->ended.expires_after(patience);
    co_await under_way->ended.async_wait(asio::redirect_error(asio::use_awaitable, ended));
  }
  if (under_way->failure) std::rethrow_exception(under_way->failure);
}

// That a lower layer of an overlay changes is forbidden: what is read through it afterwards is undefined.
bool sandboxes::note_changed_base(entry& sandbox) const {
  const bool stale = sandbox.live && sandbox.base_changes != base_changes_;
  if (!stale || sandbox.data.error_reason) return false;
  sandbox.data.error_reason = fmt::format(
      "the programs of this machine that the sandbox is made of changed at {}, while it runs: what it sees of /usr and "
      "/opt is undefined from now on. Stop it and start it; a server on a tree of its own (--base=PATH) is immune",
      http::timestamp_now());
  return true;
}

std::size_t sandboxes::base_changed() {
  ++base_changes_;
  return static_cast<std::size_t>(
      std::ranges::count_if(by_id_, [&](const auto& each) { return note_changed_base(*each.second); }));
}

std::size_t sandboxes::on_changed_base() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      by_id_, [&](const auto& each) { return each.second->live && each.second->base_changes != base_changes_; }));
}

/// Also on a full disk, which a removal may be the way out of: then it is not acknowledged before it is done.
bool sandboxes::begin_removal(entry& sandbox) {
  id_by_name_.erase(sandbox.data.name);
  const auto now =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch());
  if (!sandbox.data.name.starts_with("DESTROYED_"))
    sandbox.data.name = fmt::format("DESTROYED_{}_{}", sandbox.data.name, now.count());
  sandbox.recorded_end = settle(sandbox, "destroying", "destroyed");
  return sandbox.recorded_end;
}

/// Its files are gone; why the record could not follow, or nothing.
std::string sandboxes::forget(const entry_ptr& sandbox) {
  try {
    store_->erase(sandbox->data.id);
  } catch (const daytona::error& failure) {
    return failure.message();
  }
  sandbox->data.state = "destroyed";
  by_id_.erase(sandbox->data.id);
  return {};
}

}  // namespace daytona::local
