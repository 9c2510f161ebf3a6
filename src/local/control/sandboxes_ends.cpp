// The sandboxes at the beginning and the end of the process, and at an end that nobody asked for.
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "local/control/sandbox_entry.hpp"
#include "local/control/sandboxes.hpp"
#include "local/http/alarm.hpp"

namespace daytona::local {
namespace asio = boost::asio;
using boost::system::error_code;

namespace {

asio::awaitable<void> wait_and_kill(std::shared_ptr<sandboxes> all, std::string id_or_name,
                                    std::chrono::milliseconds time) {
  co_await http::pause(time);
  co_await sandboxes::kill(all, std::move(id_or_name));
}

}  // namespace

asio::awaitable<void> sandboxes::recover(std::shared_ptr<sandboxes> self) {
  for (auto& data : self->store_->sandboxes()) {
    const auto sandbox = std::make_shared<entry>(std::move(data), self->texts_);
    std::ignore = sandbox->text.take(text_size(sandbox->data));  // what is there stays, also if it is too much by now
    sandbox->data.toolbox_proxy_url = self->options_.toolbox_proxy_url;
    self->insert(sandbox);
    if (sandbox->data.desired_state == "destroyed" || sandbox->is_ephemeral()) {
      self->begin_removal(*sandbox);
      sandbox->recorded_end = true;  // or its record leads here once more
      co_await finish_remove(self, sandbox);
    } else if (sandbox->data.state != "stopped") {
      sandbox->data.recoverable.reset();
      self->settle(*sandbox, "stopped", "stopped");
    }
  }
}

void sandboxes::ended(const std::string& id, const std::string& reason) {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return;
  const std::string& state = found->second->data.state;
  if (is_coming_up(state)) found->second->early_end = reason;
  // One that is being stopped or removed goes on with that walk.
  if (state == "started") gone(found->second, reason);
}

void sandboxes::gone(const entry_ptr& sandbox, const std::string& reason) {
  if (const auto live = std::exchange(sandbox->live, nullptr)) live->close();
  sandbox->data.error_reason = fmt::format("the sandbox ended by itself: {}", reason);
  if (!sandbox->is_ephemeral()) {
    settle(*sandbox, "stopped", "stopped");
    return;
  }
  begin_removal(*sandbox);
  in_background(finish_remove(shared_from_this(), sandbox));
}

asio::awaitable<void> sandboxes::kill(std::shared_ptr<sandboxes> self, std::string id_or_name) {
  const auto sandbox = self->find(id_or_name);
  if (!sandbox || sandbox->data.state != "started") co_return;
  const auto live = std::exchange(sandbox->live, nullptr);
  self->settle(*sandbox, "stopping", "stopped");
  try {
    co_await self->runner_->stop(sandbox->data.id, true);
  } catch (const std::exception&) {
    // the host-helper is gone, and took it along
  }
  if (live) live->close();
  self->gone(sandbox, "it was killed by an injected fault");
}

void sandboxes::kill_after(std::shared_ptr<sandboxes> self, std::string id_or_name, std::chrono::milliseconds time) {
  const auto call_off = std::make_shared<asio::cancellation_signal>();
  self->kills_to_come_.insert(call_off);
  auto forget = [self, call_off](std::exception_ptr) { self->kills_to_come_.erase(call_off); };
  asio::co_spawn(self->executor_, wait_and_kill(self, std::move(id_or_name), time),
                 asio::bind_cancellation_slot(call_off->slot(), std::move(forget)));
}

void sandboxes::call_off_kills() {
  for (const auto& each : kills_to_come_) each->emit(asio::cancellation_type::terminal);
}

void sandboxes::all_ended(const std::string& reason) {
  std::vector<std::string> ids;  // an end may remove an entry
  ids.reserve(by_id_.size());
  for (const auto& [id, sandbox] : by_id_) ids.push_back(id);
  for (const auto& id : ids) ended(id, reason);
}

/// Says whether there was anything to end.
bool sandboxes::end_steady(bool destroy) {
  std::vector<entry_ptr> ending;
  for (const auto& [id, sandbox] : by_id_)
    if (sandbox->data.state == "started" || (destroy && is_steady(sandbox->data.state) && !sandbox->failed_removal()))
      ending.push_back(sandbox);
  for (const auto& sandbox : ending) {
    if (destroy || sandbox->is_ephemeral()) {
      begin_removal(*sandbox);
      in_background(finish_remove(shared_from_this(), sandbox));
    } else {
      settle(*sandbox, "stopping", "stopped");
      in_background(finish_stop(shared_from_this(), sandbox, true));
    }
  }
  return !ending.empty();
}

asio::awaitable<void> sandboxes::shut_down(std::shared_ptr<sandboxes> self, bool destroy) {
  self->closing_ = true;
  self->call_off_kills();
  for (bool any = true; any;) {
    any = self->end_steady(destroy);
    any = any || self->under_way_ > 0;  // what is still coming up is ended when it is up
    while (self->under_way_ > 0) {
      error_code ended;
      co_await self->idle_.async_wait(asio::redirect_error(asio::use_awaitable, ended));
    }
  }
}

}  // namespace daytona::local
