#include "daytona/local/server.hpp"

#include <daytona/error.hpp>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <limits>
#include <optional>

#include "local/control/api.hpp"
#include "local/control/base_watch.hpp"
#include "local/control/data_directory.hpp"
#include "local/control/egress_proxy.hpp"
#include "local/control/host_helper_runner.hpp"
#include "local/control/random.hpp"
#include "local/control/snapshots.hpp"
#include "local/control/toolbox_program.hpp"
#include "local/control/toolbox_settings.hpp"
#include "local/http/envelope.hpp"
#include "local/isolation/base_tree.hpp"
#include "protocol/url.hpp"

namespace daytona::local::inline v0 {
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

[[noreturn]] void refuse(const std::string& message) {
  throw bad_request_error{make_error_code(errc::invalid_argument), "local backend: " + message};
}

asio::ip::address address_of(const server_options& options) {
  boost::system::error_code error;
  const auto address = asio::ip::make_address(options.host == "localhost" ? "127.0.0.1" : options.host, error);
  if (error) refuse(fmt::format("host must be an address of this machine, not '{}'", options.host));
  if (!address.is_loopback() && !options.allow_remote)
    refuse(
        fmt::format("host {} can be reached from other machines, and whoever has the key can run programs here; "
                    "allow_remote (--allow-remote) "
                    "says that you mean it",
                    options.host));
  return address;
}

base_choice base_of(const server_options& options) {
  try {
    return choose_base(options.base);
  } catch (const std::invalid_argument& error) {
    refuse(error.what());
  }
}

void check_options(const server_options& options) {
  if (options.cgroup != "off" && options.cgroup != "auto" && !options.cgroup.starts_with('/'))
    refuse(
        fmt::format("cgroup '{}' is none of off, auto, and absolute paths with colons between them", options.cgroup));
  if (options.max_sandboxes == 0) refuse("max_sandboxes must be at least 1");
  constexpr auto largest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (options.max_log_size > largest || options.max_logs_size > largest)
    refuse(fmt::format("max_log_size and max_logs_size must be at most {}", largest));
  constexpr std::size_t smallest_buffer = 4096;
  if (options.max_pty_buffer < smallest_buffer)
    refuse(fmt::format("max_pty_buffer must be at least {}", smallest_buffer));
  for (const char c : options.api_key)
    if (c <= ' ' || c == 0x7F) refuse("api_key must hold neither blanks nor control characters");
}

egress_rules rules_of(const server_options& options) {
  try {
    return egress_rules{options.egress_allow};
  } catch (const std::invalid_argument& error) {
    refuse(fmt::format("egress_allow: {}", error.what()));
  }
}

/// Who does not know the name of a sandbox can't come to its files: the folder is passed through by their users, and listed by its owner alone.
void make_folder_of_sandboxes(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error) std::filesystem::permissions(folder, std::filesystem::perms{0711}, error);
  if (error)
    refuse(fmt::format("cannot make the folder {}: {}; move away what is there, or name another data directory",
                       folder.string(), error.message()));
}

std::unique_ptr<http::listener> listen(const asio::any_io_executor& executor, const tcp::endpoint& endpoint) {
  try {
    return std::make_unique<http::listener>(executor, endpoint);
  } catch (const boost::system::system_error& error) {
    refuse(fmt::format("cannot listen on {}:{}: {}; choose another port, or 0 for a free one",
                       endpoint.address().to_string(), endpoint.port(), error.code().message()));
  }
}

std::string url_of(const tcp::endpoint& endpoint) {
  auto address = endpoint.address();
  if (address.is_unspecified()) address = asio::ip::address_v4::loopback();
  return "http://" + protocol::host_and_port(address.to_string(), endpoint.port());
}

std::string masked(const std::string& key) {
  return key.size() < 12 ? "…" : key.substr(0, 4) + "…" + key.substr(key.size() - 4);
}

}  // namespace

class server::impl {
 public:
  impl(server_options wanted, local::data_directory opened)
      : options{std::move(wanted)}, directory{std::move(opened)} {}
  ~impl() {
    directory.disown();
    if (stopped) return;
    if (listener) listener->close();
    if (all) all->call_off_kills();
    if (helper) {
      helper->abandon();  // its end is the end of every sandbox, and of a temporary directory
      return;
    }
    state.reset();
    directory.withdraw();
  }

  static asio::awaitable<void> begin(std::shared_ptr<impl> self);
  static asio::awaitable<void> end(std::shared_ptr<impl> self);
  std::string limits() const {
    return helper->isolation().limits + "; " + session_limits_description(options) + "; " +
           pty_limits_description(options) + "; " + interpreter_limits_description(options);
  }

  server_options options;
  base_choice base = base_of(options);
  local::data_directory directory;
  std::shared_ptr<store> state;
  std::optional<host_helper> helper;
  std::unique_ptr<base_watch> watch;
  std::function<void(std::string)> notice_handler;
  std::unique_ptr<http::listener> listener;
  std::shared_ptr<sandboxes> all;
  std::string base_url;
  std::string key;
  std::shared_ptr<fault_list> faults = std::make_shared<fault_list>();
  bool stopped = false;

 private:
  platform make_platform();
  void watch_helper();
  void watch_base(const asio::any_io_executor& executor);
};

asio::awaitable<void> server::impl::begin(std::shared_ptr<impl> self) {
  const auto executor = co_await asio::this_coro::executor;
  const auto& options = self->options;
  const tcp::endpoint endpoint{address_of(options), options.port};
  self->state = std::make_shared<store>(self->directory.path() / "state.db");
  const auto folder = self->directory.path() / "sandboxes";
  make_folder_of_sandboxes(folder);
  self->key = options.api_key.empty() ? self->state->setting("api-key", "dtn_" + random_hex(32)) : options.api_key;
  self->listener = listen(executor, endpoint);
  self->base_url = url_of(self->listener->endpoint());

  host_helper_options helper_options;
  helper_options.program = find_toolbox_program(options.toolbox);
  helper_options.data_directory = self->directory.path();
  helper_options.base = self->base.source;
  helper_options.cgroup = options.cgroup;
  helper_options.isolation = options.isolation;
  helper_options.require = options.require_isolation;
  helper_options.temporary = self->directory.is_temporary();
  helper_options.lock = self->directory.lock_descriptor();
  host_helper helper = co_await host_helper::start(std::move(helper_options));
  self->helper.emplace(std::move(helper));
  self->watch_base(executor);

  const platform about = self->make_platform();
  sandboxes_options all_options;
  all_options.directory = folder;
  all_options.organization_id = about.organization_id;
  all_options.toolbox_proxy_url = about.toolbox_url();
  all_options.toolbox_settings = toolbox_settings(options, general_entrypoint());
  all_options.most = options.max_sandboxes;
  auto runner = std::make_shared<host_helper_runner>(*self->helper);
  self->all = std::make_shared<sandboxes>(executor, self->state, std::move(runner), std::move(all_options));
  self->all->set_egress(std::make_shared<egress_proxy>(rules_of(options))->service());
  self->watch_helper();
  co_await sandboxes::recover(self->all);
  self->listener->start(std::make_shared<api>(self->all, about, self->key, self->faults)->service());
}

platform server::impl::make_platform() {
  platform about;
  about.base_url = base_url;
  about.organization_id = state->setting("organization-id", random_uuid());
  about.made_at = state->setting("made-at", http::timestamp_now());
  about.isolation = helper->isolation().description;
  about.limits = limits();
  about.base = base.description;
  about.key_hint = masked(key);
  return about;
}

void server::impl::watch_helper() {
  helper->on_exit([weak = std::weak_ptr{all}](std::string id, std::string reason) {
    if (const auto alive = weak.lock()) alive->ended(id, reason);
  });
  helper->on_lost([weak = std::weak_ptr{all}](std::string reason) {
    if (const auto alive = weak.lock()) alive->all_ended(reason);
  });
}

void server::impl::watch_base(const asio::any_io_executor& executor) {
  if (!base.is_machine() || helper->isolation().mode == isolation_mode::none) return;
  watch = std::make_unique<base_watch>(executor, base.source, [this] {
    const auto told = all ? all->base_changed() : 0;
    if (told > 0 && notice_handler)
      notice_handler(fmt::format(
          "this machine's programs changed under {} running sandboxes, which see them in an undefined state until they "
          "are stopped and started; their errorReason says so (a tree of its own, --base=PATH, does not change)",
          told));
  });
  if (!watch->failure().empty()) base.description += "; not all its changes are noticed (" + watch->failure() + ")";
}

asio::awaitable<void> server::impl::end(std::shared_ptr<impl> self) {
  // Each step may be done again: a call that was cancelled is followed by one that goes on.
  if (self->stopped) co_return;
  self->listener->close();
  self->watch.reset();
  co_await sandboxes::shut_down(self->all, self->directory.is_temporary());
  co_await self->helper->close();
  if (!std::exchange(self->stopped, true)) self->directory.release();
}

asio::awaitable<server> server::start(server_options options) {
  check_options(options);
  base_of(options);
  rules_of(options);
  address_of(options);
  std::optional<local::data_directory> directory;
  if (options.data_directory.empty())
    directory.emplace(local::data_directory::temporary());
  else
    directory = co_await local::data_directory::at(options.data_directory);
  const auto made = std::make_shared<impl>(std::move(options), std::move(*directory));
  co_await impl::begin(made);
  co_return server{made};
}

server::server(std::shared_ptr<impl> shared) : impl_{std::move(shared)} {}

daytona::config server::config() const {
  daytona::config made;
  made.api_url = url();
  made.api_key = impl_->key;
  return made;
}

std::string server::url() const { return impl_->base_url + "/api"; }
std::string server::api_key() const { return impl_->key; }
std::filesystem::path server::data_directory() const { return impl_->directory.path(); }
isolation_mode server::isolation() const { return impl_->helper->isolation().mode; }
std::string server::isolation_description() const { return impl_->helper->isolation().description; }
std::string server::base_description() const { return impl_->base.description; }
void server::on_notice(std::function<void(std::string)> handler) { impl_->notice_handler = std::move(handler); }
std::string server::limits_description() const { return impl_->limits(); }

std::string server::inject(fault what) {
  try {
    return impl_->faults->add(std::move(what));
  } catch (const std::invalid_argument& error) {
    refuse(error.what());
  }
}

std::vector<injected_fault> server::faults() const { return impl_->faults->all(); }
bool server::remove_fault(std::string_view id) { return impl_->faults->remove(id); }
void server::clear_faults() { impl_->faults->clear(); }

asio::awaitable<void> server::stop() { return impl::end(impl_); }

}  // namespace daytona::local::inline v0
