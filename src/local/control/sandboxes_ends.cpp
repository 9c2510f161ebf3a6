// The sandboxes at the beginning and the end of the process, and at an end that nobody asked for.
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <chrono>

#include "local/control/sandbox_entry.hpp"
#include "local/control/sandboxes.hpp"

namespace daytona::local {
namespace asio = boost::asio;
using boost::system::error_code;

asio::awaitable<void> sandboxes::recover(std::shared_ptr<sandboxes> self) {
  for (auto& data : self->store_->sandboxes()) {
    const auto sandbox = std::make_shared<entry>(std::move(data));
    sandbox->data.toolbox_proxy_url = self->options_.toolbox_proxy_url;
    self->insert(sandbox);
    const bool ephemeral = sandbox->data.auto_delete_interval == std::chrono::minutes{0};
    if (sandbox->data.desired_state == "destroyed" || (ephemeral && sandbox->data.state != "error")) {
      self->begin_removal(*sandbox);
      co_await finish_remove(self, sandbox);
    } else if (sandbox->data.state != "stopped" && sandbox->data.state != "error") {
      self->change_state(*sandbox, "stopped", "stopped");
    }
  }
}

void sandboxes::ended(const std::string& id, const std::string& reason) {
  const auto found = by_id_.find(id);
  if (found == by_id_.end() || found->second->data.state != "started")
    return;  // being stopped or removed: that walk goes on
  entry& sandbox = *found->second;
  if (const auto live = std::exchange(sandbox.live, nullptr)) live->close();
  sandbox.data.error_reason = fmt::format("the sandbox ended by itself: {}", reason);
  change_state(sandbox, "stopped", "stopped");
}

void sandboxes::all_ended(const std::string& reason) {
  for (const auto& [id, sandbox] : by_id_) ended(id, reason);
}

asio::awaitable<void> sandboxes::shut_down(std::shared_ptr<sandboxes> self, bool destroy) {
  self->closing_ = true;
  std::vector<entry_ptr> entries;
  for (const auto& [id, sandbox] : self->by_id_) entries.push_back(sandbox);
  for (const auto& sandbox : entries) {
    if (!is_steady(sandbox->data.state)) continue;
    const bool ephemeral = sandbox->data.auto_delete_interval == std::chrono::minutes{0};
    if (destroy || (ephemeral && sandbox->data.state == "started")) {
      self->begin_removal(*sandbox);
      self->in_background(finish_remove(self, sandbox));
    } else if (sandbox->data.state == "started") {
      self->change_state(*sandbox, "stopping", "stopped");
      self->in_background(finish_stop(self, sandbox, true));
    }
  }
  while (self->under_way_ > 0) {
    self->idle_.expires_at(asio::steady_timer::time_point::max());
    error_code ended;
    co_await self->idle_.async_wait(asio::redirect_error(asio::use_awaitable, ended));
  }
}

}  // namespace daytona::local
