#include "local/control/sandboxes.hpp"

#include <fmt/format.h>

#include <chrono>
#include <stdexcept>
#include <tuple>

#include "daytona/version.hpp"
#include "local/control/descriptors.hpp"
#include "local/control/random.hpp"
#include "local/control/sandbox_entry.hpp"
#include "local/control/sandbox_environment.hpp"
#include "local/http/envelope.hpp"
#include "local/http/http_error.hpp"
#include "local/toolbox_settings.hpp"

namespace daytona::local {
namespace asio = boost::asio;
using http::http_error;
using model::sandbox_data;

namespace {

constexpr auto patience_with_removal = std::chrono::seconds{2};
constexpr std::size_t descriptors_of_a_launch = 4;
constexpr std::string_view busy_code = "SANDBOX_STATE_CHANGE_IN_PROGRESS";
}  // namespace

std::size_t text_size(const sandbox_data& data) {
  return http::size_in_memory(data.labels) + http::size_in_memory(data.env);
}

sandboxes::sandboxes(asio::any_io_executor executor, std::shared_ptr<store> store,
                     std::shared_ptr<sandbox_runner> runner, sandboxes_options options)
    : executor_{std::move(executor)},
      store_{std::move(store)},
      runner_{std::move(runner)},
      options_{std::move(options)},
      texts_{std::make_shared<http::byte_budget>(options_.most_text)},
      idle_{executor_, asio::steady_timer::time_point::max()} {}

asio::awaitable<sandbox_data> sandboxes::create(std::shared_ptr<sandboxes> self, sandbox_data wanted) {
  if (self->closing_) throw http_error{503, "the local backend is shutting down"};
  if (self->by_id_.size() >= self->options_.most)
    throw http_error{
        403,
        fmt::format(
            "Sandbox limit reached: this local backend holds at most {}; delete some, or start it with a larger "
            "--max-sandboxes",
            self->options_.most),
        "ORGANIZATION_QUOTA_EXCEEDED"};
  require_descriptors(descriptors_of_a_launch, self->dropping_idle_connections());
  wanted.id = random_uuid();
  if (wanted.name.empty()) wanted.name = wanted.id;
  if (self->find(wanted.name)) throw http_error{409, fmt::format("Sandbox with name {} already exists", wanted.name)};
  wanted.organization_id = self->options_.organization_id;
  wanted.toolbox_proxy_url = self->options_.toolbox_proxy_url;
  wanted.runner_id = "local";
  wanted.daemon_version = std::string{api_level};
  wanted.created_at = http::timestamp_now();

  const auto sandbox = std::make_shared<entry>(std::move(wanted), self->texts_);
  if (!sandbox->text.take(text_size(sandbox->data))) self->refuse_text();
  self->begin(*sandbox, "creating", "started");
  self->insert(sandbox);
  co_await launch_through(self, sandbox);
  co_return sandbox->data;
}

asio::awaitable<sandbox_data> sandboxes::start(std::shared_ptr<sandboxes> self, std::string id_or_name) {
  const auto sandbox = self->require(id_or_name);
  if (sandbox->data.state == "started") co_return sandbox->data;
  self->require_steady(*sandbox);
  if (sandbox->data.state == "error") throw http_error{400, "Sandbox is in an errored state", "SANDBOX_STATE_ERROR"};
  if (self->closing_) throw http_error{503, "the local backend is shutting down"};
  require_descriptors(descriptors_of_a_launch, self->dropping_idle_connections());

  self->begin(*sandbox, "starting", "started");
  co_await launch_through(self, sandbox);
  co_return sandbox->data;
}

asio::awaitable<sandbox_data> sandboxes::recover_one(std::shared_ptr<sandboxes> self, std::string id_or_name,
                                                     bool skip_start) {
  const auto sandbox = self->require(id_or_name);
  self->require_steady(*sandbox);
  if (sandbox->data.state != "error" || !sandbox->data.recoverable.value_or(false))
    throw http_error{400, "Sandbox is not in a recoverable error state"};
  auto next = sandbox->data;
  next.state = "stopped";
  next.desired_state = "stopped";
  next.recoverable.reset();
  next.error_reason.reset();
  self->change(*sandbox, std::move(next));
  if (skip_start) co_return sandbox->data;
  const auto started = co_await start(self, sandbox->data.id);
  co_return started;
}

asio::awaitable<void> sandboxes::launch_through(std::shared_ptr<sandboxes> self, entry_ptr sandbox) {
  const auto under_way = self->in_background(launch(self, sandbox));
  co_await wait_for(under_way, no_limit);
}

asio::awaitable<void> sandboxes::launch(std::shared_ptr<sandboxes> self, entry_ptr sandbox) {
  sandbox_launch what;
  what.id = sandbox->data.id;
  what.host_name = sandbox->data.id;
  what.directory = self->directory_of(*sandbox);
  what.environment = environment_of(sandbox->data);
  what.environment[toolbox_settings_variable] = self->options_.toolbox_settings;
  what.memory_limit = static_cast<std::uint64_t>(sandbox->data.memory * 1024 * 1024 * 1024);
  what.cpus = sandbox->data.cpu;
  std::string failure;
  sandbox->early_end.clear();
  sandbox->base_changes = self->base_changes_;
  try {
    toolbox_channel channel = co_await self->runner_->launch(std::move(what));
    if (!sandbox->early_end.empty())
      throw std::runtime_error{fmt::format("it ended as soon as it was up: {}", sandbox->early_end)};
    const auto egress = sandbox->data.network_block_all ? nullptr : self->egress_;
    sandbox->live = std::make_shared<running_sandbox>(self->executor_, std::move(channel), egress,
                                                      self->dropping_idle_connections());
    sandbox->live->start();
  } catch (const std::exception& error) {
    failure = error.what();
  }
  sandbox->data.error_reason.reset();
  sandbox->data.recoverable.reset();
  if (failure.empty()) {
    self->settle(*sandbox, "started", "started");
    self->note_changed_base(*sandbox);
    co_return;
  }
  sandbox->data.error_reason = failure;
  sandbox->data.recoverable = true;
  self->settle(*sandbox, "error", "started");
  throw http_error{400, fmt::format("Sandbox failed to start: {}", failure), "SANDBOX_STATE_ERROR"};
}

asio::awaitable<sandbox_data> sandboxes::stop(std::shared_ptr<sandboxes> self, std::string id_or_name, bool force) {
  const auto sandbox = self->require(id_or_name);
  self->require_steady(*sandbox);
  if (sandbox->data.state != "started") throw http_error{400, "Sandbox is not in a stoppable state"};
  if (sandbox->is_ephemeral()) {
    self->begin_removal(*sandbox);
    self->in_background(finish_remove(self, sandbox));
  } else {
    self->begin(*sandbox, "stopping", "stopped");
    self->in_background(finish_stop(self, sandbox, force));
  }
  co_return sandbox->data;
}

asio::awaitable<void> sandboxes::finish_stop(std::shared_ptr<sandboxes> self, entry_ptr sandbox, bool force) {
  const auto live = std::exchange(sandbox->live, nullptr);
  std::string failure;
  try {
    co_await self->runner_->stop(sandbox->data.id, force);
  } catch (const std::exception& error) {
    failure = error.what();
  }
  if (live) live->close();
  sandbox->data.error_reason.reset();
  sandbox->data.recoverable.reset();
  if (!failure.empty()) {
    sandbox->data.error_reason = failure;
    sandbox->data.recoverable = true;
  }
  self->settle(*sandbox, failure.empty() ? "stopped" : "error", "stopped");
}

asio::awaitable<sandbox_data> sandboxes::remove(std::shared_ptr<sandboxes> self, std::string id_or_name) {
  const auto failed = self->by_id_.find(id_or_name);
  const bool again = failed != self->by_id_.end() && failed->second->failed_removal();
  const auto sandbox = again ? failed->second : self->require(id_or_name);
  self->require_steady(*sandbox);
  const bool recorded = self->begin_removal(*sandbox);
  const auto removal = self->in_background(finish_remove(self, sandbox));
  co_await wait_for(removal, recorded ? patience_with_removal : no_limit);
  co_return sandbox->data;
}

asio::awaitable<void> sandboxes::finish_remove(std::shared_ptr<sandboxes> self, entry_ptr sandbox) {
  const auto live = std::exchange(sandbox->live, nullptr);
  std::string failure;
  try {
    co_await self->runner_->remove(sandbox->data.id, self->directory_of(*sandbox));
  } catch (const std::exception& error) {
    failure = error.what();
  }
  if (live) live->close();
  if (failure.empty()) failure = self->forget(sandbox);
  if (failure.empty()) co_return;
  sandbox->data.error_reason = failure;
  const bool recorded = self->settle(*sandbox, "error", "destroyed");
  if (!recorded && !sandbox->recorded_end)
    throw http_error{500, fmt::format("Sandbox could not be removed: {}", failure), std::string{unsaved_code}};
}

const sandbox_data& sandboxes::get(std::string_view id_or_name) const { return require(id_or_name)->data; }

sandbox_data sandboxes::set_labels(std::string_view id_or_name, std::map<std::string, std::string> labels) {
  const auto sandbox = require(id_or_name);
  auto next = sandbox->data;
  next.labels = std::move(labels);
  http::byte_share text{texts_};
  const auto size = text_size(next), before = text_size(sandbox->data);
  if (size > before && !text.take(size - before)) refuse_text();
  change(*sandbox, std::move(next));
  text.give_back();
  sandbox->text.give_back();
  std::ignore = sandbox->text.take(size);
  return sandbox->data;
}

void sandboxes::refuse_text() const {
  throw http_error{400, fmt::format("the labels and environments of all sandboxes take the {} bytes that there are for "
                                    "them: remove sandboxes or labels, or send shorter ones",
                                    texts_->most())};
}

void sandboxes::touch(std::string_view id_or_name) {
  const auto sandbox = require(id_or_name);
  sandbox->data.last_activity_at = http::timestamp_now();
}

sandbox_list sandboxes::all(bool failed_removals) const {
  sandbox_list list;
  list.reserve(by_id_.size());
  for (const auto& [id, sandbox] : by_id_)
    if (sandbox->data.desired_state != "destroyed" || (failed_removals && sandbox->failed_removal()))
      list.push_back(&sandbox->data);
  return list;
}

std::shared_ptr<running_sandbox> sandboxes::running(std::string_view id) const {
  const auto sandbox = find(id);
  return sandbox ? sandbox->live : nullptr;
}

bool sandboxes::drop_idle_connections() {
  std::size_t dropped = 0;
  for (const auto& [id, sandbox] : by_id_)
    if (sandbox->live) dropped += sandbox->live->drop_idle();
  return dropped > 0;
}

std::function<void()> sandboxes::dropping_idle_connections() {
  return [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->drop_idle_connections();
  };
}

sandboxes::entry_ptr sandboxes::find(std::string_view id_or_name) const {
  auto found = by_id_.find(std::string{id_or_name});
  if (found == by_id_.end()) {
    const auto named = id_by_name_.find(std::string{id_or_name});
    if (named != id_by_name_.end()) found = by_id_.find(named->second);
  }
  return found == by_id_.end() ? nullptr : found->second;
}

sandboxes::entry_ptr sandboxes::require(std::string_view id_or_name) const {
  auto sandbox = find(id_or_name);
  if (!sandbox || sandbox->failed_removal())
    throw http_error{404, fmt::format("Sandbox with ID or name {} not found", id_or_name)};
  return sandbox;
}

void sandboxes::require_steady(const entry& sandbox) const {
  if (!is_steady(sandbox.data.state)) throw http_error{409, "Sandbox state change in progress", std::string{busy_code}};
}

void sandboxes::insert(const entry_ptr& sandbox) {
  by_id_[sandbox->data.id] = sandbox;
  if (sandbox->data.desired_state != "destroyed") id_by_name_[sandbox->data.name] = sandbox->data.id;
}

std::filesystem::path sandboxes::directory_of(const entry& sandbox) const {
  return options_.directory / sandbox.data.id;
}

}  // namespace daytona::local
